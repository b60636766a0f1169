"""Text inside text: a dump and what its backslash escapes stand for, as often as they are nested."""

from __future__ import annotations

import mmap

import attrs

from redactfuzz.scan.matcher import origin, unescape

_NESTING = 4
_LARGEST = 1 << 24
"""Bytes of the largest dump that is unescaped; larger ones are searched for the escaped forms only."""


@attrs.frozen(repr=False)
class Layer:
    """A text, of which `below` is the escaped form. The lowest layer is the dump itself."""

    data: bytes | mmap.mmap
    depth: int
    below: Layer | None = None

    def place(self, offset: int, length: int) -> tuple[int, int]:
        """Offset and length in the dump of what lies here at `offset`."""
        layer, end = self, offset + length
        while layer.below is not None:
            offset, end = origin(layer.below.data, offset), origin(layer.below.data, end)
            layer = layer.below
        return offset, end - offset


def layers(data: bytes | mmap.mmap) -> list[Layer]:
    """The dump and its unescaped forms, until nothing is left to unescape."""
    found = [Layer(data, 0)]
    while len(found) <= _NESTING and found[-1].data.find(b"\\") >= 0 and len(data) <= _LARGEST:
        text = unescape(found[-1].data)
        if len(text) == len(found[-1].data):
            break
        found.append(Layer(text, len(found), found[-1]))
    return found
