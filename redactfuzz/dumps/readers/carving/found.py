"""What every opener is given, and what it gives."""

from __future__ import annotations

import mmap
from collections.abc import Generator
from typing import Protocol

import attrs

from redactfuzz.dumps.readers.image import Member
from redactfuzz.model.exposure import Gap

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


class Opener(Protocol):
    """Opens one kind of container that begins at a place of an image."""

    def begins(self, head: bytes) -> bool:
        """Whether it may be one, by its first bytes (16, or all that there are)."""

    def open(self, ground: Ground, at: int) -> Found:
        """Its members, and what of it cannot be read. Gives the next offset where it is none."""
