"""What of an image was opened, by where it begins: the same stream may be written there in more than one form.

As base64 in a string with escapes: it is opened where it lies, once more in the text without the escapes, and in what
that spells. One that was read to its end is not opened again. What was said of an attempt that broke off is forgotten
where others were read to their ends as far as it had come, and not before: of an archive each member is another one.
Where it breaks off in every form, the first one says so; of the others that alone is told which no form before said.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.model.exposure import Gap

_NEAR = 4
"""Bytes: of what is written with escapes one form begins with the escape, and another one behind its sign."""
_NUMBER = re.compile(r"\d+")
"""Where it broke off in this form."""


@attrs.define
class Known:
    """Offsets are those of the image."""

    _starts: list[int] = attrs.field(factory=list)
    """Of what was read to its end, sorted."""
    _ends: dict[int, int] = attrs.field(factory=dict)
    """Of the same."""
    _broken: dict[int, dict[tuple[str, str], list[Gap]]] = attrs.field(factory=dict)
    """Of what broke off: by what lies in it, and why, each gap."""
    _breaks: list[int] = attrs.field(factory=list)
    """Where that begins, sorted."""
    _reached: dict[int, int] = attrs.field(factory=dict)
    """How far that was read."""
    _whole: set[int] = attrs.field(factory=set)
    """Where of what lies apart that begins which was read to its end: it covers nothing that lies between its parts."""
    _said: set[int] = attrs.field(factory=set)
    """Where something begins of which it was told that nothing opens it."""

    def holds(self, at: int) -> bool:
        """Whether what begins there was read to its end, or lies in what was."""
        start = self._before(at)
        return start is not None and at < max(start + _NEAR + 1, self._ends.get(start, 0))

    def ended(self, start: int, end: int) -> None:
        """Reading what begins at ``start`` has come to ``end``."""
        ends = self._ends if self._before(start) == start else self._reached
        ends[start] = max(end, ends.get(start, 0))

    def whole(self, start: int) -> None:
        """Reading what begins there, and lies apart, has come to its end, if that was read to its end."""
        if self._before(start) == start:
            self._whole.add(start)

    def opened(self, at: int, name: str, gaps: Sequence[Gap], broke: Sequence[Gap], *, counts: bool) -> None:
        """``gaps`` are in what lies in it, ``broke`` says that it broke off itself. Without any it was read to its end.

        ``counts``: whether it was anything. ``name`` is that of the image in this form.
        """
        if not gaps and not broke:
            if counts and self._before(at) != at:
                bisect.insort(self._starts, at)
            return
        near = self._near(at)
        if near not in self._broken:
            bisect.insort(self._breaks, near)
        before = self._broken.setdefault(near, {})
        here: dict[tuple[str, str], list[Gap]] = {}
        for gap in gaps:
            here.setdefault((gap.image.removeprefix(name), _NUMBER.sub("", gap.reason)), []).append(gap)
        if broke:
            here["", ""] = list(broke)
        for why, each in here.items():
            before.setdefault(why, each)

    def said(self, at: int | None) -> None:
        """It was told that what begins there is not opened."""
        if at is not None:
            self._said.add(at)

    def unopened(self, at: int, gap: Gap) -> None:
        """Something in another form is not opened: told with ``gaps``, where it was not before."""
        why = _NUMBER.sub("", gap.reason)
        index = bisect.bisect_right(self._breaks, at + _NEAR) - 1
        around = self._breaks[index] if index >= 0 else at + 1
        inside = around <= at < self._reached.get(around, 0) and ("", why) in self._broken[around]
        if not inside and self._said.isdisjoint(_around(at)):
            self.opened(at, gap.image, [gap], (), counts=False)

    def gaps(self) -> Iterator[Gap]:
        """What was read in no form to its end."""
        for at, whys in self._broken.items():
            reached = max(self._reached.get(near, at + 1) for near in _around(at))
            if self._whole.isdisjoint(_around(at)) and not self._covers(at, reached):
                yield from (gap for gaps in whys.values() for gap in gaps)
        self._broken.clear()
        self._breaks.clear()

    def _near(self, at: int) -> int:
        """Where what broke off begins in the first form."""
        return next((near for near in _around(at) if near in self._broken), at)

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


def _around(at: int) -> range:
    """Where one thing begins, by the one form or the other."""
    return range(at - _NEAR, at + _NEAR + 1)
