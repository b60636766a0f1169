"""Ends of archives and of streams whose beginnings are not there: never clean; and whole ones are not told."""

from __future__ import annotations

import bz2
import io
import lzma
import random
import struct
import zipfile
from pathlib import Path

import pytest
from containers import zipped
from test_containers import scanned

from redactfuzz.dumps.readers.archives import tails
from redactfuzz.dumps.readers.image import Image
from redactfuzz.report.dump_lines import verdict

NOISE = random.Random(3).randbytes(200_000)
LETTERS = random.Random(3).choices(b"abcdefghijklmnop", k=300_000)
FILES = {"first.log": bytes(LETTERS[:99_999]), "second.log": bytes(LETTERS), "third.log": b"the last one"}
ZIP = zipped(FILES)


def test_members_that_a_directory_names_and_that_are_not_there_are_told(tmp_path: Path) -> None:
    (gap,) = scanned(tmp_path, ZIP[1000:]).skipped
    assert gap.reason.startswith("the member 'first.log' of a zip archive is not in it: the archive is cut off")
    (gap,) = (one for one in scanned(tmp_path, ZIP[-1000:]).skipped)
    assert "and 1 more are not" in gap.reason
    assert "not whole" in scanned(tmp_path, ZIP[-100:]).skipped[0].reason


@pytest.mark.parametrize("cut", [4, 12, 20_000])
def test_a_stream_without_its_beginning_is_told(tmp_path: Path, cut: int) -> None:
    text = bytes(LETTERS[:99_999])
    for what, data in (("xz", lzma.compress(text)), ("bzip2", bz2.compress(text))):
        report = scanned(tmp_path, data[cut:])
        assert verdict(report) == "INCOMPLETE"
        assert any(f"the beginning of a{'n' * (what == 'xz')} {what} stream" in gap.reason for gap in report.skipped)


@pytest.mark.parametrize("fill", range(0, 40, 3))
def test_the_end_of_bzip2_is_known_at_whatever_bit_it_begins(fill: int) -> None:
    data = bz2.compress(bytes(LETTERS[: 3000 + fill]))
    assert tails.cut_off(Image("a", data[4:])) != ""
    assert tails.cut_off(Image("a", data)) == ""


def commented(data: bytes, comment: bytes) -> bytes:
    made = io.BytesIO(data)
    with zipfile.ZipFile(made, "a") as archive:
        archive.comment = comment
    return made.getvalue()


def test_whole_ones_and_what_is_before_them_are_no_tails() -> None:
    program = b"\x7fELF\2\1\1" + NOISE
    moved = program + ZIP
    made = io.BytesIO(program)
    made.seek(0, io.SEEK_END)
    with zipfile.ZipFile(made, "a") as archive:  # its places count from the beginning of the file
        archive.writestr("a.txt", "text")
    whole = [
        *(ZIP, moved, made.getvalue(), commented(ZIP, b"PK\5\6 is the mark"), zipped({})),
        *(program + lzma.compress(NOISE), program + bz2.compress(NOISE), lzma.compress(b""), lzma.compress(b"") * 2),
        *(program, program + b"YZ", program + b"PK\5\6" + bytes(18), b"PK\5\6" + bytes(18)),
        *(NOISE[:22], b"", b"YZ" * 20),
        *(program + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 3, 3, 150, 9_000_000, 0), NOISE + ZIP[:-30]),
    ]
    assert [tails.cut_off(Image("a", one)) for one in whole] == [""] * len(whole)


def test_numbers_that_are_too_large_stand_in_a_record_of_their_own() -> None:
    end = ZIP.rindex(b"PK\5\6")
    length, start = struct.unpack_from("<II", ZIP, end + 12)
    large = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 3, 3, length, start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    last = ZIP[end : end + 16] + b"\xff" * 4 + b"\0\0"
    whole = ZIP[:end] + large + locator + last
    assert tails.cut_off(Image("a", whole)) == ""
    assert "'first.log'" in tails.cut_off(Image("a", whole[5000:]))


def test_a_directory_in_the_midst_of_memory_is_not_told(tmp_path: Path) -> None:
    """A process maps the directory of an archive alone."""
    assert scanned(tmp_path, NOISE + ZIP[-300:] + NOISE).skipped == ()
