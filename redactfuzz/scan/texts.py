"""The search of what an image holds in another form: texts among other bytes, what they spell, what lies apart in it.

The canaries are looked for here; whoever looks for keys is shown each view.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, Self

import attrs

from redactfuzz.dumps.readers.carving.carver import holds_packed
from redactfuzz.dumps.readers.image import Image, Spelled, View
from redactfuzz.dumps.readers.parallel import in_order
from redactfuzz.dumps.readers.region import Nature, Region
from redactfuzz.model.exposure import Gap
from redactfuzz.scan.layers import layers
from redactfuzz.scan.matcher_set import MatcherSet, Sighting
from redactfuzz.scan.views import Allowance, Apart, Derived, derived, texts_of
from redactfuzz.scan.views.apart import length_of

_BLOCK, _OVERLAP = 4 << 20, 1 << 18
"""Bytes of an image that are read for texts at once, and how far two such blocks overlap.

Of RSA of 4,096 bits, a byte a line, the modulus and the private exponent have 500 lines each: of 500 characters, so
that what tells of the key is in one block or the other.
"""
_CHARACTER = 4
"""Bytes of one at most: where they are zeros before a block, no text goes on in it."""
_LEAST, _WRITTEN = 32, 128
"""Bytes of a view that may hold a key, and one that is written as text."""
_SHORT, _TOGETHER = 1 << 12, 1 << 16
"""Bytes of a view that is looked at together with others, as the registers of a thread, and of those together."""


class Watch(Protocol):
    """Is shown each view, before the next one is made."""

    def look(self, view: Derived) -> None:
        """At this one."""

    def another(self) -> Self:
        """One that has seen nothing yet, for a part of the image: two threads are not shown views to one."""

    def take(self, other: Self) -> None:
        """What another one saw, after all of its own."""


@attrs.frozen
class _NoWatch:
    """Nobody asks for what is in a view beside canaries."""

    def look(self, view: Derived) -> None:
        """Does nothing."""

    def another(self) -> _NoWatch:
        """It has no state."""
        return self

    def take(self, other: _NoWatch) -> None:
        """Nothing was seen."""


NO_WATCH = _NoWatch()


@attrs.define
class _Searched:
    """What one block of an image gave."""

    watch: Watch
    sightings: list[Sighting] = attrs.field(factory=list)
    left_out: list[Gap] = attrs.field(factory=list)
    packed: list[Callable[[], Iterable[Spelled]]] = attrs.field(factory=list)


@attrs.define
class Texts:
    """The texts of an image, block by block.

    ``gaps`` are what was left out, once all was searched, and ``packed`` what makes the bytes in which something packed
    begins.
    """

    image: Image
    matcher_set: MatcherSet
    watch: Watch
    lines: bool
    """Whether the image is text, so that what separators and escapes hide in it is found by the search of it."""
    gaps: list[Gap] = attrs.field(factory=list)
    packed: list[Callable[[], Iterable[Spelled]]] = attrs.field(factory=list)

    def search(self, *, parallel: bool = False) -> Iterator[Sighting]:
        """Sightings in texts and in views of them, at offsets of the image. ``parallel``: several blocks at a time."""
        for block in in_order(self._part, list(self.image.steps(_BLOCK)), parallel=parallel):
            yield from self._taken(block)

    def _part(self, part: tuple[int, int]) -> _Searched:
        start, end = part
        block = self._in_block(functools.partial(self._block, start, end), end - start)
        self.image.release(start, end)
        return block

    def _taken(self, block: _Searched) -> list[Sighting]:
        self.watch.take(block.watch)
        self.packed += block.packed
        self._miss(block.left_out)
        return block.sightings

    def _miss(self, gaps: Iterable[Gap]) -> None:
        known = {gap.reason for gap in self.gaps}
        self.gaps += [gap for gap in gaps if gap.reason not in known]

    def _block(self, start: int, end: int) -> Derived:
        data = self.image.data[start : min(end + _OVERLAP, self.image.size)]
        cut = any(self.image.data[max(start - _CHARACTER, 0) : start])
        return Derived("", bytes(data), _Shifted(start).place, cut)

    def shown(self, views: Iterable[View]) -> Iterator[View]:
        """The same views; those that only put together what lies apart are looked at for keys, with their texts."""
        return self._looked_at(views, lambda view: "" if view.decoded is None else None)

    def narrowed(self, views: Iterable[View]) -> Iterator[View]:
        """The same views, of slots of memory; what these hold is looked at as well, that of one kind together."""
        return self._looked_at(views, lambda view: view.what)

    def beside(self) -> Texts:
        """For views that another thread is shown meanwhile; ``take`` is told when that is done."""
        return Texts(self.image, self.matcher_set, self.watch.another(), self.lines)

    def take(self, other: Texts) -> None:
        """What another one saw, after all of its own."""
        self.watch.take(other.watch)
        self.packed += other.packed
        self._miss(other.gaps)

    def _looked_at(self, views: Iterable[View], kind: Callable[[View], str | None]) -> Iterator[View]:
        """``kind``: of those that are looked at together where they are short; None for what is not looked at."""
        short, sizes = dict[str, list[View]](), Counter[str]()
        for view in views:
            its = kind(view)
            if its is not None and (size := length_of(view)) >= _LEAST:
                if size > _SHORT:
                    self._look_at([view])
                else:
                    short.setdefault(its, []).append(view)
                    sizes[its] += size
                if sizes[its] > _TOGETHER:
                    self._look_at(short.pop(its))
                    del sizes[its]
            yield view
        for together in short.values():
            self._look_at(together)

    def _look_at(self, views: list[View]) -> None:
        """At several as if they were one. What is found of a canary in their texts the search of each finds."""
        together = Apart(tuple(views))
        self.watch.look(together.read(self.image))
        if any(length_of(view) >= _WRITTEN for view in views):
            self._taken(self._in_block(functools.partial(together.read, self.image), together.size))

    def _in_block(self, read: Callable[[], Derived], before: int) -> _Searched:
        block, to = read(), _Searched(self.watch.another())
        allowance, packed = Allowance.of(len(block.data)), False
        for text in texts_of(block, before):
            if text.what != block.what or not self.lines:
                to.sightings += self._layered(text)
            if text.what != block.what:
                to.watch.look(text)
                packed = packed or holds_packed(text.data)
            for view in derived(text, allowance):
                to.sightings += self._in_view(view)
                to.watch.look(view)
                packed = packed or holds_packed(view.data)
        if packed:
            to.packed.append(functools.partial(_packed, read, before))
        to.left_out += [Gap(self.image.name, reason, offset) for reason, offset in allowance.left_out.items()]
        return to

    def _layered(self, text: Derived) -> Iterator[Sighting]:
        """What a log is searched for, in a text that is part of something else."""
        for one in self.matcher_set.search(Region(text.data, Nature.BYTES), layers(text.data)):
            yield _placed(one, text)

    def _in_view(self, view: Derived) -> Iterator[Sighting]:
        for one in self.matcher_set.scan(view.data, 0, len(view.data)):
            yield _placed(one, view)


def _packed(read: Callable[[], Derived], before: int) -> Iterator[Spelled]:
    """Those views of a block that hold something packed. Made once more: all of an image would not fit in memory."""
    block = read()
    allowance = Allowance.of(len(block.data))
    for text in texts_of(block, before):
        narrowed = [text] if text.what != block.what else []
        for view in itertools.chain(narrowed, derived(text, allowance)):
            if holds_packed(view.data):
                yield Spelled(view.what, view.data, view.place)


def _placed(one: Sighting, view: Derived) -> Sighting:
    start, end = view.place(one.offset, one.end)
    encoding = f"{one.encoding} in {view.what}" if view.what else one.encoding
    return attrs.evolve(one, offset=start, length=end - start, encoding=encoding, view=view.what)


@attrs.frozen
class _Shifted:
    """Offsets in a block of an image."""

    start: int

    def place(self, start: int, end: int) -> tuple[int, int]:
        return self.start + start, self.start + end
