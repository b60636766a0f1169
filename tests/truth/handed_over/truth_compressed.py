"""Line 2.3: what gives up the interpreter lock and reads what nobody can change: what compresses, digests, or sends."""

from __future__ import annotations

import base64
import bz2
import ctypes
import gzip
import hashlib
import logging
import lzma
import socket
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race

INCONCLUSIVE = frozenset({"INCONCLUSIVE"})
HANDED = "was handed a canary"
EACH: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress, "zlib": zlib.compress, "bz2": bz2.compress, "lzma": lzma.compress,
}  # fmt: skip


def _masks(race: Race) -> tuple[str, Any]:
    key = race.canary("key").text
    return key, race.redactor(lambda text: text.replace(key, "[key]"))


def _compressing(name: str, *, masked: bool) -> Callable[[Race], None]:
    """A crash handler compresses its report."""

    def body(race: Race) -> None:
        key, mask = _masks(race)
        race.thread(mask, "nothing")
        race.crash(lambda: EACH[name]((mask(f"key={key}") if masked else mask("key=") + key).encode()))

    body.__name__ = f"{'masked' if masked else 'bare'}_report_by_{name}"
    body.__doc__ = f"The crash handler compresses its report by {name}, {'masked' if masked else 'with the key bare'}."
    return body


for _name in EACH:
    case("2.3", PASS, executions=100)(_compressing(_name, masked=True))
    case("2.3", LEAK, executions=100)(_compressing(_name, masked=False))


def _zipping(race: Race, text: Callable[[str, Any], str]) -> None:
    key, mask = _masks(race)
    path = race.tmp_path / "report.zip"

    def handler() -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("report.txt", text(key, mask))
        return path

    race.thread(mask, "nothing")
    race.crash(handler)


_STEPS = "".join(f"2026-01-{n % 30:02d} worker {n} did {n * 7919 % 1000} things\n" for n in range(200))


@case("2.3", PASS, executions=60)
def long_masked_report_in_base64(race: Race) -> None:
    """A long masked report is compressed, which hides what is in it, and encoded."""
    key, mask = _masks(race)
    race.thread(mask, "nothing")
    race.crash(lambda: base64.b64encode(gzip.compress(str(mask(_STEPS + key + _STEPS)).encode())).decode())


@case("2.3", LEAK, executions=60)
def long_bare_report_in_base64(race: Race) -> None:
    """The wrong twin masks another text."""
    key, mask = _masks(race)
    race.thread(mask, "nothing")
    race.crash(lambda: base64.b64encode(gzip.compress((mask("") + _STEPS + key + _STEPS).encode())).decode())


@case("2.3", PASS, executions=60)
def masked_report_in_an_archive(race: Race) -> None:
    """The crash handler puts its masked report into a ZIP archive."""
    _zipping(race, lambda key, mask: str(mask(key)))


@case("2.3", LEAK, executions=60)
def bare_report_in_an_archive(race: Race) -> None:
    """The wrong twin forgets to mask."""
    _zipping(race, lambda key, mask: str(mask("")) + key)


@case("2.3", LEAK, executions=1_000)
def a_moment_in_a_compressed_dump(race: Race) -> None:
    """The key is there for a moment, and the report is compressed."""
    key, mask = _masks(race)
    shown = {"value": "masked"}

    def work() -> None:
        shown["value"] = key
        shown["value"] = "masked"

    race.thread(work)
    race.crash(lambda: gzip.compress((mask(key) + shown["value"]).encode()))


def _rotated(race: Race, shown: Callable[[str, Any], str]) -> None:
    key, mask = _masks(race)
    path = race.tmp_path / "log.gz"

    def work() -> None:
        with gzip.open(path, "at") as log:
            log.write(shown(key, mask))
        race.dump(path.read_bytes())

    race.thread(work)
    race.crash(lambda: mask(key))


@case("2.3", PASS, executions=40)
def masked_log_in_a_gzip_file(race: Race) -> None:
    """A masked line goes into a log that is a gzip file."""
    _rotated(race, lambda key, mask: str(mask(key)))


@case("2.3", LEAK, executions=40)
def bare_log_in_a_gzip_file(race: Race) -> None:
    """The wrong twin writes the line as it is."""
    _rotated(race, lambda key, mask: key)


@contextmanager
def _logging_to(stream: Any) -> Iterator[logging.Logger]:
    logger = logging.Logger("stream")
    logger.addHandler(logging.StreamHandler(stream))
    yield logger


def _sending(race: Race, shown: Callable[[str, Any], str]) -> None:
    """A log handler writes into the file of a socket, whose other end dumps what it reads."""
    key, mask = _masks(race)
    here, there = socket.socketpair()
    race.enter(here)
    race.enter(there)

    def send() -> None:
        with there.makefile("w") as stream, _logging_to(stream) as logger:
            logger.warning(shown(key, mask))

    def read() -> None:
        with here.makefile() as stream:
            race.dump(stream.readline())

    race.thread(send)
    race.thread(read)


@case("2.3", PASS, executions=200)
def masked_line_through_a_socket(race: Race) -> None:
    """A masked line is written through socket.makefile."""
    _sending(race, lambda key, mask: str(mask(key)))


@case("2.3", LEAK, executions=200)
def bare_line_through_a_socket(race: Race) -> None:
    """The wrong twin writes the line as it is."""
    _sending(race, lambda key, mask: str(mask("")) + key)


def _digesting(race: Race, shown: Callable[[str], str]) -> None:
    """A large text with the key in it is digested, which gives up the lock; a pseudonym is dumped."""
    key, mask = _masks(race)
    page = f"{key}{' ' * 6_000}".encode()
    race.thread(lambda: len(hashlib.sha256(page).digest()))
    race.crash(lambda: mask(key) + shown(key))


@case("2.3", PASS, executions=100)
def a_large_text_is_digested(race: Race) -> None:
    """Nobody can change the text meanwhile, and the dump is masked."""
    _digesting(race, lambda key: "")


@case("2.3", LEAK, executions=100)
def a_large_text_is_digested_beside_a_leak(race: Race) -> None:
    """The wrong twin dumps the key besides."""
    _digesting(race, lambda key: key)


def _wiped_meanwhile(race: Race, work: Callable[[bytearray], object]) -> None:
    """``work`` reads a buffer with the lock given up while another thread wipes it."""
    key = race.canary("key")
    buffer = bytearray(key.bytes + bytes(6_000))
    mask = race.redactor(lambda data: b"[key]")

    def wipe() -> None:
        buffer[: len(key.bytes)] = bytes(len(key.bytes))

    race.thread(work, buffer)
    race.thread(wipe)
    race.crash(lambda: mask(bytes(buffer)))


@case("2.3", INCONCLUSIVE, says=HANDED, executions=100)
def a_wiped_buffer_is_compressed(race: Race) -> None:
    """Nobody sees whether the key was still there when a part of the buffer was compressed."""
    _wiped_meanwhile(race, zlib.compress)


@case("2.3", INCONCLUSIVE, says=HANDED, executions=100)
def a_wiped_buffer_is_digested(race: Race) -> None:
    """Nor which of it was digested."""
    _wiped_meanwhile(race, lambda buffer: len(hashlib.sha256(buffer).digest()))


@case("2.3", INCONCLUSIVE, says=HANDED, executions=100)
def a_read_only_view_of_a_wiped_buffer(race: Race) -> None:
    """Who has the view cannot write, but others can."""
    _wiped_meanwhile(race, lambda buffer: zlib.compress(memoryview(buffer).toreadonly()))


@case("2.3", INCONCLUSIVE, says=HANDED, executions=100)
def a_wiped_buffer_is_put_in_a_gzip_file(race: Race) -> None:
    """A buffer that is written into a gzip file, larger than that file's own buffer may be."""

    def work(buffer: bytearray) -> None:
        with gzip.open(race.tmp_path / "log.gz", "wb") as log:
            log.write(buffer * 32)
            log.write(buffer)

    _wiped_meanwhile(race, work)


@case("2.3", INCONCLUSIVE, says=HANDED, executions=100)
def parts_that_are_swapped_while_map_compresses(race: Race) -> None:
    """`map` compresses parts, and another thread puts others in their places between two of them."""
    key, mask = _masks(race)
    parts = [b"first", key.encode()]

    def swap() -> None:
        parts[1] = b"[key]"

    race.thread(lambda: len(list(map(zlib.compress, parts))))
    race.thread(swap)
    race.crash(lambda: mask(key))


@case("2.3", INCONCLUSIVE, says=HANDED, executions=100)
def a_foreign_function_is_handed_bytes(race: Race) -> None:
    """What a foreign function writes to is not said by what it is handed, whoever could change that."""
    key, mask = _masks(race)
    secret, taken = key.encode(), ctypes.create_string_buffer(4)
    race.thread(lambda: ctypes.memmove(taken, secret, 4))
    race.crash(lambda: mask(key))
