"""JSON objects around a member, with other objects in them, in text of which it is not known where JSON begins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz.dumps.readers.image import Image

_REACHES = (1 << 9, 1 << 12, 1 << 15)
"""Bytes before and behind the member that are read: an object is mostly short."""
_BRACES = 16
"""Places before the member at which the object may begin."""
_TIMES, _SPARE = 16, 64 << 20
"""Bytes that are read in all: so many times those of the image, and some."""
_PRIVATE = (b'"d"', b'"k"')
_DECODER = json.JSONDecoder()


@attrs.define
class NestedObjects:
    """Finds the object that has the member itself, not in an object inside of it. What is read is bounded."""

    image: Image
    _left: int = attrs.field(default=attrs.Factory(lambda self: _TIMES * self.image.size + _SPARE, takes_self=True))

    @property
    def exhausted(self) -> bool:
        """Whether members were not looked at, since too much was read for others."""
        return self._left < 0

    def around(self, member: str, offset: int) -> tuple[int, bytes] | None:
        """Where the object begins that has the member which lies at an offset, and its text."""
        for reach in _REACHES:
            low = max(0, offset - reach)
            data = self.image.data[low : offset + reach]
            self._left -= len(data)
            if self._left < 0:
                return None
            if not any(name in data for name in _PRIVATE):
                continue
            text = data.decode("latin-1")  # one character a byte
            for each in (text, text.replace("+", " ")):  # a form on the web writes spaces so
                for begin, value, end in _objects(each, offset - low):
                    if member in value:
                        return low + begin, data[begin:end]
        return None


def _objects(text: str, before: int) -> Iterator[tuple[int, dict[str, Any], int]]:
    """Each object that begins before a place and ends behind it, the innermost first."""
    begin = before
    for _ in range(_BRACES):
        begin = text.rfind("{", 0, begin)
        if begin < 0:
            return
        try:
            value, end = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError):
            continue
        if end > before and isinstance(value, dict):
            yield begin, value, end
