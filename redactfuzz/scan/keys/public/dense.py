"""Where in an image bytes look random: only there are windows divided by, or points multiplied by them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

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


def dense(image: Image, shortest: int, grain: int = BLOCK) -> Iterator[Stretches]:
    """The stretches of at least ``shortest`` bytes, so many at a time as there is room for.

    ``grain``: at its multiples begin the blocks of 16 bytes that are looked at. A number of less than 32 bytes may hold
    none whole at multiples of 16.
    """
    start, behind = ffi.new("size_t *", 0), 0
    while start[0] < image.size:
        places = ffi.new("rf_place[]", _AT_ONCE)
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            count = int(lib.rf_find_dense(data, image.size, shortest, grain, start, places, _AT_ONCE))
        if not count:
            continue
        # The margins of the first and of the last one before may meet.
        cut = max(0, behind - int(places[0].offset))
        places[0].offset, places[0].length = places[0].offset + cut, max(0, int(places[0].length) - cut)
        behind = int(places[count - 1].offset + places[count - 1].length)
        yield _varied(image, places, count, shortest)


def _varied(image: Image, places: Any, count: int, shortest: int) -> Stretches:
    """What of some stretches has as many different bytes as a random number."""
    kept = ffi.new("rf_place[]", int(lib.rf_varied_most(places, count, shortest)))
    with ffi.from_buffer("uint8_t[]", image.data) as data:
        return Stretches(kept, int(lib.rf_keep_varied(data, places, count, shortest, kept)))
