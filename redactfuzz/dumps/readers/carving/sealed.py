"""Containers that nothing here opens, where they begin in the middle of something: sure by what their header holds.

Where a file begins with one, its first bytes are enough: ``archives.unopened``.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

import attrs

from redactfuzz.dumps.readers.carving.found import Found, Ground
from redactfuzz.model.exposure import Gap

_WHY = "which is not opened: unpack it, and scan what comes out"
_ENDS = 16
"""Bytes before a mark that is at the end."""
_HEADER = 512
"""Bytes that are looked at."""

Sure = Callable[[bytes, int], bool]
"""Given the first bytes, and how many there are to the end of the image."""


@attrs.frozen
class Sealed:
    """One kind: how it begins, and what else its header must hold."""

    what: str
    magic: re.Pattern[bytes]
    sure: Sure
    before: int = 0
    """Bytes before the mark that ``sure`` is given as well."""
    whole: bool = False
    """Whether a file that begins with the mark is told here: its mark is further in, or says too little by itself."""

    def begins(self, head: bytes) -> bool:
        """By the signature."""
        return self.magic.match(head) is not None

    def open(self, ground: Ground, at: int) -> Found:
        """Says that it is there."""
        begin = at - self.before
        here = at > 0 or self.whole or ground.spelled
        if here and begin >= 0 and self.sure(ground.data[begin : begin + _HEADER], ground.size - begin):
            yield Gap(ground.name, f"{self.what} {'ends' if self.before > _ENDS else 'begins'} here, {_WHY}", at)
        return at + 1


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _seven_zip(header: bytes, left: int) -> bool:
    """7zFormat.txt: the checksum of the 20 bytes that follow it."""
    return left >= 32 and zlib.crc32(header[12:32]) == _little(header[8:12])


def _rar_4(header: bytes, left: int) -> bool:
    """The archive header: kind 0x73, a checksum of 16 bits."""
    return left >= 20 and header[9] == 0x73 and zlib.crc32(header[9:20]) & 0xFFFF == _little(header[7:9])


def _rar_5(header: bytes, left: int) -> bool:
    """The archive header: a checksum of 32 bits. Of one this short one byte says its size."""
    size = 13 + header[12] if left > 13 else left + 1
    return left >= size and zlib.crc32(header[12:size]) == _little(header[8:12])


def _cabinet(header: bytes, left: int) -> bool:
    """[MS-CAB] section 2.2.1: reserved fields are zero, the version is 1.3, and it ends within the image."""
    return header[24:26] == b"\3\1" and not any(header[12:16]) and 36 <= _little(header[8:12]) <= left


def _lzip(header: bytes, left: int) -> bool:
    """The manual of lzip, "File format": the size of the dictionary; a range coder begins with zero."""
    return left > 7 and 12 <= header[5] & 31 <= 29 and header[6] == 0


def _lzop(header: bytes, left: int) -> bool:
    """Its source, ``write_header``: three versions and one of three methods."""
    return left > 16 and 0x09 <= header[9] <= 0x1F and header[15] in (1, 2, 3)


def _snappy(header: bytes, left: int) -> bool:
    """``framing_format.txt``: a chunk that is packed, or is not, of at most 65,536 bytes and what they may grow by; or
    one that is passed over."""
    kind, size = header[10:11], _little(header[11:14])
    return left > 14 and size <= left and (4 < size <= 76_494 if kind in (b"\0", b"\1") else kind >= b"\x80")


def _s2(header: bytes, left: int) -> bool:
    """The same of S2 (github.com/klauspost/compress, "s2"), whose chunks have up to 4 MB before they are packed."""
    kind, size = header[10:11], _little(header[11:14])
    return left > 14 and 4 < size <= left and (kind in (b"\0", b"\1") or kind >= b"\x80")


def _kernel_dump(header: bytes, left: int) -> bool:
    """``struct disk_dump_header``: a version, and what uname(2) gives: QEMU fills in the machine alone."""
    versions = _little(header[8:12]), _big(header[8:12])
    machine = header[272:337].rstrip(b"\0").replace(b"_", b"")
    by_qemu = not any(header[12:272]) and machine.isalnum() and len(machine) > 2
    return any(0 < version < 32 for version in versions) and (header[12:18] == b"Linux\0" or by_qemu)


def _flattened(header: bytes, left: int) -> bool:
    """``struct makedumpfile_header``: a type and a version, most significant byte first."""
    return _big(header[16:24]) == 1 and 0 < _big(header[24:32]) < 32


def _squashfs(header: bytes, left: int) -> bool:
    """``struct squashfs_super_block``: the size of a block, its logarithm, and the version 4.0."""
    number = _little if header[:1] == b"h" else _big
    size, log = number(header[12:16]), number(header[22:24])
    return log < 32 and size == 1 << log and (number(header[28:30]), number(header[30:32])) == (4, 0)


def _qcow(header: bytes, left: int) -> bool:
    """``docs/interop/qcow2.txt``: clusters of 512 bytes to 2 MB. In version 1 one byte says so."""
    return left >= 48 and 9 <= (header[32] if header[7] == 1 else _big(header[20:24])) <= 21


def _wim(header: bytes, left: int) -> bool:
    """The size of its header (Windows Imaging file format, "WIMHEADER_V1_PACKED")."""
    return _little(header[8:12]) == 208


def _zpaq(header: bytes, left: int) -> bool:
    """A block behind the tag that says where one begins (``zpaq.pdf``, section 8)."""
    return header[13:16] == b"zPQ" and header[16:17] in (b"\1", b"\2")


def _moz_lz4(header: bytes, left: int) -> bool:
    """Mozilla's: the size of what is packed, and a block of LZ4, which begins with letters."""
    return left > 16 and 0 < _little(header[8:12]) < 1 << 30 and header[12] >= 0x10


def _lz4_block(header: bytes, left: int) -> bool:
    """``LZ4BlockOutputStream`` of lz4-java: a method and a level in one byte, and two sizes of at most 32 MB."""
    packed, size = _little(header[9:13]), _little(header[13:17])
    return left > 21 and header[8] >> 4 in (1, 2) and 0 < packed <= size <= 1 << 25


def _lzfu(header: bytes, left: int) -> bool:
    """[MS-OXRTFCP] section 2.1.3.1.1: two sizes before the mark."""
    packed, size = _little(header[:4]) - 12, _little(header[4:8])
    return left > 16 and 0 < packed < 1 << 26 and 0 < size < 1 << 26 and packed <= 2 * size + 16


def _redis(header: bytes, left: int) -> bool:
    """Its format RDB: a version, and behind it a field of its own, a database or the end."""
    return header[5:9].isdigit() and header[9:10] in (b"\xfa", b"\xfe", b"\xf7", b"\xf5")


def _snappy_java(header: bytes, left: int) -> bool:
    """``SnappyCodec``: two versions, most significant byte first."""
    return 0 < _big(header[8:12]) < 16 and 0 < _big(header[12:16]) < 16


def _upx(header: bytes, left: int) -> bool:
    """``PackHeader`` of its source: version, format, method and level, and a checksum of one byte."""
    right = left >= 32 and header[31] == sum(header[4:31]) % 251
    return right and 10 <= header[4] < 32 and 0 < header[6] < 32 and 0 < header[7] <= 10


def _table(header: bytes, left: int) -> bool:
    """The footer of RocksDB and Pebble: a kind of checksum, two places with zeros behind them, and a version."""
    return header[0] < 8 and any(header[1:3]) and not any(header[33:41]) and 0 < _little(header[41:45]) < 32


def kind(what: str, magic: bytes, sure: Sure, before: int = 0, *, whole: bool = False) -> Sealed:
    """One, by how its mark begins."""
    return Sealed(what, re.compile(magic, re.DOTALL), sure, before, whole)


SEALED = (
    kind("a 7-Zip archive", rb"7z\xbc\xaf\x27\x1c", _seven_zip),
    kind("a RAR archive", rb"Rar!\x1a\x07\0", _rar_4),
    kind("a RAR archive", rb"Rar!\x1a\x07\x01\0", _rar_5),
    kind("a cabinet", rb"MSCF\0\0\0\0", _cabinet),
    kind("an lzip file", rb"LZIP[\0\x01]", _lzip),
    kind("an lzop file", rb"\x89LZO\0\r\n\x1a\n", _lzop),
    kind("a snappy file", rb"\xff\x06\0\0sNaPpY", _snappy),
    kind("an S2 file", rb"\xff\x06\0\0S2sTwO", _s2),
    kind("a compressed kernel dump", rb"KDUMP   |DISKDUMP", _kernel_dump),
    kind("a flattened kernel dump", rb"makedumpfile\0\0\0\0", _flattened),
    kind("a squashfs image", rb"hsqs|sqsh", _squashfs),
    kind("a qcow image", rb"QFI\xfb\0\0\0[\x01\x02\x03]", _qcow),
    kind("a Windows image (WIM)", rb"(?:MSWIM|WLPWM)\0\0\0", _wim),
    kind("a file of mozLz4", rb"mozLz40\0", _moz_lz4, whole=True),
    kind("a stream of lz4-java", rb"LZ4Block", _lz4_block, whole=True),
    kind("compressed RTF", rb"LZFu", _lzfu, 8),
    kind("a dump of Redis, whose strings may be packed", rb"REDIS0", _redis, whole=True),
    kind("a stream of snappy-java", rb"\x82SNAPPY\0", _snappy_java, whole=True),
    kind("a program packed with UPX", rb"UPX!", _upx, whole=True),
    kind("a table of RocksDB", rb"\xf7\xcf\xf4\x85\xb7\x41\xe2\x88", _table, 45),
    kind("a table of Pebble", rb"(?:\xf0\x9f\xaa\xb3){2}", _table, 45),
    kind("a zpaq archive", rb"7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0\xd3", _zpaq),
)
