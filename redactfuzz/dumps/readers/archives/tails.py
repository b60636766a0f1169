"""Files that end as an archive or a stream does whose beginning is not there: of one that is cut, or in several parts.

The directory at the end of a zip names members (PKWARE's APPNOTE.TXT, sections 4.3.12 to 4.3.16), the index of xz says
how long its blocks are (the .xz File Format, sections 2.1.2 and 4), and bzip2 ends with a mark that begins at any bit.
Memory holds such ends without the rest (a process maps a directory alone), so that the ends of files count here.
"""

from __future__ import annotations

import mmap
import re
import struct
import zlib

from redactfuzz.dumps.readers.image import Image

_END, _DIRECTORY, _END_64 = b"PK\5\6", b"PK\1\2", b"PK\6\6"
_END_SIZE, _COMMENT, _ENTRY, _LOCATOR = 22, 0xFFFF, 46, 20
_IN_64, _IN_64_OFFSET = 0xFFFFFFFF, slice(40, 56)
"""What stands in the place of a number that is too large, and where both are in the record before."""
_XZ_HEADER, _XZ_FOOTER, _XZ_END, _XZ_MAGIC = 12, 12, b"YZ", b"\xfd7zXZ\0"
_MOST = 16 << 20
"""Bytes of an index that is read."""
_BZIP2_END, _BITS, _CHECKSUM = 0x177245385090, 48, 32
"""Pi's square root, and bits of it and of the checksum behind it; up to seven more fill up the last byte."""
_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)")

_Bytes = bytes | mmap.mmap


def cut_off(image: Image) -> str:
    """Why what a file ends with cannot be read, or nothing."""
    if image.size < _END_SIZE:
        return ""
    return _zip(image.data, image.size) or _xz(image.data, image.size) or _bzip2(image.data)


def _zip(data: _Bytes, size: int) -> str:
    end = size - _END_SIZE
    if data[end : end + 4] != _END:
        end = data.rfind(_END, max(0, end - _COMMENT))
    if end < 0 or size - end < _END_SIZE:
        return ""
    disk, first, here, count, length, start, comment = struct.unpack_from("<4xHHHHIIH", data, end)
    if end + _END_SIZE + comment != size or not count:
        return ""
    behind = end
    if _IN_64 in (length, start):
        behind = data.rfind(_END_64, max(0, end - _LOCATOR - _END_SIZE - _ENTRY - _COMMENT), end)
        if behind < 0:
            return ""
        length, start = struct.unpack("<QQ", data[behind:][_IN_64_OFFSET])
    if length < _ENTRY * here:
        return ""
    directory = behind - length
    if directory < 0:
        return "the directory of a zip archive is not whole in it: the archive is cut off at its beginning"
    if data[directory : directory + 4] != _DIRECTORY:
        return ""
    named, missing = _missing(data, directory, behind, directory - start, disk)
    if not missing and first == disk:
        return ""
    others = f", and {missing - 1:,} more are not" if missing > 1 else ""
    what = f"the member {named!r} of a zip archive is" if missing else "members of a zip archive are"
    return f"{what} not in it{others}: the archive is cut off at its beginning, or in several parts"


def _missing(data: _Bytes, at: int, end: int, begin: int, disk: int) -> tuple[str, int]:
    """The first member that begins before the file, or in another part, and how many do. ``begin``: of the archive."""
    first, missing = "", 0
    while at + _ENTRY <= end and data[at : at + 4] == _DIRECTORY:
        size, extra, comment, part, offset = struct.unpack_from("<HHHH6xI", data, at + 28)
        if (begin + offset < 0 and offset != _IN_64) or part != disk:
            first = first or data[at + _ENTRY : at + _ENTRY + size].decode("utf-8", "replace")
            missing += 1
        at += _ENTRY + size + extra + comment
    return first, missing


def _xz(data: _Bytes, size: int) -> str:
    footer = data[size - _XZ_FOOTER : size]
    if footer[10:] != _XZ_END or int.from_bytes(footer[:4], "little") != zlib.crc32(footer[4:10]):
        return ""
    length = (int.from_bytes(footer[4:8], "little") + 1) * 4
    begin = size - _XZ_FOOTER - length
    if length > _MOST:
        return ""
    index = data[begin : begin + length - 4] if begin >= 0 else b""
    if index and int.from_bytes(data[begin + length - 4 : begin + length], "little") != zlib.crc32(index):
        return ""
    start = begin - _blocks(index) - _XZ_HEADER
    if begin >= 0 and start >= 0 and data[start : start + len(_XZ_MAGIC)] == _XZ_MAGIC:
        return ""
    return "the beginning of an xz stream is not in it: it is cut off, or in several parts, and is not opened"


def _blocks(index: bytes) -> int:
    """Bytes of all blocks, each filled up to four."""
    at, total = 1, 0
    count, at = _number(index, at)
    for _ in range(count):
        if at >= len(index):
            break
        packed, at = _number(index, at)
        _, at = _number(index, at)
        total += packed + -packed % 4
    return total


def _number(index: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    for byte in index[at : at + 9]:
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            break
    return value, at


def _bzip2(data: _Bytes) -> str:
    bits = int.from_bytes(data[-16:], "big")
    mask = (1 << _BITS) - 1
    if not any(bits >> _CHECKSUM + filled & mask == _BZIP2_END for filled in range(8)) or _BZIP2.search(data):
        return ""
    return "the beginning of a bzip2 stream is not in it: it is cut off, or in several parts, and is not opened"
