"""PNG: the pixels are one zlib stream in as many pieces as there are chunks (PNG specification, section 10.1)."""

from __future__ import annotations

import io
import re
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
        for pieces in list(_images(ground, at + len(_MAGIC))):
            ground.passed += pieces
            frames = Frames(ZLIB, Pieces(ground.data, pieces), follow=True, frames=1)
            yield Member(
                f"pixels of a PNG at {pieces[0][0]:#x}", io.BufferedReader(frames, 1 << 16), tried=pieces[0][0]
            )
        return at + len(_MAGIC)


def _images(ground: Ground, at: int) -> Iterator[list[tuple[int, int]]]:
    pieces: list[tuple[int, int]] = []
    for kind, start, end in _chunks(ground, at):
        if kind in (b"fcTL", b"IEND") and pieces:
            yield pieces
            pieces = []
        if kind == b"IDAT" and end > start:
            pieces.append((start, end))
        elif kind == b"fdAT" and end > start + _SEQUENCE:
            pieces.append((start + _SEQUENCE, end))
    if pieces:
        yield pieces


def _chunks(ground: Ground, at: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the data, to where they stop making sense."""
    while at + _HEADER <= ground.size:
        length, kind = int.from_bytes(ground.data[at : at + 4], "big"), ground.data[at + 4 : at + 8]
        if not _KIND.fullmatch(kind):
            return
        yield kind, at + _HEADER, min(ground.size, at + _HEADER + length)
        if kind == b"IEND":
            return
        at += _HEADER + length + 4
