"""What installers, Windows and others pack: told wherever it begins, and its mark alone is nothing."""

from __future__ import annotations

import base64
import random
import struct
from pathlib import Path

import pytest
from test_containers import scanned

from redactfuzz.report.dump_lines import verdict

NOISE = random.Random(3).randbytes(6000)
_PROGRAM = b"\x7fELF\2\1\1" + NOISE
_TABLE = b"\x99" * 256
"""Lengths of 512 codes, of nine bits each: no code is left out."""

PACKED: dict[str, bytes] = {
    "a block of hiberfil.sys": b"\x81\x81xpress\x0f\x12" + bytes(22),
    "a prefetch file": b"MAM\4\0\x80\0\0" + _TABLE,
    "a prefetch file with a checksum": b"MAM\x84\0\x80\0\0\1\2\3\4" + _TABLE,
    "SZDD": b"SZDD\x88\xf0\x27\x33A_\0\1\0\0",
    "KWAJ": b"KWAJ\x88\xf0\x27\xd1\2\0\x0e\0\0\0",
    "NSIS": b"\0\0\0\0\xef\xbe\xad\xdeNullsoftInst\0\x10\0\0\0\x20\1\0",
    "Inno Setup": b"Inno Setup Setup Data (6.2.0) (u)".ljust(64, b"\0") + b"zlb\x1a",
    "HTML Help": b"ITSF\3\0\0\0\x60\0\0\0\1\0\0\0" + bytes(80),
    "Unity": b"UnityFS\0\0\0\0\x06" + b"5.x.x\x002019.4.1f1\0",
    "VirtualBox": b"\x7fVirtualBox SavedState V2.0\n\0\0\0",
    "UBIFS": b"\x31\x18\x10\6\1\2\3\4" + bytes(8) + struct.pack("<IBBH", 4096, 6, 0, 0),
    "S2": b"\xff\6\0\0S2sTwO\0\x40\x10\0",
}
"""The headers as their formats say."""
_ALONE = {"a block of hiberfil.sys": 8, "a prefetch file": 8, "a prefetch file with a checksum": 8, "Inno Setup": 23,
          "NSIS": 20, "VirtualBox": 25, "UBIFS": 4}  # fmt: skip
"""Bytes of the mark, where they are not eight."""

FILES: dict[str, bytes] = {
    "memory of Windows": b"HIBR\0\0\0\0" + bytes(4088),
    "Apple's pbz with LZFSE": b"pbze\0\0\0\0\0\x40\0\0",
    "LZ4 of Apple": b"bv41\0\x40\0\0\0\x30\0\0",
    "StuffIt": b"SIT!\0\1\0\0\0\x99rLau",
    "ZOO": b"ZOO 2.10 Archive.\x1a",
    "FreeArc": b"ArC\1\0",
    "InstallShield": b"ISc(\6\x50\0\1",
    "FSArchiver": b"FsA0\x12\x34\x56\x78\xff\xff",
    "Borg": b"BORG_SEG",
    "pack200": b"\xca\xfe\xd0\x0d\7\x96",
    "Flash": b"ZWS\x0d\x20\x30\0\0\0\x20\0\0\x5d\0\0\x20\0",
    "CSO": b"CISO\x18\0\0\0\0\0\x40\x12\0\0\0\0\0\x08\0\0\1\0\0\0",
    "Lizard": b"\6\x22\x4d\x18\x64\x40",
    "DwarFS": b"DWARFS\2\5",
    "cramfs": b"\x45\x3d\xcd\x28" + bytes(12) + b"Compressed ROMFS",
    "SPSS": b"$FL2@(#) SPSS DATA FILE".ljust(72, b" ") + b"\1\0\0\0",
    "LLVM bitcode": b"BC\xc0\xde\x35\x14",
    "LLVM bitcode in a wrapper": b"\xde\xc0\x17\x0b\0\0\0\0",
}
"""Told where a file begins with them alone."""


@pytest.mark.parametrize("name", PACKED)
def test_it_is_told_wherever_it_begins(tmp_path: Path, name: str) -> None:
    one = PACKED[name] + NOISE
    for around in (one, _PROGRAM + one, b"data: " + base64.b64encode(one) + b"\n"):
        report = scanned(tmp_path, around)
        assert verdict(report) == "INCOMPLETE"
        assert any("which is not opened: unpack it" in gap.reason for gap in report.skipped)


@pytest.mark.parametrize("name", PACKED)
def test_its_mark_alone_is_nothing(tmp_path: Path, name: str) -> None:
    """As in a program that knows such files, or in its source."""
    mark = PACKED[name][: _ALONE.get(name, 8)]
    table = b"".join(mark + b"\xff" * (n + 1) + bytes(9) for n in range(40)) + mark + b" is how it begins; " + NOISE
    assert scanned(tmp_path, bytes(16) + table).skipped == ()


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_begins_so_is_told_and_one_that_holds_it_is_not(tmp_path: Path, name: str) -> None:
    (gap,) = scanned(tmp_path, FILES[name] + NOISE).skipped
    assert "which is not opened: unpack it" in gap.reason
    assert scanned(tmp_path, b"\1" + FILES[name] + NOISE).skipped == ()


@pytest.mark.parametrize(
    "text",
    [b"HIBR is the mark of such a file\n", b"ISc(x, y) := x + y\n", b"FsA0 and more of a word\n", b"MAMMOTHS\n",
     b"ZWS is a Flash film\n", b"BCCDE\n", b"CISO: chief of security\n", b"$FL2@(#) SPSS DATA FILE\n" * 9,
     b"$FL2@(#) SPSS DATA FILE".ljust(72, b" ") + bytes(100), b"pbze and pbz4\n", b"bv41 of a list\n",
     b"UnityFS\0 and more of a table of names\0" * 9, b"MAM\4" + NOISE[:300]],
)  # fmt: skip
def test_texts_and_what_is_not_packed_are_none(tmp_path: Path, text: bytes) -> None:
    assert scanned(tmp_path, b"\0" + text).skipped == ()
    if not text.startswith(b"MAM\4"):
        assert scanned(tmp_path, text).skipped == ()
