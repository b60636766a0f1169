"""Containers that are recognised and not opened: what is in them has not been read, and nobody may think so."""

from __future__ import annotations

_MAGIC = {
    b"PK\x03\x04": "a zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\x1f\x9d": "a file of compress(1)",
    b"LZIP": "an lzip file",
    b"\x02\x21\x4c\x18": "an lz4 file of the legacy format",
    b"\x89LZO\0\r\n\x1a\n": "an lzop file",
    b"\xff\x06\0\0sNaPpY": "a snappy file",
    b"MSCF\0\0\0\0": "a cabinet file",
    b"!<arch>\n": "an ar archive",
    b"KDUMP   ": "a compressed kernel dump",
}


def unopened(head: bytes) -> str:
    """What begins like this is, or nothing when it is no such container."""
    return next((what for magic, what in _MAGIC.items() if head.startswith(magic)), "")
