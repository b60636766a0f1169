"""PNG: the pixels are one zlib stream in as many pieces as there are chunks (PNG specification, section 10.1)."""

from __future__ import annotations

import heapq
import io
import re
import zlib
from array import array
from collections.abc import Iterator, Sequence
from typing import overload

import attrs

from redactfuzz.dumps.readers.carving.found import Found, Ground
from redactfuzz.dumps.readers.carving.pieces import Pieces
from redactfuzz.dumps.readers.carving.streams import ZLIB
from redactfuzz.dumps.readers.compressed import Frames
from redactfuzz.dumps.readers.image import Member
from redactfuzz.model.exposure import Gap

_MAGIC = b"\x89PNG\r\n\x1a\n"
_HEADER = 8
"""Length and kind of a chunk; its checksum comes behind it."""
_KIND = re.compile(rb"[A-Za-z]{4}")
_BETWEEN = 4 + _HEADER
"""Bytes from the data of one chunk to that of the next."""
_TIMES, _SPARE = 4, 1 << 20
"""Bytes of chunks that are walked through in all: so many times those of the image, and some."""
_TOO_FAR = "what looks like chunks of PNG images was walked through too often: what is in more of them was not opened"
_SEQUENCE = 4
"""Bytes before the data in a chunk of an animation."""


@attrs.frozen
class PngPixels:
    """Still images and animations. Compressed texts are streams in one piece, which are found as such."""

    def begins(self, head: bytes) -> bool:
        """By the signature."""
        return head.startswith(_MAGIC)

    def open(self, ground: Ground, at: int) -> Found:
        """A stream for the image, and one for each frame of an animation. What is behind it in its chunks stays."""
        behind = at + 1
        if ground.walked > _walks(ground):  # and that was said
            return behind
        for image in _images(ground, at + len(_MAGIC)):
            pieces = Pieces(ground.data, image)
            frames = Frames(ZLIB, pieces, follow=True, frames=1)
            begin = image.starts[0]
            yield Member(f"pixels of a PNG at {begin:#x}", io.BufferedReader(frames, 1 << 16), tried=begin)
            for passed in image.passed(frames.end or ground.size):  # what is known already is not read
                heapq.heappush(ground.passed, passed)
            behind = at + len(_MAGIC)
        if ground.walked > _walks(ground):
            yield Gap(ground.name, _TOO_FAR, at)
        return behind


@attrs.frozen
class _Chunks(Sequence[tuple[int, int]]):
    """Where the data of those of one stream lie, of which there may be millions."""

    starts: array[int] = attrs.field(factory=lambda: array("Q"))
    ends: array[int] = attrs.field(factory=lambda: array("Q"))
    whole: bytearray = attrs.field(factory=bytearray)
    """Of each whether its checksum is right: it is as long as it says, and nothing else begins in it."""

    def add(self, start: int, end: int, whole: bool) -> None:
        """One more."""
        self.starts.append(start)
        self.ends.append(end)
        self.whole.append(whole)

    def passed(self, size: int) -> Iterator[tuple[int, int]]:
        """So many bytes of the data of whole chunks were read: where they lie, those that are neighbours together."""
        first = last = 0
        for start, end, whole in zip(self.starts, self.ends, self.whole, strict=True):
            stop, size = min(end, start + size), size - (end - start)
            if whole and last and start == last + _BETWEEN:
                last = stop
            elif whole:
                yield from [(first, last)] if last else []
                first, last = start, stop
            if size <= 0:
                break
        yield from [(first, last)] if last else []

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[int, int]]: ...
    def __getitem__(self, index: int | slice) -> tuple[int, int] | list[tuple[int, int]]:
        if isinstance(index, slice):
            return [*zip(self.starts[index], self.ends[index], strict=True)]
        return self.starts[index], self.ends[index]


def _images(ground: Ground, at: int) -> Iterator[_Chunks]:
    pieces = _Chunks()
    for kind, start, end in _chunks(ground, at):
        if kind in (b"fcTL", b"IEND") and pieces:
            yield pieces
            pieces = _Chunks()
        begin = start + _SEQUENCE * (kind == b"fdAT")
        if kind in (b"IDAT", b"fdAT") and end > begin:
            pieces.add(begin, end, _is_right(ground, start - 4, end))
    if pieces:
        yield pieces


def _chunks(ground: Ground, at: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, and where the data lie, of each to where they stop making sense, or too much was walked through."""
    while at + _HEADER <= ground.size:
        length, kind = int.from_bytes(ground.data[at : at + 4], "big"), ground.data[at + 4 : at + 8]
        if not _KIND.fullmatch(kind):
            return
        start, end = at + _HEADER, min(ground.size, at + _HEADER + length)
        ground.walked += end - at
        if ground.walked > _walks(ground):
            return
        yield kind, start, end
        if kind == b"IEND":
            return
        at = start + length + 4


def _walks(ground: Ground) -> int:
    """Bytes of chunks that are walked through in all. Of what is no trap each belongs to one image."""
    return _TIMES * ground.size + _SPARE


def _is_right(ground: Ground, at: int, end: int) -> bool:
    """Whether the checksum of a chunk is that of its kind and data (section 5.3)."""
    return end + 4 <= ground.size and int.from_bytes(ground.data[end : end + 4], "big") == zlib.crc32(
        ground.data[at:end]
    )
