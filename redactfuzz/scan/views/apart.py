"""Views of what lies apart in an image, one after the other: most are short, and looked at together."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Iterable

import attrs

from redactfuzz.dumps.readers.image import Image, View
from redactfuzz.scan.views.derive import Derived

_APART = bytes(64)
"""Between them."""


@attrs.frozen
class Apart:
    """Of what a view holds in another form, as slots of memory, each byte takes as much of its place as any other."""

    views: tuple[View, ...]

    @property
    def size(self) -> int:
        """Bytes of all."""
        return self._starts[-1] + length_of(self.views[-1])

    def read(self, image: Image) -> Derived:
        """All of them."""
        what = {view.what: None for view in self.views}
        named = next(iter(what)) if len(what) == 1 else _kind(what)
        return Derived(named, _APART.join(view.read(image) for view in self.views), self.place)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the image some of these bytes lie."""
        index = bisect.bisect_right(self._starts, start) - 1
        view, before = self.views[index], self._starts[index]
        if view.decoded is not None:
            return _narrowed_from(view, start - before), _narrowed_from(view, end - before)
        first = view.origin(start - before)
        last = view.origin(max(start, end - 1) - before) + 1
        return first, last if last > first else first + end - start

    @functools.cached_property
    def _starts(self) -> list[int]:
        sizes = (length_of(view) + len(_APART) for view in self.views[:-1])
        return [0, *itertools.accumulate(sizes)]


def length_of(view: View) -> int:
    """Bytes of it, as it is read."""
    return view.size if view.decoded is None else len(view.decoded)


def _narrowed_from(view: View, offset: int) -> int:
    (first, _), *_ = view.pieces
    length = length_of(view)
    return first + min(offset, length) * view.size // max(1, length)


def _kind(names: Iterable[str]) -> str:
    """``general registers`` of those of several threads."""
    kinds = {name.partition(" of thread ")[0] for name in names}
    return kinds.pop() if len(kinds) == 1 else "registers and memory that lie apart"
