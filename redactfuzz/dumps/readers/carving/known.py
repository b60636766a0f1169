"""What of an image was opened, by where it begins: the same stream may be written there in more than one form.

As base64 in a string with escapes: it is opened where it lies, once more in the text without the escapes, and in what
that spells. One that was read to its end is not opened again. What was said of an attempt that broke off is forgotten
where others were read to their ends as far as it had come, and not before: of an archive each member is another one.
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
    """Of what was read to its end, sorted."""
    _ends: dict[int, int] = attrs.field(factory=dict)
    """Of the same."""
    _broken: dict[int, list[Gap]] = attrs.field(factory=dict)
    _reached: dict[int, int] = attrs.field(factory=dict)
    """How far what broke off was read."""

    def holds(self, at: int) -> bool:
        """Whether what begins there was read to its end, or lies in what was."""
        start = self._before(at)
        return start is not None and at < max(start + _NEAR + 1, self._ends.get(start, 0))

    def ended(self, start: int, end: int) -> None:
        """Reading what begins at ``start`` has come to ``end``."""
        ends = self._ends if self._before(start) == start else self._reached
        ends[start] = max(end, ends.get(start, 0))

    def opened(self, at: int, gaps: Iterable[Gap], counts: bool) -> None:
        """``counts``: whether it was anything. Without gaps it was read to its end."""
        if gaps := list(gaps):
            self._broken.setdefault(at, []).extend(gaps)
        elif counts and self._before(at) != at:
            bisect.insort(self._starts, at)

    def gaps(self) -> Iterator[Gap]:
        """What was read in no form to its end."""
        for at, gaps in self._broken.items():
            if not self._covers(at, self._reached.get(at, at + 1)):
                yield from gaps
        self._broken.clear()

    def _covers(self, at: int, end: int) -> bool:
        """Whether what was read to its end, one behind the other, reaches from a place to another one."""
        while at < end:
            start = self._before(at)
            reach = 0 if start is None else self._ends.get(start, 0)
            if reach <= at:
                return False
            at = reach
        return True

    def _before(self, at: int) -> int | None:
        """The last that begins there, or before."""
        index = bisect.bisect_right(self._starts, at + _NEAR) - 1
        return self._starts[index] if index >= 0 else None
