"""What lies in an archive beside its files, as names, links and what fills a block. No program unpacks it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

from redactfuzz.dumps.readers.carving.carver import holds_packed
from redactfuzz.dumps.readers.image import Member
from redactfuzz.dumps.readers.stream import Stretch

_LOOKED = 1 << 20
"""Bytes that are looked through; what is longer is a member whatever lies in it."""


def beside(stream: IO[bytes], start: int, size: int, what: str) -> Iterator[Member]:
    """A stretch as a member, where something packed may begin in it: as it is it was searched with the archive."""
    if size <= 0:
        return
    stream.seek(start)
    if size > _LOOKED or holds_packed(stream.read(size)):
        yield Member(what, io.BufferedReader(Stretch(stream, start, size)), start)


def behind(stream: IO[bytes], at: int, padding: bytes) -> Iterator[Member]:
    """What follows the end of an archive behind its padding, to the end of the file."""
    rest, end = _first(stream, at, padding), stream.seek(0, io.SEEK_END)
    if rest < end:
        yield Member(f"what follows at {rest:#x}", io.BufferedReader(Stretch(stream, rest, end - rest)), rest)


def _first(stream: IO[bytes], at: int, padding: bytes) -> int:
    """Where the first byte lies that is none of the padding, or the end."""
    stream.seek(at)
    while block := stream.read(1 << 16):
        left = block.lstrip(padding)
        if left:
            return at + len(block) - len(left)
        at += len(block)
    return at
