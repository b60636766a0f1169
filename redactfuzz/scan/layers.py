"""Text inside text: a dump, what its backslash escapes stand for, as often as they are nested, and what its separators
hide: numbers of a list one a line, hexadecimal in groups, wrapped base64.
"""

from __future__ import annotations

import mmap

import attrs

from redactfuzz.scan.matcher import dense_origin, densify, origin, unescape

_NESTING = 4
_LARGEST = 1 << 24
"""Bytes of the largest dump of which other layers are made; larger ones are searched for the forms as they are."""


@attrs.frozen(repr=False)
class Layer:
    """A text, of which `below` is the form with escapes or separators. The lowest layer is the dump itself."""

    data: bytes | mmap.mmap
    depth: int
    below: Layer | None = None
    dense: bool = False

    def place(self, offset: int, length: int) -> tuple[int, int]:
        """Offset and length in the dump of what lies here at `offset`."""
        layer, end = self, offset + length
        if self.dense and self.below is not None:  # the separators after the last byte are not part of it
            text = self.below.data
            return (start := dense_origin(text, offset)), dense_origin(text, end - 1) + 1 - start
        while layer.below is not None:
            offset, end = origin(layer.below.data, offset), origin(layer.below.data, end)
            layer = layer.below
        return offset, end - offset


def layers(data: bytes | mmap.mmap) -> list[Layer]:
    """The dump, its unescaped forms until nothing is left to unescape, and the dump without separators."""
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
    return found
