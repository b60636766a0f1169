"""What every opener is given, and what it gives."""

from __future__ import annotations

import mmap
from collections.abc import Generator, Iterator
from typing import Protocol

import attrs

from redactfuzz.dumps.readers.image import Member
from redactfuzz.model.exposure import Gap

_TIMES, _SPARE = 4, 1 << 20
"""Bytes that are read of what others may begin in: so many times those of the image, and some."""
TOO_FAR = "what looks packed holds other beginnings too often: what is in more of them was not opened"

Found = Generator[Member | Gap, None, int]
"""What lies at a place; in the end, where to look on."""


@attrs.define(repr=False)
class Ground:
    """An image that is looked through.

    In the stretches ``passed`` (start, end), a heap, nothing begins: pieces of a stream. As far as was searched,
    ``mark`` is the next place where a mark is, ``word`` that of a word of base64 which may be deflated.
    ``left`` is what may still be tried, ``walked`` are bytes of chunks that were walked through, and of members in
    which others may begin. ``beside`` is what of one that was opened last is still to be looked through.
    ``spelled``: no file begins where it does, it is written in one in another form.
    """

    name: str
    data: bytes | mmap.mmap
    left: int
    spelled: bool = False
    passed: list[tuple[int, int]] = attrs.field(factory=list)
    mark: int = -1
    word: int = -1
    walked: int = 0
    beside: tuple[int, int] | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)

    @property
    def is_too_far(self) -> bool:
        """Whether no more is read in which others may begin, which was said."""
        return self.walked > _TIMES * self.size + _SPARE

    def walk(self, size: int, at: int) -> Iterator[Gap]:
        """So much was read in which others may begin. Where that is too much it is said, once."""
        before = self.is_too_far
        self.walked += size
        if self.is_too_far and not before:
            yield Gap(self.name, TOO_FAR, at)


class Opener(Protocol):
    """Opens one kind of container that begins at a place of an image."""

    def begins(self, head: bytes) -> bool:
        """Whether it may be one, by its first bytes (16, or all that there are)."""

    def open(self, ground: Ground, at: int) -> Found:
        """Its members, and what of it cannot be read. Gives the next offset where it is none."""
