"""Where in a long text something lies: the line, and the path of a JSON value in it. A byte is looked at once."""

from __future__ import annotations

from collections.abc import Callable

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.place import Paths, path_text, paths_in

_LINE, _COUNTED = 1 << 20, 1 << 20
"""Bytes in which the ends of a line are looked for, on either side; and between two sums of newlines."""
_WHOLE = 1 << 20
"""Bytes of a text that may be one document of several lines."""
_READ = 8 << 20
"""Bytes of an image that are parsed for paths: the rest has lines alone."""


class Lines:
    """Answers in any order; those in the order of offsets cost least."""

    def __init__(self, image: Image, is_secret: Callable[[str], bool]) -> None:
        self._image = image
        self._is_secret = is_secret
        self._sums = [0]
        self._counted = (0, 0)
        self._known = (0, 0)
        self._line: tuple[int, Paths | None] = (0, None)
        self._document: tuple[Paths | None] | None = None
        self._left = _READ

    def at(self, offset: int) -> str:
        """``line 3``, ``line 2 $.message``."""
        where = f"line {self._number(offset)}"
        if not self._known[0] <= offset < self._known[1]:
            self._read_line(offset)
        start, paths = self._line
        if paths is None and self._image.size <= _WHOLE:
            if self._document is None:
                self._document = (self._paths(0, self._image.size),)
            start, paths = 0, self._document[0]
        path = paths.at(offset - start) if paths is not None else None
        return where if path is None else f"{where} {path_text(path, self._is_secret)}"

    def _read_line(self, offset: int) -> None:
        """The line that holds an offset; of one whose ends are far, that they are."""
        data, size = self._image.data, self._image.size
        low, high = max(0, offset - _LINE), min(size, offset + _LINE)
        start, end = data.rfind(b"\n", low, offset) + 1, data.find(b"\n", offset, high)
        begins, ends = start > 0 or low == 0, end >= 0 or high == size
        self._known = (start or low, end + 1 if end >= 0 else high)
        self._line = (start, self._paths(start, self._known[1]) if begins and ends else None)

    def _paths(self, start: int, end: int) -> Paths | None:
        if self._image.data[start : start + 1] not in (b"{", b"[") or end - start > self._left:
            return None
        self._left -= end - start
        return paths_in(self._image.data[start:end])

    def _number(self, offset: int) -> int:
        """Newlines are counted once, in steps whose sums are kept, and from where the last question was."""
        data, whole = self._image.data, offset // _COUNTED
        while len(self._sums) <= whole:
            start = (len(self._sums) - 1) * _COUNTED
            self._sums.append(self._sums[-1] + data[start : start + _COUNTED].count(b"\n"))
            self._image.release(start, start + _COUNTED)
        start, lines = whole * _COUNTED, self._sums[whole]
        if start <= self._counted[0] <= offset:
            start, lines = self._counted
        lines += data[start:offset].count(b"\n")
        self._counted = (offset, lines)
        return lines + 1
