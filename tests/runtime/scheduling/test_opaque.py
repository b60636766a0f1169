"""Calls that give up the interpreter lock are neither seen nor stopped: they are named, and nothing is proved."""

from __future__ import annotations

import bz2
import ctypes
import functools
import hashlib
import hmac
import lzma
import os
import sqlite3
import sys
import zlib
from collections.abc import Callable
from typing import Any

import cffi
import pytest
from driving import bounded, randomly, run

from redactfuzz import Race, explore, raw
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict

CALLS = Granularity.CALLS
FFI = cffi.FFI()
FFI.cdef("void *memset(void *s, int c, size_t n);")
LIBC = FFI.dlopen(None)
MEMSET = ctypes.CDLL(None).memset
MEMSET.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)


def wipe_by_ctypes(buffer: Any) -> None:
    ctypes.memset(buffer, 0, len(buffer))


def wipe_by_foreign_function(buffer: Any) -> None:
    MEMSET(buffer, 0, len(buffer))


def wipe_by_cffi(buffer: Any) -> None:
    LIBC.memset(FFI.from_buffer(buffer), 0, len(buffer))


def wipe_by_python(buffer: Any) -> None:
    for n in range(len(buffer)):
        buffer[n] = 0


SQUEEZED = lzma.compress(b"text")
WIPES: dict[str, Callable[[Any], None]] = {
    "ctypes.memset": wipe_by_ctypes,
    "ctypes foreign function": wipe_by_foreign_function,
    "ctypes by address": lambda buffer: MEMSET(ctypes.addressof(buffer), 0, len(buffer)),
    "ctypes by reference": lambda buffer: MEMSET(ctypes.byref(buffer), 0, len(buffer)),
    "ctypes by pointer": lambda buffer: MEMSET(ctypes.cast(buffer, ctypes.c_void_p), 0, len(buffer)),
    "cffi": wipe_by_cffi,
    "cffi by pointer": lambda buffer: LIBC.memset(FFI.cast("char *", FFI.from_buffer(buffer)), 0, len(buffer)),
}


def wiping(wipe: Callable[[Any], None]) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        buffer = (ctypes.c_char * 32)()
        race.canary("key", raw(32)).write_into(buffer)
        scrub = race.redactor(lambda data: b"[gone]")
        race.thread(wipe, buffer, name="wipes")
        race.crash(lambda: scrub(bytes(buffer)))

    return body


@pytest.mark.parametrize("wipe", WIPES)
def test_wiping_a_canary_through_a_foreign_function_is_inconclusive_with_the_reason(wipe: str) -> None:
    ran = run(wiping(WIPES[wipe]))
    problem = ran.problem(ProblemKind.OPAQUE_CANARY)
    assert problem.fatal
    assert problem.where == "wipes"
    assert wipe.split(".")[0].split()[0] in problem.what, "it is named"
    assert "was handed a canary" in problem.what
    assert problem.remedy


@pytest.mark.parametrize("wipe", WIPES)
def test_its_verdict_is_inconclusive(wipe: str) -> None:
    report = explore(wiping(WIPES[wipe]), executions=30, seconds=20.0)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "gives up the interpreter lock" in report.reason.what


def test_a_pointer_that_leads_nowhere_does_no_harm() -> None:
    nothing = ctypes.CDLL(None).getpid
    nothing.argtypes = (ctypes.c_void_p,)
    for address in (None, 1, 1 << 20, 1 << 63, (1 << 64) - 1):
        ran = run(lambda race, address=address: race.thread(lambda: nothing(address)))  # type: ignore[misc]
        assert not ran.bugs
        assert ran.fatal == []


def test_a_foreign_function_that_is_the_thread_or_the_redactor_itself_is_noticed() -> None:
    def as_thread(race: Race) -> None:
        buffer = (ctypes.c_char * 32)()
        race.canary("key", raw(32)).write_into(buffer)
        race.thread(MEMSET, buffer, 0, 32, name="wipes")

    def as_redactor(race: Race) -> None:
        scrub = race.redactor(MEMSET, bypass=lambda *_: None)
        race.crash(lambda: scrub(ctypes.create_string_buffer(8), 0, 8))

    assert "was handed a canary" in run(as_thread).problem(ProblemKind.OPAQUE_CANARY).what
    assert "is called by the redactor" in run(as_redactor).problem(ProblemKind.OPAQUE_CANARY).what


def test_wiping_in_python_is_seen_and_not_opaque() -> None:
    assert not run(wiping(wipe_by_python)).problems


def test_a_foreign_function_that_gets_no_canary_is_only_listed() -> None:
    def body(race: Race) -> None:
        race.canary("key")
        race.thread(lambda: MEMSET(ctypes.create_string_buffer(8), 0, 8), name="clears")

    ran = run(body)
    assert ran.fatal == []
    assert ran.problem(ProblemKind.OPAQUE).where == "clears"


def test_a_redactor_that_calls_a_foreign_function_is_inconclusive_whatever_it_hands_over() -> None:
    other = ctypes.create_string_buffer(8)

    def scrub(text: str) -> str:
        MEMSET(other, 0, 8)
        return "[gone]"

    def body(race: Race) -> None:
        key = race.canary("key")
        scrubbed = race.redactor(scrub)
        race.crash(lambda: scrubbed(key.text))

    problem = run(body).problem(ProblemKind.OPAQUE_CANARY)
    assert "is called by the redactor" in problem.what


LISTED: dict[str, Callable[[int], object]] = {
    "posix.write": lambda fd: os.write(fd, b"text"),
    "posix.fsync": os.fsync,
    "zlib.compress": lambda fd: zlib.compress(b"text"),
    "BZ2Compressor.compress": lambda fd: bz2.BZ2Compressor().compress(b"text"),
    "LZMADecompressor.decompress": lambda fd: lzma.decompress(SQUEEZED),
    "Compress.flush": lambda fd: zlib.compressobj().flush(),
    "_hashlib.openssl_sha256": lambda fd: hashlib.sha256(bytes(2048)),
    "_blake2.blake2b": lambda fd: hashlib.blake2b(bytes(2048)),
    "HASH.update": lambda fd: hashlib.sha256().update(bytes(2048)),
    "zlib.crc32": lambda fd: zlib.crc32(bytes(6000)),
    "hmac_digest": lambda fd: hmac.digest(b"key", b"text", "sha256"),
    "Connection.execute": lambda fd: sqlite3.connect(":memory:").execute("select 1"),
    "_hashlib.pbkdf2_hmac": lambda fd: hashlib.pbkdf2_hmac("sha256", b"text", b"salt", 1),
    "FileIO.write": lambda fd: open(fd, "wb", buffering=0, closefd=False).write(b"text"),  # noqa: SIM115
}


@pytest.mark.parametrize("name", LISTED)
def test_what_releases_the_lock_is_listed_by_name_and_is_no_failure(name: str, tmp_path: Any) -> None:
    with (tmp_path / "file").open("wb") as file:
        ran = run(lambda race: race.thread(LISTED[name], file.fileno(), name="works"))
    assert not ran.bugs
    assert ran.fatal == []
    assert any(name.split(".")[-1] in problem.what for problem in ran.problems), ran.problems
    assert {problem.where for problem in ran.problems} == {"works"}


def small(race: Race, *, write: bool) -> None:
    """Small enough to be explored to its end."""
    box = [race.canary("key").text]
    scrub = race.redactor(lambda texts: ["[gone]"])
    descriptor = race.sink.fileno()

    def work() -> None:
        if write:
            os.write(descriptor, b"not secret")

    race.thread(work)
    race.crash(lambda: scrub(box), by="kill")


def test_a_scenario_that_writes_a_file_is_never_proved_and_the_call_is_in_its_certificate() -> None:
    report = explore(lambda race: small(race, write=True), executions=500, seconds=30.0)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert report.certificate is not None
    assert any("write" in line for line in report.certificate.opaque)


def test_the_same_scenario_without_the_write_is_proved() -> None:
    report = explore(lambda race: small(race, write=False), executions=500, seconds=30.0)
    assert report.verdict is Verdict.PROVED, report.reason
    assert report.certificate is not None
    assert report.certificate.opaque == ()


def test_the_middle_of_an_opaque_call_is_a_point_at_switch_granularity() -> None:
    orders: set[str] = set()

    def body(race: Race) -> None:
        log: list[str] = []
        descriptor = race.sink.fileno()

        def work() -> None:
            os.write(descriptor, b"x")
            log.append("w")

        race.thread(work)
        race.thread(lambda: log.append("o"), name="other")
        race.crash(lambda: orders.add("".join(log)))

    run(body, bounded(1, Granularity.SWITCHES), crash_last=True)
    assert orders == {"wo", "ow"}


REDACTORS: dict[str, Callable[[bytes], object]] = {
    "lzma": lambda data: lzma.decompress(lzma.compress(b"[gone]")),
    "bz2": lambda data: bz2.BZ2Compressor().compress(b"[gone]"),
    "zlib": lambda data: zlib.compressobj().flush(),
}
if sys.version_info >= (3, 14):
    from compression import zstd

    REDACTORS["zstd"] = lambda data: zstd.decompress(zstd.compress(b"[gone]"))


@pytest.mark.parametrize("name", REDACTORS)
def test_a_redactor_that_compresses_is_inconclusive(name: str) -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        scrub = race.redactor(REDACTORS[name])
        race.crash(lambda: str(scrub(key.bytes)))

    assert "is called by the redactor" in run(body).problem(ProblemKind.OPAQUE_CANARY).what


def test_a_redactor_that_hashes_little_data_is_proved() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        key.allow_derived("sha256 hex")
        box = [key.text]
        scrub = race.redactor(lambda texts: [hashlib.sha256(texts[0].encode()).hexdigest()])
        race.thread(int)
        race.crash(lambda: scrub(box), by="kill")

    report = explore(body, executions=500, seconds=30.0)
    assert report.verdict is Verdict.PROVED, report.reason


WRITES: dict[str, Callable[[int, Any], object]] = {
    "os.write": os.write,
    "a raw file": lambda fd, data: open(fd, "wb", buffering=0, closefd=False).write(data),  # noqa: SIM115
}


@pytest.mark.parametrize("name", WRITES)
def test_a_canary_that_is_written_is_listed_and_one_that_can_change_meanwhile_accuses(name: str, tmp_path: Any) -> None:
    with (tmp_path / "file").open("wb") as file:

        def body(race: Race, kind: Callable[[bytes], Any]) -> None:
            race.thread(WRITES[name], file.fileno(), kind(race.canary("key").bytes))

        immutable = run(lambda race: body(race, bytes))
        assert immutable.fatal == []
        assert immutable.problem(ProblemKind.OPAQUE)
        assert "was handed a canary" in run(lambda race: body(race, bytearray)).problem(ProblemKind.OPAQUE_CANARY).what


HELD: dict[str, Callable[[Any], object]] = {
    "partial": lambda buffer: functools.partial(MEMSET, buffer, 0, 32)(),
    "partial, given the rest": lambda buffer: functools.partial(MEMSET)(buffer, 0, 32),
    "map": lambda buffer: list(map(zlib.compress, [b"text"])),
    "filter": lambda buffer: list(filter(zlib.compress, [b"text"])),
}


@pytest.mark.parametrize("name", HELD)
def test_what_c_code_calls_for_the_program_is_opaque_too(name: str) -> None:
    def body(race: Race) -> None:
        key = race.canary("key", raw(32))
        buffer = ctypes.create_string_buffer(32)
        key.write_into(buffer)
        race.thread(lambda: HELD[name](buffer))

    ran = run(body, randomly(2))  # at the second look it is known that the call gives up the lock
    assert not ran.bugs
    if "partial" in name:
        assert "was handed a canary" in ran.problem(ProblemKind.OPAQUE_CANARY).what
    else:
        whose = "zlib" if hasattr(zlib, "__file__") else "the interpreter"  # which has it built in
        assert f"{whose}, at test_opaque.py" in ran.problem(ProblemKind.OPAQUE).what


def test_a_thread_may_be_a_partial_of_a_foreign_function() -> None:
    def body(race: Race) -> None:
        race.canary("key")
        race.thread(functools.partial(MEMSET, ctypes.create_string_buffer(8), 0, 8))

    assert run(body).problem(ProblemKind.OPAQUE)
