"""Text inside text: a dump, what its backslash escapes stand for, as often as they are nested, and what its separators
hide: numbers of a list one a line, hexadecimal in groups, wrapped base64.
"""

from __future__ import annotations

import mmap

import attrs

from redactfuzz.scan.matcher import Origins, densify, unescape

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
    origins: Origins | None = attrs.field(
        init=False,
        default=attrs.Factory(
            lambda self: None if self.below is None else Origins(self.below.data, dense=self.dense), takes_self=True
        ),
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
