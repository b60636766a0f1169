"""Containers as few programs write them, and damaged ones: what is recognised is opened, or said not to be."""

from __future__ import annotations

import base64
import bz2
import gzip
import lzma
import random
import re
import struct
import tarfile
import zlib

import lz4.frame
from containers import NOISE, Make, hidden, patched, pzstd, raw_deflate, skippable, tar, zipped, zstd


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


RARE: dict[str, Make] = {
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
