"""What is packed in a part of an archive that no program shows is found; the same archive without it is clean."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from containers import ar, cpio, tar

from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

KEY = mint(33, "key", token(32), 1)
Make = Callable[[bytes], bytes]


def entry(mode: int, name: bytes, data: bytes) -> bytes:
    """Of a cpio archive."""
    fields = [1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + "".join(f"{field:08x}" for field in fields).encode() + name + b"\0"
    head += b"\0" * (-len(head) % 4)
    return head + data + b"\0" * (-len(data) % 4)


END = entry(0o100644, b"TRAILER!!!", b"")


def without_zeros(data: bytes) -> bytes:
    """As zlib, none of whose bytes is a zero: a name ends there."""
    for number in range(1000):
        packed = zlib.compress(random.Random(number).randbytes(150).hex().encode() + data[-40:], 9)
        if 0 not in packed:
            return packed
    raise AssertionError


def in_the_block(data: bytes) -> bytes:
    """What fills the block of a member of tar."""
    made = tar({"a": b"0123456789"})
    return made[:522] + data + made[522 + len(data) :]


def in_the_header(at: int, data: bytes) -> bytes:
    """A part of the header of a member of tar, and its checksum made anew."""
    made = bytearray(tar({"a": b"0123456789"}))
    made[at : at + len(data)] = data
    made[148:156] = b" " * 8
    made[148:156] = b"%06o\0 " % sum(made[:512])
    return bytes(made)


def named(data: bytes) -> bytes:
    """Gzip with a name."""
    made = gzip.compress(b"nothing of interest\n", mtime=0)
    return made[:3] + b"\x08" + made[4:10] + data + b"\0" + made[10:]


HIDDEN: dict[str, Make] = {
    "behind zeros at the end of ar": lambda d: b"!<arch>\n" + b"\n" * 60 + gzip.compress(d),
    "behind a member of ar": lambda d: ar({"a": b"x" * 80}) + bytes(60) + gzip.compress(d),
    "a device of cpio": lambda d: entry(0o020644, b"dev/null", gzip.compress(d)) + END,
    "a link of cpio": lambda d: entry(0o120777, b"bin/sh", gzip.compress(d)) + END,
    "the end mark of cpio": lambda d: entry(0o100644, b"a", b"x") + entry(0o100644, b"TRAILER!!!", gzip.compress(d)),
    "a name of cpio": lambda d: entry(0o100644, without_zeros(d), b"x") + END,
    "what fills a block of tar": lambda d: in_the_block(gzip.compress(d)),
    "a header of tar": lambda d: in_the_header(345, zlib.compress(d, 9)),
    "a name of tar": lambda d: in_the_header(2, zlib.compress(d[-40:], 9)),
    "a name of gzip": lambda d: named(without_zeros(d)),
}


def scanned(folder: Path, data: bytes) -> DumpReport:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([KEY], [])
    (folder / "dump").write_bytes(data)
    return scan_dump(folder / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(KEY,)))


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_packed_there_is_found(tmp_path: Path, name: str) -> None:
    assert verdict(scanned(tmp_path, HIDDEN[name](b"text " * 20 + KEY.bytes))) == "LEAK"


@pytest.mark.parametrize("name", HIDDEN)
def test_the_same_without_it_is_clean(tmp_path: Path, name: str) -> None:
    report = scanned(tmp_path, HIDDEN[name](b"text " * 20 + random.Random(1).randbytes(32).hex().encode()))
    assert (verdict(report), report.skipped) == ("CLEAN", ())


def test_ordinary_names_links_and_blocks_are_no_members(tmp_path: Path) -> None:
    folder = entry(0o040755, b"usr/share/doc/a-package-with-a-long-name/examples", b"")
    link = entry(0o120777, b"usr/lib/x86_64-linux-gnu/libfoo.so.1", b"libfoo.so.1.2.3")
    for data in (folder + link + END, named(b"access-2026-11-30T00:00:00.log"), ar({"a": b"x"}) + b"\n\n"):
        report = scanned(tmp_path, data)
        assert (verdict(report), report.skipped) == ("CLEAN", ())
        assert len(report.images) == 1 + data.startswith((b"\x1f\x8b", b"!<arch>"))


@pytest.mark.parametrize("cut", [0, 1])
def test_cpio_that_ends_before_its_end_mark_is_not_whole(tmp_path: Path, cut: int) -> None:
    whole = cpio({"a": b"first", "b": b"other"}).rstrip(b"\0")
    data = whole[: whole.index(b"TRAILER") - 110 + cut]
    report = scanned(tmp_path, data)
    assert verdict(report) == "INCOMPLETE"
    assert len(report.skipped) == 1
    assert verdict(scanned(tmp_path, cpio({"a": b"first"}))) == "CLEAN"
