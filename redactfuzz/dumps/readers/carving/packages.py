"""What installers, Windows, games and machines pack in ways that nothing here opens: sure by what their header holds.

Told wherever it begins. As in ``sealed``, a mark alone is no such thing: a program that knows the format has it too.
"""

from __future__ import annotations

import re

from redactfuzz.dumps.readers.carving.sealed import kind

_SETUP = re.compile(rb"Inno Setup Setup Data \(\d{1,2}\.[\d.]{1,8}[a-z]?\)(?: \([uU]\))?\0+\Z")
_SETUP_SIZE = 64
"""Bytes of its mark, with the zeros that fill it up."""
_PLAYER = re.compile(rb"\d{1,4}\.[\w.]{1,20}\0")
_XPRESS_SIZE = 32
_CODES, _LONGEST = 256, 15
"""Bytes of a table of 512 lengths of codes, and bits of the longest one ([MS-XCA] section 2.1.4.1)."""
_MOST = 1 << 28
"""Bytes that a file of Windows which is packed like this unpacks to, at most."""
_FLAGS_OF_NULLSOFT, _HEADER_OF_NULLSOFT = 16, 1 << 26
_SUPERBLOCK, _SUPERBLOCK_SIZE = 6, 4096
"""``UBIFS_SB_NODE`` and ``UBIFS_SB_NODE_SZ`` of the kernel."""
_NULLSOFT = rb"\xef\xbe\xad\xdeNullsoftIns"


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _xpress(header: bytes, left: int) -> bool:
    """A block of ``hiberfil.sys``: pages and sizes, then zeros (M. Suiche, "Windows hibernation file", 2008)."""
    return left >= _XPRESS_SIZE and any(header[8:13]) and not any(header[16:_XPRESS_SIZE])


def _mam(header: bytes, left: int) -> bool:
    """A prefetch file: the lengths of the codes of Xpress Huffman, which leave no code out."""
    begin = 8 + 4 * (header[3] >> 7)  # a checksum, where the flag says so
    table = header[begin : begin + _CODES]
    lengths = [length for byte in table for length in (byte & 15, byte >> 4) if length]
    whole = sum(1 << _LONGEST - length for length in lengths) == 1 << _LONGEST
    return len(table) == _CODES and whole and 0 < _little(header[4:8]) < _MOST


def _szdd(header: bytes, left: int) -> bool:
    """Its one method, and the size of what comes out."""
    return left > 14 and header[8:9] == b"A" and _little(header[10:14]) > 0


def _kwaj(header: bytes, left: int) -> bool:
    """A method, and where the data begin."""
    return left > 14 and 0 < _little(header[8:10]) <= 4 and 14 <= _little(header[10:12]) < _MOST >> 16


def _nullsoft(header: bytes, left: int) -> bool:
    """``struct firstheader`` of its source: flags, the mark, the size of the header and of all that follows."""
    flags, size, following = (_little(header[at : at + 4]) for at in (0, 20, 24))
    return left > 28 and flags < _FLAGS_OF_NULLSOFT and 0 < size < _HEADER_OF_NULLSOFT and 28 < following < 1 << 31


def _inno(header: bytes, left: int) -> bool:
    """``TSetupID`` of its source: filled up with zeros, as it stands in no text."""
    return _SETUP.match(header[:_SETUP_SIZE]) is not None and len(header) > _SETUP_SIZE


def _help(header: bytes, left: int) -> bool:
    """The size of its header."""
    return left > 96 and header[8:16] == b"\x60\0\0\0\1\0\0\0"


def _unity(header: bytes, left: int) -> bool:
    """A version, most significant byte first, and that of a player."""
    return 0 < int.from_bytes(header[8:12], "big") < 16 and _PLAYER.match(header[12:]) is not None


def _virtual_box(header: bytes, left: int) -> bool:
    """``SSMFILEHDRV20``: versions end in a line."""
    return re.match(rb"[12]\.\d\n", header[24:28]) is not None


def _ubifs(header: bytes, left: int) -> bool:
    """The node that describes the file system: size, kind, and what is zero."""
    kind, size = header[20:21], _little(header[16:20])
    return (
        (kind, size) == (bytes((_SUPERBLOCK,)), _SUPERBLOCK_SIZE) and header[21:22] < b"\3" and header[22:24] == b"\0\0"
    )


PACKAGES = (
    kind("memory of a Windows that hibernates", rb"\x81\x81xpress", _xpress, whole=True),
    kind("a compressed file of Windows (MAM)", rb"MAM[\x04\x84]", _mam),
    kind("a compressed file (SZDD)", rb"SZDD\x88\xf0\x27\x33", _szdd, whole=True),
    kind("a compressed file (KWAJ)", rb"KWAJ\x88\xf0\x27\xd1", _kwaj, whole=True),
    kind("a package of NSIS", _NULLSOFT, _nullsoft, 4),
    kind("a package of Inno Setup", rb"Inno Setup Setup", _inno, whole=True),
    kind("a file of HTML Help", rb"ITSF\x03\0\0\0", _help, whole=True),
    kind("a bundle of Unity", rb"UnityFS\0", _unity, whole=True),
    kind("the state of a VirtualBox", rb"\x7fVirtualBox Sav", _virtual_box, whole=True),
    kind("a UBIFS file system", rb"\x31\x18\x10\x06", _ubifs, whole=True),
)
