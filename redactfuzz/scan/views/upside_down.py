"""Blocks whose end stands before their beginning: a log that shows the newest line first has its lines turned."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

import attrs

_LABEL = re.compile(rb"-----(BEGIN|END) ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----")
_SHORTEST, _LONGEST = 80, 1 << 16
"""Characters between the two labels: of less nothing is a key, and a key has no more."""


@attrs.frozen
class UpsideDown:
    """The lines of such a block from the last to the first, and where each of them lies in the text."""

    data: bytes
    _starts: list[int]
    """Of each line in the data."""
    _lines: list[tuple[int, int]]
    """Where it begins and ends in the text."""

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The part of the text that holds some of the data: of a line, or all lines from the first to the last."""
        first, last = (bisect.bisect_right(self._starts, offset) - 1 for offset in (start, max(start, end - 1)))
        begin, stop = self._lines[last][0], self._lines[first][1]
        if first != last:
            return begin, stop
        within = begin + start - self._starts[first]
        return min(within, stop - 1), min(within + end - start, stop)


def upside_down(text: bytes) -> Iterator[UpsideDown]:
    """Each block from the line of its end to that of its beginning. Labels in their order are passed over."""
    if b"PRIVATE KEY" not in text:
        return
    before = None
    for match in _LABEL.finditer(text):
        ends = before is not None and before[1] == b"END" and match[1] == b"BEGIN" and before[2] == match[2]
        if before is not None and ends and _SHORTEST <= match.start() - before.end() <= _LONGEST:
            yield _block(text, before.start(), match.end())
        before = match


def _block(text: bytes, start: int, end: int) -> UpsideDown:
    start = text.rfind(b"\n", max(0, start - _LONGEST), start) + 1 or start
    behind = text.find(b"\n", end, end + _LONGEST)
    lines = []
    at = start
    for line in text[start : behind if behind >= 0 else end].split(b"\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    lines.reverse()
    data, starts = bytearray(), []
    for begin, stop in lines:
        starts.append(len(data))
        data += text[begin:stop] + b"\n"
    return UpsideDown(bytes(data), starts, lines)
