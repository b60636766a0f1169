"""Numbers in memory that are digits in a row, each of so many bits in so many bytes: where there may be one."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image


@attrs.frozen
class Row:
    """So many digits, one after the other from an offset on."""

    offset: int
    count: int


@attrs.frozen
class Digits:
    """How a number lies in memory: little-endian digits from the lowest, or `down` from the highest."""

    name: str
    bits: int
    width: int
    down: bool = False

    @property
    def step(self) -> int:
        """At multiples of which words of a process lie; bytes lie anywhere."""
        return min(self.width, 4)

    def rows(self, image: Image, start: int, end: int, least: int, step: int) -> Iterator[Row]:
        """Those of at least so many digits that begin at multiples of `step`, as long as they are."""
        for first in range(start + -start % step, start + self.width, step):
            at = ffi.new("uint64_t *", first)
            while count := self._next(image, at, end, least):
                yield Row(int(at[0]), count)
                at[0] += count * self.width

    def _next(self, image: Image, at: object, end: int, least: int) -> int:
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            return int(lib.rf_digit_row(data, end, self.bits, self.width, least, at))

    def number(self, data: bytes) -> int:
        """What these bytes are."""
        places = range(0, len(data), self.width)
        digits = [int.from_bytes(data[at : at + self.width], "little") for at in places]
        return sum(digit << self.bits * index for index, digit in enumerate(reversed(digits) if self.down else digits))
