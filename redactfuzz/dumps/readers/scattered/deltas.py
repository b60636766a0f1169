"""Deltas of git: what one adds to its base is cut into pieces of 127 bytes at most (gitformat-pack(5), "Deltified
representation").

Each is a stream of zlib in a pack, and no mark says that it is one: its instructions make exactly the size that it
names, out of a base that has the size which it names. What it copies lies in the base, and is not here.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image, Layout, View

_COPY, _ANY = 0x80, 1 << 16
"""What begins an instruction to copy, and how much where no size is said."""
_OFFSETS, _SIZES = 4, 3
"""Bits of such an instruction that say which bytes of the offset, and of the size, follow it."""
_LARGEST = 1 << 40
_LEAST = 6

_Pieces = list[tuple[int, int]]


@attrs.frozen
class GitDeltas:
    """What is added in one place, in several pieces."""

    name: str = "delta of git"
    lines: bool = False

    def recognises(self, head: bytes, size: int) -> bool:
        """By all of a short one; of a longer one as far as it can be seen. It copies something."""
        if size < _LEAST:
            return False
        copies = False
        for added in _instructions(head, whole=len(head) == size):
            if added is None:
                return False
            copies = copies or added[0] == added[1]
        return copies

    def layout(self, image: Image) -> Layout:
        """Places are those of the delta."""
        return Layout(self.name)

    def views(self, image: Image) -> Iterator[View]:
        """What is added in one place."""
        for run in self.runs(image):
            yield View("what a delta of git adds", tuple(run))

    def runs(self, image: Image) -> Iterator[_Pieces]:
        """Where the pieces lie. They are put together wherever they stand in what looks like a delta."""
        run: _Pieces = []
        for added in _instructions(image.data, whole=True):
            if added is not None and added[0] < added[1]:
                run.append(added)
                continue
            if len(run) > 1:
                yield run
            run = []
        if len(run) > 1:
            yield run


def _instructions(data: bytes | mmap.mmap, *, whole: bool) -> Iterator[tuple[int, int] | None]:
    """Where what is added begins and ends, of a copy nothing; None in the end where it is no delta.

    ``whole``: the data are all of it. Else what is cut off is right so far.
    """
    at = 0
    try:
        base, at = _number(data, at)
        left, at = _number(data, at)
        if not 0 < left < _LARGEST or not 0 < base < _LARGEST:
            yield None
            return
        while left > 0:
            code, at = data[at], at + 1
            if code & _COPY:
                offset, at = _chosen(data, at, code, _OFFSETS)
                size, at = _chosen(data, at, code >> _OFFSETS & 7, _SIZES)
                size, added = size or _ANY, (at, at)
                if offset + size > base:
                    yield None
                    return
            else:
                size, added = code, (at, at + code)
                at += code
                if at > len(data):
                    break
            left -= size
            if size == 0 or left < 0:
                yield None
                return
            yield added
    except IndexError:
        at = len(data) + 1
    if at != len(data) and (whole or at < len(data)):
        yield None


def _number(data: bytes | mmap.mmap, at: int) -> tuple[int, int]:
    """Seven bits in each byte, the lowest first."""
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128 or shift > 63:
            return value, at


def _chosen(data: bytes | mmap.mmap, at: int, bits: int, count: int) -> tuple[int, int]:
    """The bytes of a number that are not zero."""
    value = 0
    for index in range(count):
        if bits >> index & 1:
            value |= data[at] << 8 * index
            at += 1
    return value, at
