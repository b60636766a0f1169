"""PNG: the pixels are one zlib stream in as many pieces as there are chunks (PNG specification, section 10.1)."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.carving.found import Found, Ground
from redactfuzz.dumps.readers.carving.pieces import Pieces
from redactfuzz.dumps.readers.carving.streams import ZLIB
from redactfuzz.dumps.readers.compressed import Frames
from redactfuzz.dumps.readers.image import Member

_MAGIC = b"\x89PNG\r\n\x1a\n"
_HEADER = 8
"""Length and kind of a chunk; its checksum comes behind it."""
_KIND = re.compile(rb"[A-Za-z]{4}")
_TIMES, _SPARE = 4, 16 << 20
"""Bytes of which checksums are computed in all: so many times those of the image, and some."""
_SEQUENCE = 4
"""Bytes before the data in a chunk of an animation."""


@attrs.frozen
class PngPixels:
    """Still images and animations. Compressed texts are streams in one piece, which are found as such."""

    def begins(self, head: bytes) -> bool:
        """By the signature."""
        return head.startswith(_MAGIC)

    def open(self, ground: Ground, at: int) -> Found:
        """A stream for the image, and one for each frame of an animation."""
        for image in list(_images(ground, at + len(_MAGIC))):
            pieces = [(each.start, each.end) for each in image]
            ground.passed += [(each.start, each.end) for each in image if each.whole]
            frames = Frames(ZLIB, Pieces(ground.data, pieces), follow=True, frames=1)
            yield Member(
                f"pixels of a PNG at {pieces[0][0]:#x}", io.BufferedReader(frames, 1 << 16), tried=pieces[0][0]
            )
        return at + len(_MAGIC)


@attrs.frozen
class _Chunk:
    """Its kind, and where its data lies."""

    kind: bytes
    start: int
    end: int
    whole: bool
    """The checksum is right: it is as long as it says, and nothing else begins in it."""


def _images(ground: Ground, at: int) -> Iterator[list[_Chunk]]:
    pieces: list[_Chunk] = []
    for chunk in _chunks(ground, at):
        if chunk.kind in (b"fcTL", b"IEND") and pieces:
            yield pieces
            pieces = []
        if chunk.kind == b"IDAT" and chunk.end > chunk.start:
            pieces.append(chunk)
        elif chunk.kind == b"fdAT" and chunk.end > chunk.start + _SEQUENCE:
            pieces.append(attrs.evolve(chunk, start=chunk.start + _SEQUENCE))
    if pieces:
        yield pieces


def _chunks(ground: Ground, at: int) -> Iterator[_Chunk]:
    """To where they stop making sense."""
    while at + _HEADER <= ground.size:
        length, kind = int.from_bytes(ground.data[at : at + 4], "big"), ground.data[at + 4 : at + 8]
        if not _KIND.fullmatch(kind):
            return
        start, end = at + _HEADER, min(ground.size, at + _HEADER + length)
        yield _Chunk(kind, start, end, end == start + length and _is_right(ground, at + 4, end))
        if kind == b"IEND":
            return
        at = start + length + 4


def _is_right(ground: Ground, at: int, end: int) -> bool:
    """Whether the checksum of a chunk is that of its kind and data (section 5.3), while there is time to compute it."""
    ground.summed += end - at
    if end + 4 > ground.size or ground.summed > _TIMES * ground.size + _SPARE:
        return False
    return int.from_bytes(ground.data[end : end + 4], "big") == zlib.crc32(ground.data[at:end])
