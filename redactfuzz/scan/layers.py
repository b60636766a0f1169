"""Text inside text: a dump, what its backslash escapes stand for, as often as they are nested, and what its separators
hide: numbers of a list one a line, hexadecimal in groups, wrapped base64, shards in nested folders.
"""

from __future__ import annotations

import bisect
import mmap
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.scan.matcher import Origins, densify, unescape

_NESTING = 4
_LARGEST = 1 << 24
"""Bytes of the largest dump of which other layers are made; larger ones are searched for the forms as they are."""
_SPARSE = 16
"""Bytes of a text for each byte of its shards, as long as nothing else is known: a log of paths has as many."""
_room = ffi.new_allocator(should_clear_after_alloc=False)


@attrs.frozen(repr=False, eq=False)
class Shards:
    """Rows of words with slashes or pluses between them, put together: ``_core/match/match_shards.h``."""

    data: bytes
    _marks: Any
    _count: int

    @classmethod
    def of(cls, text: bytes | mmap.mmap) -> Shards:
        """Nothing in most texts. One that is full of them is read twice: for how much room they take, and for them."""
        view, to = ffi.from_buffer("uint8_t[]", text), ffi.new("rf_shards *")
        to.written, to.count = len(text) // _SPARSE + 1, len(text) // _SPARSE + 1
        while to.written > to.room or to.count > to.words:
            to.room, to.words = to.written, to.count
            out, marks = _room("uint8_t[]", to.room), _room("rf_mark[]", to.words)
            to.out, to.marks = out, marks
            lib.rf_find_shards(view, len(text), to)
        return cls(b"" if not to.written else bytes(ffi.buffer(out, to.written)), marks, to.count)

    def at(self, position: int) -> int:
        """The offset in the text of the byte at a position of the data."""
        word = bisect.bisect_right(range(self._count), position, key=lambda index: self._marks[index].written) - 1
        mark = self._marks[word]
        return int(mark.at + position - mark.written)


@attrs.frozen(repr=False)
class Layer:
    """A text, of which `below` is the form with escapes or separators. The lowest layer is the dump itself."""

    data: bytes | mmap.mmap
    depth: int
    below: Layer | None = None
    dense: bool = False
    origins: Origins | Shards | None = attrs.field(
        default=attrs.Factory(
            lambda self: None if self.below is None else Origins(self.below.data, dense=self.dense), takes_self=True
        )
    )
    """Of the bytes here in `below`."""

    def place(self, offset: int, length: int) -> tuple[int, int]:
        """Offset and length in the dump of what lies here at `offset`."""
        if self.dense and self.origins is not None:  # the separators after the last byte are not part of it
            return (start := self.origins.at(offset)), self.origins.at(offset + length - 1) + 1 - start
        layer, end = self, offset + length
        while layer.below is not None and layer.origins is not None:
            offset, end = layer.origins.at(offset), layer.origins.at(end)
            layer = layer.below
        return offset, end - offset


def layers(data: bytes | mmap.mmap) -> list[Layer]:
    """The dump, its unescaped forms until nothing is left to unescape, it without separators, its shards together."""
    found = [Layer(data, 0)]
    while len(found) <= _NESTING and found[-1].data.find(b"\\") >= 0 and len(data) <= _LARGEST:
        text = unescape(found[-1].data)
        if len(text) == len(found[-1].data):
            break
        found.append(Layer(text, len(found), found[-1]))
    if len(data) <= _LARGEST:
        text = densify(data)
        if len(text) < len(data):
            found.append(Layer(text, len(found), found[0], dense=True))
        shards = Shards.of(data)
        if shards.data:
            found.append(Layer(shards.data, len(found), found[0], dense=True, origins=shards))
    return found
