"""Bytes that lie apart in slots of memory: an integer each in OCaml, V8, an array of long; four a vector register."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image, View

_STEP = 16 << 20
_ALIGNED = 4
"""Memory lies in a dump at multiples of this: V8 has its small integers in the upper half of eight bytes."""
_BYTES = 12
"""Bytes of a run: fewer lie so in every program by the thousand."""
_LONGEST = 1 << 14
"""Bytes of one view; a longer run is several, which overlap."""
_OVERLAP = 1 << 12


@attrs.frozen
class _Slots:
    what: str
    width: int
    keep: int
    """Bytes of each slot that count."""
    tagged: bool = False
    """Whether each is twice the byte and one more, as integers of OCaml are."""

    @property
    def asked(self) -> Any:
        """As the search in C wants it."""
        mask = 0x1FF if self.tagged else (1 << 8 * self.keep) - 1
        return ffi.new("rf_slots *", (mask, self.width, self.tagged, _BYTES // self.keep))

    def narrowed(self, data: bytes) -> bytes:
        """What the slots hold."""
        if self.tagged:
            pairs = zip(data[:: self.width], data[1 :: self.width], strict=True)
            return bytes((low >> 1) | (high << 7) & 0x80 for low, high in pairs)
        if self.keep == 1:
            return data[:: self.width]
        return b"".join(data[at : at + self.keep] for at in range(0, len(data), self.width))


_KINDS = (
    _Slots("slots of 8 bytes", 8, 1),
    _Slots("slots of 8 bytes, tagged", 8, 1, tagged=True),
    _Slots("4 bytes in each 16", 16, 4),
)


def slots(image: Image) -> Iterator[View]:
    """Each run of slots that hold little, narrowed to what they hold."""
    for start, stop in image.steps(_STEP):
        for kind in _KINDS:
            for phase in range(0, kind.width, _ALIGNED):
                yield from _runs(image, kind, start + phase, stop)
        image.release(start, stop)


def _runs(image: Image, kind: _Slots, at: int, stop: int) -> Iterator[View]:
    asked, end = kind.asked, ffi.new("size_t *")
    data = ffi.from_buffer("uint8_t[]", image.data)
    while (at := int(lib.rf_slots_next(asked, data, image.size, at, stop, end))) < stop:
        last = int(end[0])
        size = _LONGEST // kind.keep * kind.width
        for first in range(at, last, size):
            piece = (first, min(last, first + size + _OVERLAP // kind.keep * kind.width))
            yield View(kind.what, (piece,), kind.narrowed(image.data[piece[0] : piece[1]]))
        at = last
