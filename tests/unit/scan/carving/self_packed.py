"""Files that pack or write what is in them in a way of their own: each as its writer makes it, but for the data."""

from __future__ import annotations

import random
import struct
import zlib

from containers import Make, hidden, pdf

_HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(40)
_TANTIVY = b'{"version":{"major":0,"minor":27,"patch":0,"index_format_version":7},"crc":%d}V\0\0\0\x39\5\0\0'
_FONTS = b"".join(b"%d 0 obj <</Type/Font /BaseFont/F%d>> endobj\n" % (at, at) for at in range(9))
_TYPE0 = b"12 0 obj\n<</Type /Font\n/Subtype /Type0 /Encoding /Identity-H>>\nendobj\n"


def _duck(data: bytes) -> bytes:
    return struct.pack("<Q4sQ", zlib.crc32(data), b"DUCK", 67) + bytes(4096) + data


def _wired_tiger(data: bytes) -> bytes:
    return struct.pack("<IHHI", 120897, 1, 0, zlib.crc32(data)) + bytes(4084) + data


def _outlook(method: int, data: bytes, version: int = 23) -> bytes:
    head = b"!BDN" + bytes(4) + b"SM" + struct.pack("<HHBB", version, 19, 1, 1)
    at = 513 if version >= 23 else 461
    return head.ljust(at, b"\0") + bytes((method,)) + bytes(600) + data


def _objects(font: bytes) -> bytes:
    """A stream of objects: numbers and places of each, then the objects."""
    objects = [b"<</Type/Font/BaseFont/F%d/First %d>>" % (at, random.Random(at).randrange(10**9)) for at in range(40)]
    objects.append(font)
    places, at = list[bytes](), 0
    for number, one in enumerate(objects):
        places.append(b"%d %d" % (number + 3, at))
        at += len(one) + 1
    return b" ".join([*places, *objects])


def _blosc(data: bytes, flags: int) -> bytes:
    return struct.pack("<BBBBIII", 2, 1, flags, 8, 9 * len(data), len(data), 16 + len(data)) + data


def _glyphs(data: bytes) -> bytes:
    """What a font with two bytes for each letter makes of it."""
    text = b"".join(b"%04x" % (byte ^ 77) for byte in data)
    return pdf(b"BT /F1 12 Tf <" + text + b"> Tj ET").replace(b"trailer", _TYPE0 + b"trailer")


SELF_PACKED: dict[str, Make] = {
    "DuckDB": lambda d: _duck(hidden(d)),
    "Blosc2": lambda d: b"\x9e\xa8b2frame\0\xd2" + struct.pack(">I", 147) + hidden(d),
    "HDF5 with another filter before deflate": lambda d: _HDF5 + b"\x02\0\x08\0\1\0\1\0shuffle\0" + hidden(d),
    "HDF5 of the later format": lambda d: _HDF5 + b"\x0b\x10\0\0\2\2\2\0\1\0\1\0\x20\0\0\0" + hidden(d),
    "Lucene": lambda d: b"\x3f\xd7\x6c\x17\x1cLucene90StoredFieldsFastData\0\0\0\1" + hidden(d),
    "Tantivy": lambda d: hidden(d) + _TANTIVY % zlib.crc32(d),
    "WiredTiger": lambda d: _wired_tiger(hidden(d)),
    "Redis": lambda d: b"REDIS0011\xfa\x09redis-ver\x057.2.4" + hidden(d),
    "Outlook": lambda d: _outlook(1, hidden(d)),
    "Outlook before 2003": lambda d: _outlook(2, hidden(d), 14),
    "PDF in numbers of glyphs": _glyphs,
    "a chunk of Zarr": lambda d: _blosc(hidden(d), 0x21),
    "a disk image of Apple": lambda d: b"bvx2" + hidden(d) + b"koly\0\0\0\4".ljust(512, b"\0"),
    "PDF whose fonts lie in a stream of objects": lambda d: pdf(_objects(b"<</Subtype/Type0>>")) + hidden(d),
}
"""What is recognised and not opened."""

NOT_PACKED: dict[str, bytes] = {
    "HDF5 with deflate alone": _HDF5 + b"\1\0\x08\0\1\0\1\0deflate\0" + bytes(100),
    "HDF5 of the later format with deflate alone": _HDF5 + b"\x0b\x10\0\0\2\1\1\0\1\0\1\0\x06\0\0\0" + bytes(100),
    "HDF5 without a filter": _HDF5 + b"numbers" * 100,
    "Outlook, as it is": _outlook(0, b"hello " * 50),
    "a word in a text": b"12345678DUCK is a bird, REDIS0011 a dump, !BDN a mark, b2frame\0 another\n" * 5,
    "a text of Redis": b"REDIS0011 is what a dump begins with\n",
    "JSON with a version": b'{"version":{"major":0,"minor":27},"crc":314159265}\n',
    "a chunk of Zarr, stored": _blosc(b"numbers" * 100, 3),
    "a chunk of Zarr, and more": _blosc(b"numbers" * 100, 1) + b"1",
    "a disk image of Apple, as it is": bytes(900) + b"koly\0\0\0\4".ljust(512, b"\0"),
    "PDF with another font": pdf(b"BT (nothing) Tj ET").replace(b"trailer", _FONTS + b"trailer"),
    "PDF whose other fonts lie in a stream of objects": pdf(_objects(b"<</Subtype/Type1>>")),
    "a text about a PDF": b"1 0 of the fonts has /Identity-H as its encoding\n" * 3,
}
"""Where nothing is unread."""
