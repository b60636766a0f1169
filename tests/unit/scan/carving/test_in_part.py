"""Streams of which one part is good and another is not, or that lie one behind the other: none hides another one."""

from __future__ import annotations

import base64
import bz2
import gzip
import lzma
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from containers import NOISE, zipped, zstd
from test_containers import KEY, TEXT, scanned

from redactfuzz.dumps.readers.opening import UnpackLimits
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

Write = Callable[[bytes], bytes]
PLAIN = b"nothing of note\n" * 40
LOG = b"".join(b"user %d logged in\n" % (n * n) for n in range(300))
WRITTEN: dict[str, Write] = {
    "base64": lambda d: b"backup: " + base64.b64encode(d) + b"\n",
    "wrapped base64": lambda d: b"backup:\n" + base64.encodebytes(d),
    "hexadecimal": lambda d: b"backup: " + d.hex().encode() + b"\n",
    "base64 of base64": lambda d: b"backup: " + base64.b64encode(base64.b64encode(d)) + b"\n",
}


def encrypted(archive: bytes, member: int = -1) -> bytes:
    """The flag of a member set."""
    data, places = bytearray(archive), [at for at in range(len(archive)) if archive.startswith(b"PK\3\4", at)]
    data[places[member] + 6] |= 1
    return bytes(data)


def second(archive: bytes) -> int:
    return archive.rindex(b"PK\3\4")


TWO = zipped({"a.txt": PLAIN, "log.txt": LOG})
STORED_FIRST = zipped({"mimetype": b"application/epub+zip"}, zipfile.ZIP_STORED)
STORED_FIRST = STORED_FIRST[: STORED_FIRST.index(b"PK\1\2")] + TWO
ARCHIVES: dict[str, bytes] = {
    "the second member encrypted": encrypted(TWO),
    "the second member cut off": TWO[: second(TWO) + 137],
    "the third one encrypted, behind a stored one": encrypted(STORED_FIRST),
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("name", ARCHIVES)
def test_a_good_member_does_not_stand_for_the_others(tmp_path: Path, name: str, written: str) -> None:
    assert scanned(tmp_path, WRITTEN[written](TWO)).skipped == ()
    assert verdict(scanned(tmp_path, WRITTEN[written](ARCHIVES[name]))) == "INCOMPLETE"


def test_nor_where_the_bad_one_lies_in_another_block(tmp_path: Path) -> None:
    noise = {name: random.Random(name).randbytes(3 << 20) for name in "abc"}
    archive = zipped({**noise, "log.txt": LOG})
    assert scanned(tmp_path, WRITTEN["base64"](archive)).skipped == ()
    report = scanned(tmp_path, WRITTEN["base64"](encrypted(archive)))
    assert any("encrypted" in gap.reason for gap in report.skipped)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstd])
def test_of_two_records_the_last_one_is_cut_off(tmp_path: Path, pack: Write) -> None:
    rng = random.Random(2)
    cut = base64.b64encode(pack(b"".join(b"user %d logged in\n" % rng.randrange(10**9) for _ in range(2000))))
    data = base64.b64encode(pack(PLAIN)) + b"\n" + cut[: len(cut) * 2 // 3]
    assert verdict(scanned(tmp_path, data)) == "INCOMPLETE"


def test_what_was_too_deep_in_one_form_is_told_though_another_one_got_further(tmp_path: Path) -> None:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([KEY], [])
    data = WRITTEN["base64"](zipped({"a.txt": PLAIN, "log.txt": TEXT}))
    for depth in (0, 1, 2):
        (tmp_path / "dump").write_bytes(data)
        wanted = ScanRequest(matcher_set, KnownKeys(), limits=UnpackLimits(depth=depth))
        assert verdict(scan_dump(tmp_path / "dump", wanted)) in ("INCOMPLETE", "LEAK")


ARCHIVE = zipped({"a.txt": PLAIN})
FOLLOWED: dict[str, bytes] = {
    "a row of a table": b"app1 " + base64.b64encode(ARCHIVE) + b"\napp%s " + base64.b64encode(gzip.compress(TEXT)),
    "two archives": b"app1 " + base64.b64encode(ARCHIVE) + b"\napp%s " + base64.b64encode(zipped({"b": TEXT})),
    "hexadecimal": ARCHIVE.hex().encode() + b" abc%s " + gzip.compress(TEXT).hex().encode() + b"\n",
    "hexadecimal of bzip2": ARCHIVE.hex().encode() + b" a%s " + bz2.compress(TEXT).hex().encode() + b"\n",
    "text between": base64.encodebytes(ARCHIVE) + b"\nand the log%s is\n\n" + base64.encodebytes(gzip.compress(TEXT)),
}


@pytest.mark.parametrize("between", [b"", b"1", b"22", b"333", b"4444"])
@pytest.mark.parametrize("name", FOLLOWED)
def test_what_follows_an_archive_in_the_same_words_is_found(tmp_path: Path, name: str, between: bytes) -> None:
    report = scanned(tmp_path, FOLLOWED[name].replace(b"%s", between))
    assert verdict(report) == "LEAK"
    assert [key.detector for key in report.keys] == ["pem"]


def test_a_sealed_archive_behind_another_one_is_told(tmp_path: Path) -> None:
    sealed = b"LZIP\1\x10\0" + NOISE
    for data in (ARCHIVE + sealed, base64.b64encode(ARCHIVE) + b"\nlog " + base64.b64encode(sealed) + b"\n"):
        assert verdict(scanned(tmp_path, data)) == "INCOMPLETE"


@pytest.mark.parametrize("pack", [bz2.compress, zstd, lzma.compress, gzip.compress])
@pytest.mark.parametrize("times", [40, 400])
def test_a_stream_of_which_nothing_came_out_yet_is_told(tmp_path: Path, pack: Write, times: int) -> None:
    """Of bzip2 and zstd nothing does before a whole block is there."""
    rng = random.Random(3)
    log = b"".join(b"%d %d\n" % (rng.randrange(10**6), rng.randrange(10**6)) for _ in range(20 * times))
    data = pack(log + TEXT)
    report = scanned(tmp_path, b"core begins\n" + data[: len(data) * 2 // 3] + b"\nends\n")
    assert verdict(report) != "CLEAN"


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("extra", [0, 60_000])
@pytest.mark.parametrize("method", [0, 8, 9, 14, 99])
def test_a_header_that_reaches_beyond_what_is_there_ends_nothing(
    tmp_path: Path, written: str, extra: int, method: int
) -> None:
    """In a view there is no place in the dump for what lies behind its end."""
    header = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, method, 0, 0, 0, 90_000, 90_000, 7, extra) + b"log.txt"
    report = scanned(tmp_path, WRITTEN[written](gzip.compress(PLAIN) + header + NOISE[:40]))
    assert not any("itself failed" in gap.reason for gap in report.skipped)
    assert len(report.images) > 1, "what stands before it is opened"
