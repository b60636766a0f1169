"""Where in an image bytes look random: only there are windows divided by, or points multiplied by them."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image

_AT_ONCE = 4096
BLOCK = 16
"""Bytes by which random ones are told from others."""
ISLAND = 1 << 14
"""Bytes of the longest stretch in which the keys of a process lie: what is longer is compressed, or a table."""


@attrs.frozen
class Stretches:
    """Some stretches of an image, in memory of C: ``places`` has ``count`` of ``rf_place``."""

    places: Any
    count: int

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for index in range(self.count):
            yield int(self.places[index].offset), int(self.places[index].length)

    def islands(self, most: int = ISLAND) -> Stretches:
        """Those of them that are no longer than so many bytes."""
        return self._sized(0, most)

    def longer(self, most: int = ISLAND) -> Stretches:
        """The others."""
        return self._sized(most + 1, sys.maxsize)

    def _sized(self, least: int, most: int) -> Stretches:
        kept = ffi.new("rf_place[]", self.count)
        return Stretches(kept, int(lib.rf_keep_sized(self.places, self.count, least, most, kept)))

    @property
    def size(self) -> int:
        """Bytes of all."""
        return sum(length for _, length in self)


def joined(parts: Iterable[Stretches]) -> Stretches:
    """All of them, for a search that goes over the image more than once: 16 bytes each."""
    size = ffi.sizeof("rf_place")
    places = b"".join(bytes(ffi.buffer(part.places)[: part.count * size]) for part in parts)
    return Stretches(ffi.from_buffer("rf_place[]", places), len(places) // size)


_KNOWN: WeakKeyDictionary[Image, dict[Hashable, tuple[Stretches, ...]]] = WeakKeyDictionary()
"""Of each image that is looked at: a dozen searches ask for the same stretches, and to find them takes longer than most
of these."""


def dense(image: Image, shortest: int, grain: int = BLOCK, drawn: int | None = None) -> Sequence[Stretches]:
    """The stretches in which a number of at least ``shortest`` bytes may lie, some thousands at a time.

    ``grain``: at its multiples begin the blocks of 16 bytes that are looked at. A number of less than 32 bytes may hold
    none whole at multiples of 16. ``drawn``: so many of the bytes are as good as random, by which lists of pointers are
    told from it. Where nothing is said it may be one in digits, of whose bytes a quarter are few.
    """
    drawn = shortest - shortest // 4 if drawn is None else drawn
    known = _KNOWN.setdefault(image, {})
    if (runs := known.get(grain)) is None:
        runs = known[grain] = (joined(_runs(image, grain)),)
    if (found := known.get((shortest, grain, drawn))) is None:
        found = known[shortest, grain, drawn] = tuple(_varied(image, runs[0], shortest, drawn))
    return found


def _runs(image: Image, grain: int) -> Iterator[Stretches]:
    """Of blocks that look random."""
    start, places = ffi.new("size_t *", 0), ffi.new("rf_place[]", _AT_ONCE)
    while start[0] < image.size:
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            count = int(lib.rf_find_random(data, image.size, grain, start, places, _AT_ONCE))
        yield Stretches(places, count)


def _varied(image: Image, runs: Stretches, shortest: int, drawn: int) -> Iterator[Stretches]:
    """What of them, and beside them, has as many different bytes as a random number."""
    cursor, places = ffi.new("rf_cursor *"), ffi.new("rf_place[]", _AT_ONCE)
    while cursor.stretch < runs.count:
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            count = lib.rf_keep_varied(
                *(data, image.size, runs.places, runs.count, shortest, drawn, cursor, places, _AT_ONCE)
            )
        if count:
            yield joined([Stretches(places, int(count))])
