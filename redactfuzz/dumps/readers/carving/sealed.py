"""Archives that nothing here opens, where they begin in the middle of something: sure by what their header holds."""

from __future__ import annotations

import zlib

import attrs

from redactfuzz.dumps.readers.carving.found import Found, Ground
from redactfuzz.model.exposure import Gap

_WHY = "which is not opened: unpack it, and scan what comes out"
_RAR = b"Rar!\x1a\x07"


@attrs.frozen
class SevenZip:
    """7zFormat.txt: the checksum of the 20 bytes that follow it."""

    def begins(self, head: bytes) -> bool:
        """By the signature."""
        return head.startswith(b"7z\xbc\xaf\x27\x1c")

    def open(self, ground: Ground, at: int) -> Found:
        """Says that it is there."""
        header = ground.data[at : at + 32]
        if at and len(header) == 32 and zlib.crc32(header[12:]) == int.from_bytes(header[8:12], "little"):
            yield Gap(ground.name, f"a 7-Zip archive begins here, {_WHY}", at)
        return at + 1


@attrs.frozen
class Rar:
    """The archive header of RAR 4 (kind 0x73, a checksum of 16 bits), and of RAR 5 (a checksum of 32)."""

    def begins(self, head: bytes) -> bool:
        """By the signature."""
        return head.startswith(_RAR)

    def open(self, ground: Ground, at: int) -> Found:
        """Says that it is there."""
        header = ground.data[at : at + 64]
        if at and (_is_4(header) or _is_5(header)):
            yield Gap(ground.name, f"a RAR archive begins here, {_WHY}", at)
        return at + 1


def _is_4(header: bytes) -> bool:
    return (
        header[6:7] == b"\0"
        and header[9:10] == b"\x73"
        and len(header) >= 20
        and zlib.crc32(header[9:20]) & 0xFFFF == int.from_bytes(header[7:9], "little")
    )


def _is_5(header: bytes) -> bool:
    size = 13 + header[12] if len(header) > 13 else 64  # of a header this short one byte says its size
    return (
        header[6:8] == b"\x01\0"
        and len(header) >= size
        and zlib.crc32(header[12:size]) == int.from_bytes(header[8:12], "little")
    )


@attrs.frozen
class Cabinet:
    """[MS-CAB] section 2.2.1: reserved fields are zero, the version is 1.3, and it ends within the image."""

    def begins(self, head: bytes) -> bool:
        """By the signature."""
        return head.startswith(b"MSCF\0\0\0\0")

    def open(self, ground: Ground, at: int) -> Found:
        """Says that it is there."""
        header = ground.data[at : at + 36]
        size = int.from_bytes(header[8:12], "little")
        if at and header[24:26] == b"\3\1" and not any(header[12:16]) and 36 <= size <= ground.size - at:
            yield Gap(ground.name, f"a cabinet begins here, {_WHY}", at)
        return at + 1
