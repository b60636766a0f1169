"""Small images that are searched together: a search of one costs as much as a search of hundreds.

Each is read by its own format, and named by itself; what lies in more than one of them is in none.
"""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.image import Image, Layout, Reader, View

_APART, _STEP = 64, 16
"""Zeros between two of them at least, and bytes of which each begins at a multiple, as a file by itself does: a key is
looked for at multiples, and what is dense between zeros. No text goes on over zeros, and no form of a secret has so
many."""


@attrs.frozen(repr=False, eq=False)
class Together(Image):
    """Images of one format, one behind the other. Its own offsets mean nothing to people: see ``part``."""

    images: tuple[Image, ...] = attrs.field(kw_only=True)

    @functools.cached_property
    def starts(self) -> list[int]:
        """Where each of them begins."""
        return [0, *itertools.accumulate(one.size + len(_behind(one)) for one in self.images[:-1])]

    def part(self, offset: int) -> tuple[Image, int]:
        """The last that begins at an offset or before, and where."""
        index = bisect.bisect_right(self.starts, offset) - 1
        return self.images[index], self.starts[index]

    def around(self, start: int, end: int) -> Sequence[Image]:
        """Those that a stretch begins in, ends in, or goes over."""
        first = bisect.bisect_right(self.starts, start) - 1
        return self.images[first : bisect.bisect_left(self.starts, max(end, start + 1))]


def together(images: Sequence[Image]) -> Together:
    """They must have one format."""
    name = f"{images[0].name} and {len(images) - 1:,} more small streams"
    parts = [part for one in images for part in (bytes(one.data), _behind(one))]
    return Together(name, b"".join(parts[:-1]), images=tuple(images))


def _behind(image: Image) -> bytes:
    """A line ends, zeros, and the next line begins."""
    return b"\n".ljust(_APART + -image.size % _STEP - 1, b"\0") + b"\n"


def in_each(image: Image, views: Callable[[Image], Iterable[View]]) -> Iterator[View]:
    """The views of an image; of those that are together the views of each."""
    if not isinstance(image, Together):
        yield from views(image)
        return
    for one, start in zip(image.images, image.starts, strict=True):
        for view in views(one):
            yield attrs.evolve(view, pieces=tuple((start + first, start + last) for first, last in view.pieces))


@attrs.frozen
class EachReader:
    """Reads images that are together as ``each`` reads one."""

    each: Reader

    @property
    def name(self) -> str:
        """That of their format."""
        return self.each.name

    @property
    def lines(self) -> bool:
        """As in each."""
        return self.each.lines

    def recognises(self, head: bytes, size: int) -> bool:
        """They are known otherwise than by their bytes."""
        return False

    def layout(self, image: Image) -> Layout:
        """The gaps of each, under its own name."""
        images = image.images if isinstance(image, Together) else (image,)
        gaps = itertools.chain.from_iterable(self.each.layout(one).gaps for one in images)
        return Layout(self.name, gaps=tuple(gaps), notes=(f"{len(images):,} small streams",))

    def views(self, image: Image) -> Iterator[View]:
        """Of each."""
        return in_each(image, self.each.views)
