"""What a handler hands over compressed, as bytes, as base64 or as hex of them: what is in it is searched as well."""

from __future__ import annotations

import base64
import contextlib
import io
import itertools
import mmap
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from redactfuzz.dumps.readers.compressed import COMPRESSED, Compressed
from redactfuzz.dumps.readers.image import Damaged
from redactfuzz.dumps.readers.region import Nature, Region

_LARGEST = 1 << 24
"""Bytes of one value that are unpacked, and that are searched of what is in it."""
_NESTING = 3
"""So often one lies in the other."""
_STEP = 1 << 16
_HEAD = 32
"""Characters of base64 or hex, of which the first bytes show whether they are compressed."""
_RUN = re.compile(rb"[0-9A-Za-z+/_\-\r\n]{24,}={0,2}")
_RUNS = 64
"""That are looked at in one value."""
_ZLIB = (Compressed("zlib", re.compile(rb"\x78[\x01\x5e\x9c\xda]"), zlib.decompressobj),)


def unpacked(regions: Iterable[Region]) -> Iterator[Region]:
    """What is in those that are compressed, as far as it can be read. They are regions themselves, and stay so."""
    for region in regions:
        for data in _inside(region.data, _NESTING):
            yield Region(data, Nature.BYTES, region.path)


def _inside(data: bytes | mmap.mmap, depth: int) -> Iterator[bytes]:
    if depth == 0 or len(data) > _LARGEST:
        return
    for plain in filter(None, _opened(data)):
        yield plain
        yield from _inside(plain, depth - 1)


def _opened(data: bytes | mmap.mmap) -> Iterator[bytes]:
    """What is in ``data``, where that is compressed; else in the runs of base64 and hex that stand in it."""
    if how := _how(data[:_HEAD]):
        yield _read(how, bytes(data))
        return
    for run in itertools.islice(_RUN.finditer(data), _RUNS):
        for decoded in (_hex, _base64):
            with contextlib.suppress(ValueError):  # it is none, or not to its end
                if how := _how(decoded(run[0][:_HEAD])):
                    yield _read(how, decoded(run[0]))


def _how(head: bytes) -> Compressed | None:
    return next((each for each in (*COMPRESSED, *_ZLIB) if each.recognises(head)), None)


def _base64(text: bytes) -> bytes:
    text = b"".join(text.split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)


def _hex(text: bytes) -> bytes:
    return bytes.fromhex(text.decode("ascii"))


def _read(how: Compressed, data: bytes) -> bytes:
    plain = bytearray()
    for member in how.unpack(io.BytesIO(data)):
        stream: Any = member.stream
        with stream:
            try:
                while len(plain) < _LARGEST and (piece := stream.read1(_STEP)):  # what comes before damage counts
                    plain += piece
            except Damaged:
                pass
    return bytes(plain)
