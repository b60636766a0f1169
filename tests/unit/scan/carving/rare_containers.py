"""Containers as few programs write them, and damaged ones: what is recognised is opened, or said not to be."""

from __future__ import annotations

import base64
import bz2
import gzip
import json
import lzma
import random
import re
import struct
import tarfile
import urllib.parse
import zlib

import lz4.block
import lz4.frame
from containers import NOISE, Make, hidden, patched, picture, pzstd, raw_deflate, skippable, tar, zipped, zstd


def chunked(data: bytes, *sizes: int) -> bytes:
    """A body of HTTP: the first chunks have these sizes, the last one has the rest."""
    head, at = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", 0
    for size in (*sizes, len(data)):
        piece, at = data[at : at + size], at + size
        head += b"%x;a=1\r\n%b\r\n" % (len(piece), piece) if size % 2 else b"%x\r\n%b\r\n" % (len(piece), piece)
    return head + b"0\r\n\r\n"


def _undated(data: bytes) -> bytes:
    """A zip archive whose members have no date, as reproducible ones are written."""
    return re.sub(rb"(?s)(PK\x03\x04.{6}|PK\x01\x02.{8}).{4}", lambda match: match[1] + bytes(4), data)


def _nameless(archive: bytes, data: bytes) -> bytes:
    """A zip archive before which a member without a name stands."""
    packed = raw_deflate(data)
    fields = (20, 0, 8, 0, 0x21, zlib.crc32(data), len(packed), len(data), 0, 0)
    return b"PK\3\4" + struct.pack("<HHHHHIIIHH", *fields) + packed + archive


def _of_kind(kind: bytes, data: bytes) -> bytes:
    """A tar with a member of a kind that few know."""
    entry = tarfile.TarInfo("log.gz")
    entry.type, entry.size = kind, len(data)
    return tar({"a": b"x"})[:1024] + entry.tobuf() + data + bytes(-len(data) % 512) + bytes(1024)


def _wrong(data: bytes, at: int) -> bytes:
    return data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :]


def _body(encoded: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nServer: x\r\n\r\n" + encoded


def _with_extra(data: bytes, extra: bytes, comment: bytes = b"") -> bytes:
    """Gzip whose header has more than most."""
    flags = 4 * bool(extra) | 16 * bool(comment)
    head = b"\x1f\x8b\x08" + bytes((flags, 0, 0, 0, 0, 2, 3))
    tail = struct.pack("<II", zlib.crc32(data), len(data))
    head += struct.pack("<H", len(extra)) + extra if extra else b""
    return head + (comment + b"\0" if comment else b"") + raw_deflate(data) + tail


def _extra_field(extra: bytes) -> bytes:
    """A zip archive whose member has one."""
    whole = zipped({"a.txt": b"nothing in here"})
    field = struct.pack("<HH", 0xCAFE, len(extra)) + extra
    head, rest = whole[:30], whole[30:]
    return head[:28] + struct.pack("<H", len(field)) + rest[:5] + field + rest[5:]


def _upx(data: bytes) -> bytes:
    header = b"UPX!" + bytes((13, 22, 2, 8)) + NOISE[:23]
    return b"\x7fELF\2\1\1" + NOISE + hidden(data) + header + bytes((sum(header[4:]) % 251,))


def _rtf(data: bytes) -> bytes:
    packed = hidden(data)
    return NOISE + struct.pack("<II", len(packed) + 12, 2 * len(packed)) + b"LZFu" + struct.pack("<I", 77) + packed


def _lz4_java(data: bytes) -> bytes:
    packed = lz4.block.compress(data, store_size=False)
    return b"LZ4Block\x26" + struct.pack("<III", len(packed), len(data), 77) + packed + b"LZ4Block\x16" + bytes(12)


def _moz(data: bytes) -> bytes:
    return b"mozLz40\0" + lz4.block.compress(data)


def _footer(mark: bytes) -> bytes:
    """Of a table of RocksDB: a checksum's kind, two places, a version."""
    return (b"\1\x80\x10\x22" + bytes(37) + struct.pack("<I", 5)) + mark


_DOTS = zlib.compress(bytes(64 * 65))
_ROCKS, _PEBBLE = bytes.fromhex("f7cff485b741e288"), "\N{COCKROACH}".encode() * 2


RARE: dict[str, Make] = {
    "raw deflate in base64": lambda d: b"config=" + base64.b64encode(raw_deflate(d)) + b" end\n",
    "raw deflate in base64 in lines": lambda d: b"config:\n" + base64.encodebytes(raw_deflate(d)),
    "raw deflate in base64, in JSON": lambda d: json.dumps(
        {"a": "x\n" + base64.b64encode(raw_deflate(d)).decode()}
    ).encode(),
    "raw deflate in an address": lambda d: b'"GET /sso?SAMLRequest='
    + urllib.parse.quote(base64.b64encode(raw_deflate(d)), safe="").encode() + b'&RelayState=x HTTP/1.1" 200\n',
    "raw deflate as a body": lambda d: _body(raw_deflate(d)),
    "raw deflate as a body in chunks": lambda d: b"HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\n"
    + b"transfer-encoding: chunked\r\n\r\n" + chunked(raw_deflate(d), 900, 900).partition(b"\r\n\r\n")[2],
    "zlib as a body": lambda d: _body(zlib.compress(d)),
    "gzip in the extra field of gzip": lambda d: _with_extra(b"nothing", gzip.compress(d)),
    "gzip in the extra field of gzip behind noise": lambda d: NOISE + _with_extra(b"nothing", gzip.compress(d)),
    "gzip in the extra field of gzip in base64": lambda d: base64.b64encode(_with_extra(b"nothing", gzip.compress(d))),
    "gzip in the extra field of a member of zip": lambda d: _extra_field(gzip.compress(d)),
    "gzip behind the pixels of a PNG": lambda d: picture(_DOTS + gzip.compress(d), 1 << 20),
    "zip, a tab in the name": lambda d: zipped({"a": b"x", "log\t1.txt": d}),
    "zip, a folder whose name ends a line": lambda d: zipped({"a": b"x", "Icon\r/log.txt": d}),
    "zip, escapes in a name without a date": lambda d: _undated(zipped({"a": b"x", "\x1blog.txt": d, "b": b"x"})),
    "zip, streamed without dates and with a tab": lambda d: _undated(zipped({"\tlog.txt": d, "b": d}, streamed=True)),
    "zip, a member without a name": lambda d: _nameless(zipped({"a": b"x"}), d),
    "zip that needs a later version": lambda d: NOISE + patched(zipped({"log.txt": d}), version=64),
    "zip whose header lies about its size": lambda d: patched(zipped({"log.txt": d}), size=0),
    "gzip in chunks, the header alone in the first": lambda d: chunked(gzip.compress(d), 10),
    "gzip in chunks": lambda d: chunked(gzip.compress(d), 100, 101, 100, 1, 99),
    "zlib in chunks, two bytes in the first": lambda d: chunked(zlib.compress(d), 2),
    "zstd in chunks": lambda d: chunked(zstd(d), 40, 40),
    "tar of volumes": lambda d: _of_kind(b"M", gzip.compress(d)),
    "tar with a kind of Solaris": lambda d: _of_kind(b"A", gzip.compress(d)),
    "tar with a sparse file without a map": lambda d: _of_kind(b"S", gzip.compress(d)),
    "gzip in a frame that zstd passes over": lambda d: zstd(b"x") + skippable(gzip.compress(d)) + zstd(b"y"),
    "gzip in a frame behind noise that lz4 passes over": lambda d: NOISE
    + lz4.frame.compress(b"x") + skippable(gzip.compress(d)),
}
"""Where what is in it is found."""

DAMAGED: dict[str, Make] = {
    "base64 of gzip in a long comment of gzip": lambda d: _with_extra(b"x", b"", base64.b64encode(gzip.compress(d))),
    "mozLz4": _moz,
    "mozLz4 in a tar": lambda d: tar({"a.jsonlz4": _moz(d)}),
    "lz4-java": _lz4_java,
    "lz4-java behind noise": lambda d: NOISE + _lz4_java(d),
    "compressed RTF": _rtf,
    "a dump of Redis": lambda d: b"REDIS0011\xfa\x09redis-ver\x057.2.4" + hidden(d),
    "a dump of Redis behind noise": lambda d: NOISE + b"REDIS0009\xfe\0" + hidden(d),
    "snappy-java": lambda d: b"\x82SNAPPY\0" + struct.pack(">II", 1, 1) + hidden(d),
    "UPX": _upx,
    "a table of RocksDB": lambda d: hidden(d) + _footer(_ROCKS),
    "a table of RocksDB in memory": lambda d: NOISE + hidden(d) + _footer(_ROCKS) + NOISE,
    "a table of Pebble": lambda d: hidden(d) + _footer(_PEBBLE),
    "a table of Pebble in memory": lambda d: NOISE + hidden(d) + _footer(_PEBBLE) + NOISE,
    "zip, a method that nobody knows": lambda d: NOISE + patched(zipped({"log.txt": hidden(d)}), method=21),
    "zip, the same without a date": lambda d: NOISE + _undated(patched(zipped({"log.txt": hidden(d)}), method=21)),
    "gzip behind a line, a byte wrong": lambda d: b"a line\n" + _wrong(gzip.compress(d), 300),
    "gzip behind a line, its table wrong": lambda d: b"a line\n" + _wrong(gzip.compress(d), 30),
    "short gzip behind a line, a byte wrong": lambda d: b"a line\n"
    + _wrong(gzip.compress(b"user: jane, a: b, the end of it, which is far from short, and 12 of 99"), 80),
    "zlib behind a line, a byte wrong": lambda d: b"a line\n" + _wrong(zlib.compress(d), 300),
    "xz behind a line, a byte wrong": lambda d: b"a line\n" + _wrong(lzma.compress(d), 300),
    "bzip2 behind a line, a byte wrong": lambda d: b"a line\n" + _wrong(bz2.compress(d), 300),
    "base64 of gzip, a byte wrong": lambda d: b"a line\n" + base64.b64encode(_wrong(gzip.compress(d), 300)),
    "tar with a packed attribute": lambda d: _of_kind(b"x", gzip.compress(d)),
}
"""What is recognised and cannot be read to its end."""

SIMILAR: dict[str, bytes] = {
    "marks of what is not opened, in a program": b"\1" + b"".join(
        one + bytes(60) + NOISE[60 * at : 60 * at + 60]
        for at, one in enumerate(
            (b"mozLz40\0", b"LZ4BlockOutputStream", b"LZFu", b"REDIS0011", b"\x82SNAPPY\0", b"UPX!", _ROCKS)
        )
    ),
    "emoji": "\N{COCKROACH}\N{COCKROACH} and more \N{COCKROACH}\N{COCKROACH}\n".encode() * 90,
    "words of base64": b"".join(
        base64.b64encode(random.Random(n).randbytes(n % 90 + 30)) + b"\n" for n in range(3000)
    ),
    "headers of zlib with a fixed block and noise": b"\1" + b"".join(
        bytes((0x78, 0x9C, n << 3 & 255 | 2)) + random.Random(n).randbytes(90) for n in range(3000)
    ),
    "raw deflate in base64 of nothing": base64.b64encode(
        raw_deflate(b"10:00 started, and all is well here, said Jim\n" * 9)
    ),
    "a body that is not deflated": b"Content-Encoding: deflate\r\n\r\n" + NOISE + b"content-encoding: deflate, gzip",
    "headers of gzip and noise": b"\1" + b"".join(
        b"\x1f\x8b\x08\0\0\0\0\0" + bytes((n % 3 * 2, n % 14)) + random.Random(n).randbytes(90) for n in range(300)
    ),
    "headers of bzip2 and noise": b"\1" + b"".join(b"BZh91AY&SY" + random.Random(n).randbytes(90) for n in range(300)),
    "headers of zip and noise": b"\1" + b"".join(b"PK\3\4" + random.Random(n).randbytes(90) for n in range(3000)),
    "a program that compares with the mark of zip": b"\x81\x38PK\3\4\x14\0\0\0\0\0\x85\x60\x8f\x5a"
    + struct.pack("<IIIHH", 1, 1 << 20, 1 << 20, 12, 5) + b"H\x8b\x05\x85\xc0t\x1f\xe8\x9cH\x89\xc7" + NOISE[:999],
    "headers of zip without fields": (b"\1PK\3\4\x14\0\0\0\x08\0" + bytes(20) + NOISE[:99]) * 9,
    "pzstd": pzstd(b"nothing " * 20),
}
"""Where nothing is hidden, and nothing is unread."""
