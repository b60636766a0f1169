"""Bytes that are put together of parts of a text, and where each of them is written there."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Sequence

import attrs


@attrs.frozen
class Parts:
    """Each byte of ``data`` takes ``width`` characters of the text; what ends a part stands at the end of it."""

    data: bytes
    _starts: list[int]
    """Of each part in the data."""
    _places: list[tuple[int, int]]
    """Where it begins and ends in the text."""
    _width: int = 1

    @classmethod
    def of(cls, parts: Iterable[tuple[bytes, tuple[int, int]]], width: int = 1) -> Parts:
        """The bytes of each, and where they begin and end in the text."""
        data, starts, places = bytearray(), list[int](), list[tuple[int, int]]()
        for part, place in parts:
            starts.append(len(data))
            places.append(place)
            data += part
        return cls(bytes(data), starts, places, width)

    @classmethod
    def of_lines(
        cls,
        text: bytes,
        lines: Iterable[Sequence[tuple[int, int]]],
        written: Callable[[bytes], bytes] = lambda part: part,
    ) -> Parts:
        """The stretches of a text that make up each line, as they are ``written``, and a break behind it."""
        return cls.of(
            (written(text[begin:end]) + (b"\n" if at == len(line) else b""), (begin, end))
            for line in lines
            for at, (begin, end) in enumerate(line, 1)
        )

    def place(self, start: int, end: int) -> tuple[int, int]:
        """From the first to the last byte of some of the data, with what stands between the parts."""
        return self._at(start), self._at(max(start, end - 1)) + self._width

    def _at(self, offset: int) -> int:
        index = bisect.bisect_right(self._starts, offset) - 1
        begin, end = self._places[index]
        return min(begin + self._width * (offset - self._starts[index]), max(begin, end - self._width))
