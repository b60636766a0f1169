"""A stream in the middle of something that is cut off, or damaged: what came out is read, whatever it begins with."""

from __future__ import annotations

import base64
import bz2
import gzip
import lzma
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from redactfuzz.dumps.readers.carving.broken import is_one, is_text, is_written
from redactfuzz.dumps.readers.carving.carver import carved
from redactfuzz.dumps.readers.carving.streams import ZLIB
from redactfuzz.dumps.readers.carving.trial import hides
from redactfuzz.dumps.readers.image import Image, Member
from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

KEY = mint(22, "key", token(32), 1)
OTHER = mint(22, "other", token(32), 1)
NOISE = random.Random(7).randbytes(5000)
BEFORE = b"--b\r\nContent-Type: application/gzip\r\n\r\n"


def log(secret: bytes) -> bytes:
    rng = random.Random(5)
    lines = [b"%d request session %d retry\n" % (rng.randrange(10**6), rng.randrange(10**6)) for _ in range(200)]
    return b"".join([*lines[:120], b"DEBUG token=" + secret + b"\n", *lines[120:]])


def core(secret: bytes) -> bytes:
    """Whose program headers, as a real one's, are longer than a page."""
    header = struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, 80, 0, 0, 0)
    segments = (struct.pack("<IIQQQQQQ", 1, 6, 0x2000, 0x7F0000000000 + n * 4096, 0, 64, 64, 1) for n in range(80))
    made = b"\x7fELF\2\1\1" + bytes(9) + header + b"".join(segments)
    return made.ljust(0x6000, b"\0") + log(secret) + bytes(0x2000)


def fixed(data: bytes, end: int = zlib.Z_FINISH, bits: int = 15) -> bytes:
    """With the codes of the format, and no table of its own."""
    made = zlib.compressobj(9, zlib.DEFLATED, bits, 9, zlib.Z_FIXED)
    return made.compress(data) + made.flush(end)


def line(secret: bytes) -> bytes:
    """In pieces before, so that the whole is not there as it is."""
    pieces = b"".join(b"%d piece=%b ok\n" % (at, secret[at : at + 5]) for at in range(0, 29, 2))
    return pieces + b"token=" + secret + b"!\n"


def short(secret: bytes) -> bytes:
    return b'{"user":"jane","token":"' + secret[:9] + b"x" + secret[:20] + b"y" + secret + b'","a":1}'


CASES: dict[str, Callable[[bytes], bytes]] = {
    "gzip of zeros and a log": lambda s: BEFORE + gzip.compress(bytes(6000) + log(s))[:-20],
    "gzip whose checksum is wrong": lambda s: BEFORE + gzip.compress(bytes(6000) + log(s))[:-8] + bytes(8) + b"\r\n--b",
    "gzip in base64": lambda s: b"INFO " + base64.b64encode(gzip.compress(bytes(6000) + log(s))[:-30]) + b"\n",
    "gzip of a rule and a log": lambda s: BEFORE + gzip.compress(b"=" * 5000 + b"\n" + log(s))[:-20],
    "gzip of utf-32": lambda s: BEFORE + gzip.compress(log(s).decode().encode("utf-32-le"))[:-20],
    "gzip of digits and a log": lambda s: BEFORE + gzip.compress(b"0,1,0,0,1\n" * 600 + log(s))[:-20],
    "gzip of a picture and a log": lambda s: BEFORE + gzip.compress(random.Random(8).randbytes(40_000) + log(s))[:-12],
    "bzip2": lambda s: NOISE + bz2.compress(bytes(6000) + log(s))[:-4],
    "xz": lambda s: NOISE + lzma.compress(bytes(6000) + log(s))[:-40],
    "zlib": lambda s: NOISE + zlib.compress(bytes(6000) + log(s))[:-20],
    "zlib without a table, cut off": lambda s: NOISE + fixed(line(s))[:-9] + NOISE,
    "zlib without a table and its checksum": lambda s: NOISE + fixed(line(s))[:-4] + NOISE,
    "zlib without a table, flushed": lambda s: NOISE + fixed(line(s), zlib.Z_SYNC_FLUSH) + NOISE,
    "a file of zlib without a table, flushed": lambda s: fixed(line(s), zlib.Z_SYNC_FLUSH),
    "short zlib, cut off": lambda s: NOISE + zlib.compress(short(s))[:-5] + NOISE,
    "short zlib, flushed": lambda s: NOISE + fixed(short(s), zlib.Z_SYNC_FLUSH) + NOISE,
    "zlib without a table in base64": lambda s: b"a=" + base64.b64encode(fixed(line(s), zlib.Z_SYNC_FLUSH)) + b"\n",
    "raw deflate in base64, cut off": lambda s: b"a=" + base64.b64encode(fixed(line(s), bits=-15))[:-12] + b"...\n",
    "gzip of a core": lambda s: BEFORE + gzip.compress(core(s))[:-10],
}


def scanned(folder: Path, data: bytes) -> DumpReport:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([KEY], [])
    (folder / "dump").write_bytes(data)
    return scan_dump(folder / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(KEY,)))


@pytest.mark.parametrize("name", CASES)
def test_what_came_out_is_read_and_that_it_breaks_off_is_told(tmp_path: Path, name: str) -> None:
    found = scanned(tmp_path, CASES[name](KEY.bytes))
    assert verdict(found) == "LEAK"
    assert found.skipped
    assert verdict(scanned(tmp_path, CASES[name](OTHER.bytes))) == "INCOMPLETE"


def test_runs_and_what_stands_there_as_it_is_hide_nothing(tmp_path: Path) -> None:
    stored = zlib.compress(NOISE * 30, level=0)
    image = Image("dump", NOISE + stored)
    assert not hides(image, len(NOISE), Image("out", NOISE * 30), 64)
    assert not hides(image, 0, Image("out", b"\0" * 99999 + b"ab" * 9999), 64)
    assert hides(image, 0, Image("out", bytes(99999) + log(b"")), 64)
    assert not hides(image, 0, Image("out", log(b"")[:63]), 64)
    assert verdict(scanned(tmp_path, NOISE + gzip.compress(bytes(90_000))[:-9] + NOISE)) == "CLEAN"


def test_a_flush_tells_a_stream_whatever_came_out_before_it() -> None:
    data = random.Random(2).randbytes(60)
    flushed = fixed(data, zlib.Z_SYNC_FLUSH)
    assert is_one(ZLIB, flushed)
    assert is_one(ZLIB, flushed + fixed(NOISE)[2:])
    assert not is_one(ZLIB, flushed[:-1])
    assert not is_one(ZLIB, fixed(data[:20], zlib.Z_SYNC_FLUSH))
    for code in ("4889ea09c848b900000000ffffffff4821ca4809d048", "4889ca48b900000000ffff00004821ce4889d14821f9"):
        assert not is_one(ZLIB, bytes.fromhex(code) + NOISE[:99])


def test_text_is_of_many_letters() -> None:
    assert is_text(fixed(line(KEY.bytes), bits=-15))
    assert not is_text(fixed(b"abcdefg" * 20, bits=-15))
    assert not is_text(fixed(line(KEY.bytes).replace(b"o", b"\xf6"), bits=-15))
    assert not is_text(NOISE)


WRITTEN = {
    "base32": lambda: base64.b32encode(random.Random(1).randbytes(600_000)),
    "capitals": lambda: bytes(random.Random(1).choices(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=1 << 20)),
    "base32, and bytes": lambda: base64.b32encode(random.Random(1).randbytes(600_000)) + bytes(9) + NOISE,
}


@pytest.mark.parametrize("letters", WRITTEN)
def test_letters_that_look_like_zlib_which_never_ends_are_none(tmp_path: Path, letters: str) -> None:
    assert verdict(scanned(tmp_path, WRITTEN[letters]())) == "CLEAN"


@pytest.mark.parametrize("name", [name for name in CASES if "base64" not in name])
def test_a_stream_behind_such_letters_is_opened_and_its_end_missed(tmp_path: Path, name: str) -> None:
    letters = WRITTEN["base32"]()
    assert verdict(scanned(tmp_path, letters + BEFORE + CASES[name](KEY.bytes))) == "LEAK"
    assert verdict(scanned(tmp_path, letters + BEFORE + CASES[name](OTHER.bytes))) == "INCOMPLETE"


def of_letters(bits: str, *texts: bytes) -> bytes:
    """Zlib in one block without a table, of letters whose codes are letters: nobody's compressor does so unasked."""
    coded = "110" + "".join(f"{byte + 0x30:08b}" for byte in b"".join(texts)) + bits
    coded += "0" * (-len(coded) % 8)
    packed = bytes(int(coded[at : at + 8][::-1], 2) for at in range(0, len(coded), 8))
    return b"HK" + packed + zlib.adler32(b"".join(texts)).to_bytes(4, "big")


def test_letters_that_a_stream_was_made_of_are_opened() -> None:
    """The first 64 are letters of many kinds; it ends as it should, and what is not packed so does not."""
    plain = bytes(random.Random(4).choices(b"abcdepqrst01234", k=3000))
    one = of_letters("0000000", b"a", plain)
    assert one[:3000].isascii()
    assert is_written(one)
    (found,) = carved(Image("dump", NOISE + one + NOISE))
    assert isinstance(found, Member)
    assert found.stream.read() == b"a" + plain
    assert not list(carved(Image("dump", NOISE + one[:2000] + b"\n" + NOISE)))


def test_what_is_packed_does_not_begin_with_letters_of_many_kinds() -> None:
    several = (log(KEY.bytes), core(KEY.bytes), b"=" * 5000, b"0,1,0,0,1\n" * 600, bytes(9999), line(KEY.bytes), NOISE)
    for data in several:
        assert not any(is_written(zlib.compress(data, level)) for level in range(10))
        assert not is_written(fixed(data))


@pytest.mark.parametrize("flag", [0x20, 0x40, 0x80, 0xE0])
@pytest.mark.parametrize("before", [b"", NOISE[:999], BEFORE, bytes(600)], ids=["nothing", "noise", "text", "zeros"])
def test_gzip_with_a_flag_that_is_reserved_is_a_gap_wherever_it_begins(
    flag: int, before: bytes, tmp_path: Path
) -> None:
    for packed in (log(KEY.text.encode()), line(KEY.text.encode())):
        data = bytearray(gzip.compress(packed))
        data[3] |= flag
        (tmp_path / "dump").write_bytes(before + data + before)
        assert verdict(scan_dump(tmp_path / "dump", ScanRequest(MatcherSet(), KnownKeys()))) == "INCOMPLETE"


def test_the_mark_of_gzip_with_a_reserved_flag_before_anything_else_is_none(tmp_path: Path) -> None:
    rng = random.Random(5)
    marks = b"".join(
        b"\x1f\x8b\x08" + bytes((flag,)) + rng.randbytes(4) + b"\0\3" + behind
        for flag in (0x20, 0xE8)
        for behind in (b"a name\0 and a text\n" * 9, bytes(200), NOISE[:300])
    )
    (tmp_path / "dump").write_bytes(NOISE + marks + NOISE)
    assert verdict(scan_dump(tmp_path / "dump", ScanRequest(MatcherSet(), KnownKeys()))) == "CLEAN"
