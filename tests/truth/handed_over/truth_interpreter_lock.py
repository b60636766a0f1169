"""Line 2.3: C code that gives up the interpreter lock is seen, whoever calls it and however deep."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import hmac
import itertools
import operator
import os
import sqlite3
import zlib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from truth import NO_PROOF, PASS, WITHHELD, case

from redactfuzz import Race

_EVERYTHING = {"strategy": "exhaustive", "granularity": "switches", "executions": 5_000}
PROVED = frozenset({"PROVED"})


def _wiping(race: Race, wipe: Callable[[bytearray], object]) -> None:
    """A secret is wiped in place by a Python loop, and ``wipe`` works beside it; the dump is masked."""
    key = race.canary("key")
    buffer = bytearray(key.text, "ascii")
    mask = race.redactor(lambda data: b"[key]")
    race.thread(wipe, buffer)
    race.crash(lambda: mask(bytes(buffer)))


def _null() -> int:
    return os.open(os.devnull, os.O_WRONLY)


@case("2.3", PROVED, **_EVERYTHING)
def builtins_that_keep_the_lock(race: Race) -> None:
    """Callbacks, iterators and small digests in C code, none of which gives up the lock: proved as ever."""

    def work(buffer: bytearray) -> None:
        list(itertools.starmap(operator.add, [(1, 2)]))
        list(map(operator.call, [dict]))
        sorted([2, 1], key=functools.partial(operator.mul, 2))
        hashlib.sha256(b"small").digest()
        -1 in map(int, ["3"])  # noqa: B015

    _wiping(race, work)


@case("2.3", NO_PROOF, says="the interpreter, at", **_EVERYTHING)
def starmap_of_pwrite(race: Race) -> None:
    """A file is overwritten by pwrite, which starmap calls."""
    fd = _null()
    _wiping(race, lambda buffer: list(itertools.starmap(os.write, [(fd, b"***"), (fd, b"***")])))


@case("2.3", NO_PROOF, says="the interpreter, at", **_EVERYTHING)
def membership_in_an_iterator(race: Race) -> None:
    """`in` draws from an iterator whose function gives up the lock."""
    fd = _null()
    _wiping(race, lambda buffer: -1 in itertools.starmap(os.write, [(fd, b"***")]))


@case("2.3", NO_PROOF, says="the interpreter, at", **_EVERYTHING)
def a_key_function_in_c(race: Race) -> None:
    """`min` asks a key function, which is a partial of os.write."""
    fd = _null()
    _wiping(race, lambda buffer: min([b"a", b"b"], key=functools.partial(os.write, fd)))


@case("2.3", NO_PROOF, says="the interpreter, at", **_EVERYTHING)
def a_deque_that_consumes(race: Race) -> None:
    """A deque consumes a map of operator.call over methods."""
    file = Path(os.devnull).open("wb", buffering=0)  # noqa: SIM115
    race.enter(file)
    _wiping(race, lambda buffer: deque(map(operator.methodcaller("write", b"x"), [file]), maxlen=0))


@case("2.3", NO_PROOF, says="_hashlib, at", **_EVERYTHING)
def a_large_digest_by_map(race: Race) -> None:
    """A digest of a large buffer, by map."""
    large = bytes(1 << 16)
    _wiping(race, lambda buffer: list(map(hashlib.sha256, [large])))


@case("2.3", NO_PROOF, says="_sqlite3, at", **_EVERYTHING)
def a_database_behind_a_callback(race: Race) -> None:
    """`reduce` calls execute of a database."""
    base = sqlite3.connect(":memory:", check_same_thread=False)
    race.enter(base)
    _wiping(race, lambda buffer: functools.reduce(lambda b, a: b, map(base.execute, ["select 1"])))


@case("2.3", NO_PROOF, says="the interpreter, at", **_EVERYTHING)
def print_to_a_file(race: Race) -> None:
    """`print` writes a line into a file, in C code."""
    file = Path(os.devnull).open("w", buffering=1)  # noqa: SIM115
    race.enter(file)
    _wiping(race, lambda buffer: print("state: fine", file=file))


@case("2.3", NO_PROOF, says="the interpreter, at", **_EVERYTHING)
def unpacking_that_writes(race: Race) -> None:
    """`*iterator` in a list display draws from os.write."""
    fd = _null()
    _wiping(race, lambda buffer: [*map(functools.partial(os.write, fd), [b"x"])])


@case("2.3", WITHHELD, says="was handed a canary", **_EVERYTHING)
def starmap_of_memset(race: Race) -> None:
    """memset wipes the secret itself, called by starmap."""

    def wipe(buffer: bytearray) -> None:
        view = (ctypes.c_char * len(buffer)).from_buffer(buffer)
        list(itertools.starmap(ctypes.memset, [(view, 0, len(buffer))]))

    _wiping(race, wipe)


class _Wiped(bytearray):
    """Whether something is in it is asked of C code."""

    __contains__: Any = None


@case("2.3", WITHHELD, says="was handed a canary", **_EVERYTHING)
def an_operator_that_wipes(race: Race) -> None:
    """`in` calls memset, which wipes what the operator works on."""
    key = race.canary("key")
    buffer = _Wiped(key.text, "ascii")
    view = (ctypes.c_char * len(buffer)).from_buffer(buffer)
    mask = race.redactor(lambda data: b"[key]")
    _Wiped.__contains__ = staticmethod(functools.partial(ctypes.memset, ctypes.addressof(view), 0))
    race.thread(lambda: len(buffer) in buffer)
    race.crash(lambda: mask(bytes(buffer)))


@case("2.3", WITHHELD, says="is called by the redactor", **_EVERYTHING)
def the_redactor_hides_memset(race: Race) -> None:
    """The redactor wipes by an address that memset is handed in the middle of `any`."""
    key = race.canary("key")
    buffer = bytearray(key.text, "ascii")
    view = (ctypes.c_char * len(buffer)).from_buffer(buffer)
    where, size = ctypes.addressof(view), len(buffer)
    wipe = race.redactor(lambda: any(map(ctypes.memset, [where], [0], [size])), bypass=lambda: None)

    def work() -> None:
        wipe()
        race.dump(bytes(buffer))

    race.thread(work)


@case("2.3", WITHHELD, says="was handed a canary", **_EVERYTHING)
def a_buffer_read_into_by_map(race: Race) -> None:
    """readv overwrites the secret's own buffer, called by map."""
    fd = os.open("/dev/zero", os.O_RDONLY)
    _wiping(race, lambda buffer: list(map(os.readv, [fd], [[buffer]])))


@case("2.3", WITHHELD, says="is called by the redactor", **_EVERYTHING)
def a_redactor_that_compresses_deep(race: Race) -> None:
    """The redactor compresses many parts by map."""
    key = race.canary("key")
    shrink: Any = race.redactor(
        lambda text: [len(each) for each in map(zlib.compress, [text.encode() * 64])], bypass=lambda text: text
    )
    race.thread(lambda: race.dump(shrink(key.text)))


@case("2.3", PASS, executions=200)
def locks_and_waits_are_ours(race: Race) -> None:
    """Locks, conditions, threads and sleeps are controlled: handing over there is no opaque call."""
    import threading
    import time

    lock, done = threading.Condition(), threading.Event()

    def work(buffer: bytearray) -> None:
        with lock:
            lock.wait(0.1)
        thread = threading.Thread(target=done.set)
        thread.start()
        done.wait(1)
        thread.join()
        time.sleep(0.1)

    _wiping(race, work)


def _pseudonyms(race: Race, digest: Callable[[bytes], str]) -> None:
    """A secret is replaced by a keyed digest of it, which is declared."""
    key = race.canary("key")
    declare = getattr(key, "allow_derived", lambda derived: None)
    declare(lambda value: digest(value.encode()))
    mask = race.redactor(lambda text: text.replace(key.text, digest(key.text.encode())))
    race.thread(lambda: None)
    race.crash(lambda: mask(f"user {key.text}"))


@case("2.3", PASS, executions=60)
def a_pseudonym_by_hmac_new(race: Race) -> None:
    """The redactor makes a pseudonym by hmac.new of 32 bytes, which keeps the interpreter lock."""
    _pseudonyms(race, lambda data: hmac.new(b"salt", data, "sha1").hexdigest())


@case("2.3", PASS, executions=60)
def a_pseudonym_by_hmac_digest(race: Race) -> None:
    """The redactor makes it by hmac.digest, which gives the lock up, and reads what nobody can change."""
    _pseudonyms(race, lambda data: hmac.digest(b"salt", data, "sha256").hex())


@case("2.3", WITHHELD, executions=60)
def a_pseudonym_of_a_buffer(race: Race) -> None:
    """The wrong twin: hmac.digest reads a buffer with the lock given up, which another thread may wipe meanwhile."""
    key = race.canary("key")
    buffer = bytearray(key.bytes)
    mask = race.redactor(lambda data: hmac.digest(b"salt", data, "sha256").hex())
    race.thread(buffer.clear)
    race.crash(lambda: mask(buffer))
