"""Compressed streams: as they are, and written as text."""

from __future__ import annotations

import io
import math
import mmap
import re
import zlib
from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz.dumps.readers.carving.armour import ARMOURS, Armoured, ArmouredZip
from redactfuzz.dumps.readers.carving.broken import TO_ITS_END, ends, is_one, is_written, may_be_one
from redactfuzz.dumps.readers.carving.chunked import Chunked, chunks_at
from redactfuzz.dumps.readers.carving.dictionaries import gap_of_zstd
from redactfuzz.dumps.readers.carving.found import Found, Ground
from redactfuzz.dumps.readers.carving.pieces import Pieces
from redactfuzz.dumps.readers.compressed import COMPRESSED, FED, Compressed, Frames
from redactfuzz.dumps.readers.image import Member
from redactfuzz.dumps.readers.stream import Stretch
from redactfuzz.model.exposure import Gap

_BUFFER = 1 << 16
_LEAST, _LEAST_OF_ZLIB = 64, 64 << 10
"""Bytes that come out before data count as damaged. The two first bytes of zlib are next to none: where its first block
has no table, which can be checked, and gives no text, the code of a program may give some.
"""
_DYNAMIC = 4
_TEXTS = 15
"""Trials of bytes that one of a text takes as long as."""
_IN_CHUNKS = 60
"""The same of one that is gathered from small chunks."""
_TO_ITS_END = 60
"""The same of letters that are unpacked to where they may end."""
_SHORT = 32
"""Bytes of a text that are decoded to see whether there is anything."""
_ZIP = b"PK\x03\x04"


def _zlib_magic() -> re.Pattern[bytes]:
    """RFC 1950 section 2.2: deflate with a window of up to 32 KB, no dictionary, and a check of the two bytes."""
    pairs = (
        bytes((high, low))
        for high in range(8, 0x80, 16)
        for low in range(256)
        if (high << 8 | low) % 31 == 0 and not low & 0x20
    )
    return re.compile(b"|".join(re.escape(pair) for pair in pairs), re.DOTALL)


ZLIB = Compressed("zlib", _zlib_magic(), zlib.decompressobj)
_BY_FIRST = dict.fromkeys(range(8, 128, 16), (ZLIB, *COMPRESSED))
"""Most places that look like something look like zlib."""


def _kind(head: bytes) -> Compressed | None:
    return next((one for one in _BY_FIRST.get(head[0], COMPRESSED) if one.recognises(head)), None) if head else None


@attrs.frozen
class _Sure:
    """Whether a stream that broke off is one for sure. Zlib has no mark of its own.

    By how it begins only where too little came out: else that tells whether it hides anything.
    """

    how: Compressed
    frames: Frames
    head: bytes

    def __call__(self) -> bool:
        if self.frames.came_out < _LEAST and is_one(self.how, self.head):
            return True
        return self.how is not ZLIB and self.frames.cut


@attrs.frozen
class Streams:
    """Each kind that is known by how it begins, and zlib, which is known by a trial."""

    def begins(self, head: bytes) -> bool:
        """By the magic number."""
        return _kind(head) is not None

    def open(self, ground: Ground, at: int) -> Found:
        """What comes out of all frames of the kind that follow one another there, also over the chunks of a body."""
        chunks = chunks_at(ground.data, at)
        head = ground.data[at : at + FED] if chunks is None else chunks.read(FED)
        how = _kind(head)
        ground.left -= _IN_CHUNKS * (chunks is not None)
        if how is not None and how.name == "zstd" and (gap := gap_of_zstd(ground, at, head)):
            yield gap
            return at + 1
        if how is None or not may_be_one(how, head):
            return at + 1
        if at and (lacks := how.lacks()):  # a file that begins so is opened as what it is, and says it itself
            yield Gap(ground.name, lacks, at)
            return at + 1
        if how is ZLIB and is_written(head):
            ground.left -= _TO_ITS_END
            if not ends(_first(ground.data, at, chunks)):
                return at + 1
        most = 1 if how is ZLIB else math.inf
        if chunks is not None:
            chunks.seek(0)
        stream = Pieces(ground.data, ((at, ground.size),)) if chunks is None else chunks
        frames = Frames(how, stream, follow=True, frames=most)
        sure_of_zlib = head[2] & 6 == _DYNAMIC or is_one(how, head)
        least = _LEAST if how is not ZLIB or sure_of_zlib else _LEAST_OF_ZLIB
        name, sure = f"{how.name} at {at:#x}", _Sure(how, frames, head)
        yield Member(name, io.BufferedReader(frames, _BUFFER), tried=at, least=least, sure=sure)
        if chunks is None:
            yield from _skipped(ground, at, frames)
        else:
            yield from _skipped_in(chunks, frames)
            ground.left += _IN_CHUNKS * frames.whole
        if not frames.came_out and not frames.whole:  # others may begin in what was read: it is a header, if anything
            yield from ground.walk(frames.end, at)
            if not ground.is_too_far:
                return at + 1
        return max(at + 1, at + frames.end if chunks is None else chunks.place(frames.end))


def _first(data: bytes | mmap.mmap, at: int, chunks: Chunked | None) -> bytes:
    """What begins there, as far as letters are read to see whether it ends."""
    if chunks is None:
        return data[at : at + TO_ITS_END]
    chunks.seek(0)
    return chunks.read(TO_ITS_END)


def _skipped(ground: Ground, at: int, frames: Frames) -> Iterator[Member]:
    """What frames hold that were passed over: they lie there as they are, and nothing else looks into them."""
    for start, size in frames.skipped:
        begin, end = at + start, min(ground.size, at + start + size)
        if begin < end:
            name, stream = f"{frames.how.passed} at {begin:#x}", Pieces(ground.data, ((begin, end),))
            yield Member(name, io.BufferedReader(stream, _BUFFER), at=begin)


def _skipped_in(stream: Any, frames: Frames) -> Iterator[Member]:
    """The same of what lies there in another form."""
    for start, size in frames.skipped:
        yield Member(f"{frames.how.passed} at {start:#x}", io.BufferedReader(Stretch(stream, start, size), _BUFFER))


@attrs.frozen
class ArmouredStreams:
    """The same in base64 and in hexadecimal, and zip archives so."""

    def begins(self, head: bytes) -> bool:
        """It is text. Where a word begins with a magic number the search has seen."""
        return head[:4].isascii() and head[:3] != b"BZh"

    def open(self, ground: Ground, at: int) -> Found:
        """What comes out of the stream. The text around it may hold more."""
        for armour in ARMOURS:
            head = armour.head(ground.data, at, _SHORT)
            if _kind(head) is not None:
                head = armour.head(ground.data, at, FED)
            if head.startswith(_ZIP):
                archive = ArmouredZip(ground.data, at, armour)
                yield Member(f"zip in {armour.name} at {at:#x}", io.BufferedReader(archive, _BUFFER), begins=at)
                return max(at + 1, archive.last)
            how = _kind(head)
            if how is None or not may_be_one(how, head):
                continue
            ground.left -= _TEXTS
            if lacks := how.lacks():
                yield Gap(ground.name, f"{armour.name}: {lacks}", at)
                return at + 1
            text = Armoured(ground.data, at, armour)
            frames = Frames(how, text, follow=True)
            name = f"{how.name} in {armour.name} at {at:#x}"
            yield Member(name, io.BufferedReader(frames, _BUFFER), tried=at, sure=_Sure(how, frames, head))
            yield from _skipped_in(text, frames)
            ground.left += _TEXTS * frames.whole
            return at + max(1, armour.letters(frames.end))
        ground.left -= _TEXTS
        return at + 1
