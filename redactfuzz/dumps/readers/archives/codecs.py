"""Files that pack or write their parts in ways without a mark, and say so in one place: ORC, HDF5, a journal, PDF."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from redactfuzz.dumps.readers.image import Image

_HEAD = 4096
_LEAST = 12
"""Bytes of the smallest Parquet file."""
_ORC_CODEC = 2
"""The field of the postscript (ORC specification, "File Tail")."""
_ORC = {1: "deflate", 2: "snappy", 3: "LZO", 4: "LZ4"}
_AVRO = re.compile(rb"avro\.codec.(deflate|snappy)", re.DOTALL)
"""A codec's name has a byte for its length (Avro specification, "Object Container Files")."""
_JOURNAL_FLAGS, _JOURNAL_LZ4 = slice(12, 16), 2
"""``incompatible_flags`` (systemd, "Journal File Format")."""
_TABLES = {
    bytes.fromhex("57fb808b247547db"): "LevelDB",
    bytes.fromhex("f7cff485b741e288"): "RocksDB",
    "\N{COCKROACH}".encode() * 2: "Pebble",
}
"""The end of a table (LevelDB, "Leveldb file format"), whose blocks are mostly packed, with snappy and the like."""
_PDF = re.compile(rb"/(Encrypt|LZWDecode|ASCII85Decode|ASCIIHexDecode|RunLengthDecode)\b")
_GLYPHS = re.compile(rb"/(?:Identity-[HV]|Subtype\s*/Type0)\b")
"""A font whose text is written in numbers of two bytes, which only the font tells (ISO 32000-1, 9.7)."""
_OBJECTS = re.compile(rb"\s{0,4}\d{1,10}\s{1,4}0\s{1,4}[\d<\[]")
"""How a stream of objects begins: with the number of the first one, and where that is (ISO 32000-1, 7.5.7)."""
_GLYPHS_OF_A_PDF = "a PDF that is written in numbers of glyphs"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_FILTERS = re.compile(
    rb"(?:shuffle|szip|nbit|scaleoffset|lzf|blosc2?|zstd|lz4|bzip2|bitshuffle)\0|\x0b.\0.\x02[\1-\x08][\2\4-\6]\0",
    re.DOTALL,
)
"""Of a pipeline of filters: their names, and the message of the later format, which begins with the number of one that
is not deflate (HDF5 File Format Specification, IV.A.2.l).
"""
_PST_VERSION, _PST_UNICODE, _PST_METHODS = slice(10, 12), 23, (461, 513)
"""``wVer``, and where ``bCryptMethod`` lies before and from that version on ([MS-PST] 2.2.2.6)."""
_TANTIVY, _FOOTER = re.compile(rb'\{"version":\{"major":.*"crc":\d+\}.{4}\x39\x05\0\0', re.DOTALL), 256

_BLOSC, _BLOSC_VERSIONS, _BLOSC_STORED = struct.Struct("<BBBBIII"), (1, 2), 2
_KOLY, _KOLY_SIZE = b"koly\0\0\0\4", 512
"""How what ends a disk image of Apple begins, and its size."""


def packed_as(image: Image) -> str:
    """What of a file cannot be read, or nothing."""
    return next((what for one in _ASKED if (what := one(image))), "")


def _orc(image: Image) -> str:
    if image.data[:3] != b"ORC" or image.data[-4:-1] != b"ORC":
        return ""
    postscript = image.data[-1 - image.data[-1] : -1]
    codec = _ORC.get(_field(postscript, _ORC_CODEC))
    return f"an ORC file, packed with {codec}" if codec else ""


def _parquet(image: Image) -> str:
    """Its pages are packed with snappy, mostly; the file ends as it begins."""
    ends = image.data[:4] == image.data[-4:] and image.data[:4] in (b"PAR1", b"PARE") and image.size > _LEAST
    return "a Parquet file, whose pages may be packed" if ends else ""


def _field(message: bytes, wanted: int) -> int:
    """A number of a message of protocol buffers; 0 where there is none. Fields before it are numbers as well."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if key & 7:
            break
        value, at = _varint(message, at)
        if key >> 3 == wanted:
            return value
    return 0


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte, at = message[at], at + 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    return value, at


def _avro(image: Image) -> str:
    head = image.data[:_HEAD]
    codec = _AVRO.search(head) if head.startswith(b"Obj\1") else None
    return f"an Avro file, packed with {codec[1].decode()}" if codec else ""


def _journal(image: Image) -> str:
    flags = int.from_bytes(image.data[_JOURNAL_FLAGS], "little") if image.data[:8] == b"LPKSHHRH" else 0
    return "a journal of systemd with fields in LZ4" if flags & _JOURNAL_LZ4 else ""


def _table(image: Image) -> str:
    whose = _TABLES.get(bytes(image.data[-8:]))
    return f"a table of {whose}, whose blocks may be packed with snappy" if whose else ""


def _pdf(image: Image) -> str:
    if image.data[:5] != b"%PDF-":
        return _GLYPHS_OF_A_PDF if _OBJECTS.match(image.data) and _GLYPHS.search(image.data) else ""
    found = _PDF.search(image.data)
    if found is None:
        return _GLYPHS_OF_A_PDF if _GLYPHS.search(image.data) else ""
    return f"a PDF {'that is encrypted' if found[1] == b'Encrypt' else f'with {found[1].decode()}'}"


def _hdf5(image: Image) -> str:
    """Streams of deflate without another filter before it are found by themselves."""
    filtered = image.data[:8] == _HDF5 and _FILTERS.search(image.data)
    return "an HDF5 file with filters" if filtered else ""


def _pst(image: Image) -> str:
    """A method of 0 leaves the bytes as they are."""
    if image.data[:4] != b"!BDN" or image.size <= _PST_METHODS[-1]:
        return ""
    unicode = int.from_bytes(image.data[_PST_VERSION], "little") >= _PST_UNICODE
    return "a mailbox of Outlook whose letters are permuted" if image.data[_PST_METHODS[unicode]] else ""


def _tantivy(image: Image) -> str:
    """Each of its files ends in the same footer."""
    ends = image.data[-4:] == b"\x39\5\0\0" and _TANTIVY.search(image.data[-_FOOTER:])
    return "a file of Tantivy, whose documents may be packed" if ends else ""


def _blosc(image: Image) -> str:
    """A chunk of Zarr is one: its header says how long it is (c-blosc, README_CHUNK_FORMAT). One may be stored."""
    if image.size <= _BLOSC.size or image.data[0] not in _BLOSC_VERSIONS:
        return ""
    _, coder, flags, width, plain, block, packed = _BLOSC.unpack_from(image.data)
    right = coder == 1 and width and packed == image.size and packed < plain and 0 < block <= plain
    return "a chunk of Blosc" if right and not flags & _BLOSC_STORED else ""


def _apple_disk(image: Image) -> str:
    """Blocks of zlib, bzip2 and xz are found by themselves; those of LZFSE begin with a mark of four letters."""
    if image.size < _KOLY_SIZE or image.data[image.size - _KOLY_SIZE :][:8] != _KOLY:
        return ""
    return "a disk image of Apple with blocks of LZFSE" if image.data.find(b"bvx2") >= 0 else ""


def _brotli(image: Image) -> str:
    return "a file of brotli by its name" if image.name.lower().endswith(".br") else ""


_ASKED: tuple[Callable[[Image], str], ...] = (
    _orc,
    _parquet,
    _avro,
    _journal,
    _table,
    _pdf,
    _hdf5,
    _pst,
    _tantivy,
    _blosc,
    _apple_disk,
    _brotli,
)
