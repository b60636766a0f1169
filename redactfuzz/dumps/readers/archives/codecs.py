"""Files that pack their parts in ways without a mark, and say so in one place: ORC, Avro, a journal, LevelDB, PDF."""

from __future__ import annotations

import re
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
    found = _PDF.search(image.data) if image.data[:5] == b"%PDF-" else None
    what = {b"Encrypt": "that is encrypted"}.get(found[1], f"with {found[1].decode()}") if found else ""
    return f"a PDF {what}" if what else ""


def _brotli(image: Image) -> str:
    return "a file of brotli by its name" if image.name.lower().endswith(".br") else ""


_ASKED: tuple[Callable[[Image], str], ...] = (_orc, _parquet, _avro, _journal, _table, _pdf, _brotli)
