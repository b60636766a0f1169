"""What of an image was opened, by where it begins: the same stream may be written there in more than one form.

As base64 in a string with escapes: it is opened where it lies, once more in the text without the escapes, and in what
that spells. One that was read to its end is not opened again, and what was said of an attempt that broke off is
forgotten.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator

import attrs

from redactfuzz.model.exposure import Gap

_NEAR = 4
"""Bytes: of what is written with escapes one form begins with the escape, and another one behind its sign."""


@attrs.define
class Known:
    """Offsets are those of the image."""

    _starts: list[int] = attrs.field(factory=list)
    _ends: dict[int, int] = attrs.field(factory=dict)
    _broken: dict[int, list[Gap]] = attrs.field(factory=dict)

    def holds(self, at: int) -> bool:
        """Whether what begins there was read to its end, or lies in what was."""
        index = bisect.bisect_right(self._starts, at + _NEAR) - 1
        if index < 0:
            return False
        start = self._starts[index]
        return at < max(start + _NEAR + 1, self._ends.get(start, 0))

    def ended(self, start: int, end: int) -> None:
        """Reading what begins at ``start`` has come to ``end``."""
        self._ends[start] = max(end, self._ends.get(start, 0))

    def opened(self, at: int, gaps: Iterable[Gap], counts: bool) -> None:
        """``counts``: whether it was anything. Without gaps it was read to its end."""
        if gaps := list(gaps):
            self._broken.setdefault(at, []).extend(gaps)
        elif counts:
            bisect.insort(self._starts, at)
            for near in range(at - _NEAR, at + _NEAR + 1):
                self._broken.pop(near, None)

    def gaps(self) -> Iterator[Gap]:
        """What was read in no form to its end."""
        for gaps in self._broken.values():
            yield from gaps
        self._broken.clear()
