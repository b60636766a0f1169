"""What a handler hands over compressed, as bytes or as base64 of them: what is in it is searched as well."""

from __future__ import annotations

import base64
import binascii
import io
import mmap
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from redactfuzz.dumps.compressed import COMPRESSED, Compressed
from redactfuzz.dumps.image import Damaged
from redactfuzz.dumps.region import Nature, Region

_LARGEST = 1 << 24
"""Bytes of one value that are unpacked, and that are searched of what is in it."""
_NESTING = 3
"""So often one lies in the other."""
_STEP = 1 << 16
_HEAD = 16
"""Characters of base64, of which the first bytes tell whether they are compressed."""
_ZLIB = tuple(Compressed("zlib", b"\x78" + level, zlib.decompressobj) for level in (b"\x01", b"\x5e", b"\x9c", b"\xda"))


def unpacked(regions: Iterable[Region]) -> Iterator[Region]:
    """What is in those that are compressed, as far as it can be read. They are regions themselves, and stay so."""
    for region in regions:
        data = region.data
        for _ in range(_NESTING):
            if len(data) > _LARGEST or not (data := _opened(data)):
                break
            yield Region(data, Nature.BYTES, region.path)


def _opened(data: bytes | mmap.mmap) -> bytes:
    """What is in ``data``. Empty where it is not compressed."""
    if how := _how(data[:_HEAD]):
        return _read(how, bytes(data))
    try:
        how = _how(_base64(data[:_HEAD]))
        return _read(how, _base64(bytes(data))) if how else b""
    except (binascii.Error, ValueError):  # it is no base64, or not to its end
        return b""


def _how(head: bytes) -> Compressed | None:
    return next((each for each in (*COMPRESSED, *_ZLIB) if each.recognises(head)), None)


def _base64(data: bytes) -> bytes:
    text = b"".join(data.split()).strip(b'"').translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)


def _read(how: Compressed, data: bytes) -> bytes:
    plain = bytearray()
    stream: Any
    for _, stream in how.unpack(io.BytesIO(data)):
        with stream:
            try:
                while len(plain) < _LARGEST and (piece := stream.read1(_STEP)):  # what comes before damage counts
                    plain += piece
            except Damaged:
                pass
    return bytes(plain)
