"""The search of one dump image: raw bytes in ranges, what the format puts together, and where each sighting lies."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.carving.slots import slots
from redactfuzz.dumps.readers.elf_core import ElfCore
from redactfuzz.dumps.readers.formats import reader_of
from redactfuzz.dumps.readers.image import Image, Layout, Reader, View
from redactfuzz.dumps.readers.parallel import LARGE, beside, in_order
from redactfuzz.dumps.readers.region import Nature, Region
from redactfuzz.dumps.readers.symbols import Symbols
from redactfuzz.dumps.readers.together import in_each
from redactfuzz.model.canary import Canary
from redactfuzz.model.exposure import Where
from redactfuzz.scan.layers import Layer, layers
from redactfuzz.scan.lines import Lines
from redactfuzz.scan.masker import HIDDEN
from redactfuzz.scan.matcher_set import MatcherSet, Sighting
from redactfuzz.scan.overlaps import Stretches
from redactfuzz.scan.place import path_text
from redactfuzz.scan.texts import NO_WATCH, Texts, Watch

_RANGE = 16 << 20
"""Bytes that one call scans: between two of them progress is reported, and memory given back."""
_LAYERED, _OVERLAP = 1 << 20, 1 << 16
"""Bytes of text of which escapes are taken back, and separators out, at once; and how far two such parts overlap.

Where each line leaks, what is found in them takes ten times their memory until the best are chosen.
"""
_SPARSE = 8 << 20
"""Bytes of a text that a campaign reads at every offset by the matcher of short texts alone."""

_BESIDE = 8
"""Bytes: one letter of base64 of base64 in utf-16."""
_AROUND = 32
"""Bytes beside what is written in another form: letters of base64 of base64 of base64, in utf-16."""
LISTED = 64
"""Fragments of one secret that are listed, and whose places are worked out; the rest is counted."""
_INNERMOST = 64
"""Spans around a place that are looked at: of segments that overlap by the thousand, those that begin last."""
_SHORT, _TOGETHER = 1 << 12, 1 << 16
"""Bytes of a decoded value that is searched together with others, and of those together."""
_APART = b"\n" * 16
"""Between them: no escape that one ends in reaches over it."""

Progress = Callable[[int], None]
"""Called with how many more bytes were read."""


@attrs.frozen
class Located:
    """A sighting and its place. The sighting's offset counts bytes of the image, or of the view when it was decoded."""

    sighting: Sighting
    where: Where
    decoded: bool = False
    """Whether it stands in the image in another form, so that ``where`` names the value around it."""


@attrs.frozen
class Survey:
    """All that was found in an image; ``read`` are the bytes that were scanned.

    ``layout`` is None where nothing was found and nobody asked what the format says.
    """

    layout: Layout | None
    found: tuple[Located, ...]
    read: int
    secret: tuple[tuple[int, int], ...] = ()
    """Every stretch of the image that gives something away, with all that is part of something better."""


def survey(
    image: Image,
    matcher_set: MatcherSet,
    progress: Progress = lambda _: None,
    *,
    named: bool = True,
    watch: Watch = NO_WATCH,
) -> Survey:
    """Search an image for what is planted. Never raises for any bytes whatever; what cannot be parsed is a gap.

    Without ``named`` the format is asked for names only when something was found, and what the texts of an image spell
    is not derived: a campaign reads a core in every execution, and most are clean. ``watch`` is shown each view.
    """
    reader = reader_of(image)
    secret: set[tuple[int, int]] = set()

    def not_seen(found: Iterable[tuple[View, Sighting]]) -> Iterator[tuple[View, Sighting]]:
        for view, one in found:
            secret.update(view.pieces)
            if not seen.holds(view, one):
                yield view.searched(), one

    texts = Texts(image, matcher_set, watch, reader.lines)
    of_them = texts.beside()
    in_slots: Iterable[View] = of_them.narrowed(in_each(image, _slots)) if named else ()
    parallel = named and not reader.lines and image.size > LARGE
    if image.size > LARGE:
        matcher_set.prepare()
    with beside(_in_views(image, in_slots, matcher_set), parallel=parallel) as of_slots:
        sightings = list(_raw(image, reader, matcher_set, progress, named=named))
        seen = _Seen(map(_Shown.of, sightings))
        views = texts.shown(reader.views(image)) if named else reader.views(image)
        apart = [*not_seen(_in_views(image, views, matcher_set))]
        if named:
            shown = _Seen(itertools.chain(map(_Shown.of, sightings), itertools.starmap(_Shown.in_view, apart)))
            sightings += [one for one in texts.search(parallel=image.size > LARGE) if not shown.shows(_Shown.of(one))]
        apart += not_seen(of_slots())
    texts.take(of_them)
    image.spelled.extend(texts.packed)
    if not (named or sightings or secret):
        return Survey(None, (), image.size)
    layout = reader.layout(image)
    layout = attrs.evolve(layout, gaps=(*layout.gaps, *texts.gaps))
    atlas = Atlas(image, reader, layout, matcher_set.holds)
    image.release(0, image.size)
    raw: list[tuple[View | None, Sighting]] = [(None, one) for one in matcher_set.best(sightings)]
    found = _located((*raw, *apart), atlas, named=named)
    secret.update(map(_smeared, sightings))
    return Survey(layout, tuple(found), image.size, tuple(sorted(secret)))


def _slots(image: Image) -> Iterable[View]:
    """None where all is text, in which no slot is: how an image begins does not say so."""
    return slots(image) if any(image.data.find(b"\0", *step) >= 0 for step in image.steps(_RANGE)) else ()


def _located(found: Iterable[tuple[View | None, Sighting]], atlas: Atlas, *, named: bool) -> Iterator[Located]:
    """By offset. Of what is only counted afterwards no more is said than that: each line of a log may leak."""
    placed = [(one.offset if view is None else view.origin(one.offset), view, one) for view, one in found]
    counts: Counter[int] = Counter()
    for offset, view, one in sorted(placed, key=lambda each: each[0]):
        counts[id(one.canary)] += 1
        decoded = bool(one.view) or (view is not None and view.decoded is not None)
        if named and counts[id(one.canary)] > LISTED:
            yield Located(one, Where(atlas.name, offset, one.length), decoded)
        else:
            yield Located(one, atlas.where(offset, one.length) if view is None else atlas.where_in(view, one), decoded)


def _smeared(one: Sighting) -> tuple[int, int]:
    """What not to show of it. The letters beside base64 and the like hold bits of the secret and of what follows it."""
    plain = one.encoding.startswith(("utf-8", "utf-16", "ucs4", "raw", "hex", "reversed", "big-", "little-"))
    beside = _AROUND if one.view else 0 if plain else _BESIDE
    return one.offset - beside, one.end + beside


def _raw(
    image: Image, reader: Reader, matcher_set: MatcherSet, progress: Progress, *, named: bool
) -> Iterator[Sighting]:
    """A campaign, which reads a log each time, looks there for what follows from a canary among other bytes alone."""
    if reader.lines:
        for start, end in image.steps(_LAYERED):
            yield from _unwrapped(image, start, min(end + _OVERLAP, image.size), matcher_set)
    if reader.lines and not named and image.size <= _SPARSE and _is_ascii(image):
        progress(image.size)
        return
    ranges = list(image.steps(_RANGE))
    size = sum(end - start for start, end in ranges)
    progress(image.size - size)  # holes

    def scan(part: tuple[int, int]) -> list[Sighting]:
        sightings = matcher_set.scan(image.data, *part)
        image.release(*part)
        progress(part[1] - part[0])
        return sightings

    yield from itertools.chain.from_iterable(in_order(scan, ranges, parallel=size > LARGE))


def _is_ascii(image: Image) -> bool:
    """What follows from a canary is bytes: in ASCII alone it is not as it lies. How an image begins says nothing."""
    return all(image.data[start:end].isascii() for start, end in image.steps(_LAYERED))


def _unwrapped(image: Image, start: int, end: int, matcher_set: MatcherSet) -> Iterator[Sighting]:
    """What escapes and separators hide in a part of a long text."""
    data = image.data[start:end]
    image.release(start, end)
    for one in matcher_set.search(Region(data, Nature.BYTES), layers(data)):
        yield attrs.evolve(one, offset=one.offset + start) if start else one


def _in_views(image: Image, views: Iterable[View], matcher_set: MatcherSet) -> Iterator[tuple[View, Sighting]]:
    """Decoded values are often short, and many: one search shows of thousands that nothing is in them."""
    some: list[View] = []
    size = 0
    for view in views:
        if view.decoded is None or len(view.decoded) > _SHORT:
            yield from ((view, one) for one in _in_view(image, view, matcher_set))
            continue
        some.append(view)
        size += len(view.decoded) + len(_APART)
        if size >= _TOGETHER:
            yield from _in_some(image, some, matcher_set)
            some, size = [], 0
    yield from _in_some(image, some, matcher_set)


def _in_some(image: Image, views: Sequence[View], matcher_set: MatcherSet) -> Iterator[tuple[View, Sighting]]:
    if matcher_set.holds(_APART.join(view.decoded or b"" for view in views)):
        for view in views:
            yield from ((view, one) for one in _in_view(image, view, matcher_set))


def _in_view(image: Image, view: View, matcher_set: MatcherSet) -> list[Sighting]:
    data = view.read(image)
    if view.decoded is not None:
        return matcher_set.search(Region(data, Nature.BYTES), layers(data))
    # What reads at a stride is planted already, and mostly there is nothing.
    if not matcher_set.scan(data, 0, len(data)):
        return []
    return matcher_set.search(Region(data, Nature.BYTES), [Layer(data, 0)])


@attrs.frozen
class _Shown:
    """A stretch of the image that gives so many bits of a canary away."""

    canary: Canary
    start: int
    end: int
    bits: float

    @classmethod
    def of(cls, one: Sighting) -> _Shown:
        """Where it is seen in the image."""
        return cls(one.canary, one.offset, one.end, one.bits)

    @classmethod
    def in_view(cls, view: View, one: Sighting) -> _Shown:
        """Where it comes from: of a decoded value all of it."""
        if view.decoded is not None:
            return cls(one.canary, view.pieces[0][0], view.pieces[-1][1], one.bits)
        return cls(one.canary, view.origin(one.offset), view.origin(one.end - 1) + 1, one.bits)


class _Seen:
    """What is shown already: a view shows it again wherever it does not add anything."""

    def __init__(self, stretches: Iterable[_Shown]) -> None:
        by_canary: dict[int, list[_Shown]] = {}
        for one in stretches:
            by_canary.setdefault(id(one.canary), []).append(one)
        self._at = {owner: Stretches((one.start, one.end, one.bits) for one in its) for owner, its in by_canary.items()}

    def holds(self, view: View, one: Sighting) -> bool:
        """Whether a sighting of at least as much of the same canary lies where the view comes from."""
        return self.shows(_Shown.in_view(view, one))

    def shows(self, one: _Shown) -> bool:
        """Whether as many bits of the canary are shown there."""
        its = self._at.get(id(one.canary))
        return its is not None and its.as_good(one.start, one.end, one.bits, _INNERMOST)


class Atlas:
    """Names places of an image as a person would look for them."""

    def __init__(self, image: Image, reader: Reader, layout: Layout, is_secret: Callable[[str], bool]) -> None:
        self._image = image
        self._is_secret = is_secret
        self._spans = sorted(layout.spans, key=lambda span: (span.start, -span.end))
        self._around = Stretches((span.start, span.end, index) for index, span in enumerate(self._spans))
        self._text = Lines(image, is_secret) if reader.lines else None
        self._make_symbols = reader.symbols if isinstance(reader, ElfCore) else None
        self._symbols: Symbols | None = None
        self._part: Atlas | None = None

    def where(self, offset: int, length: int) -> Where:
        """The innermost span around the bytes, or the line in a text. The offset is that of the image."""
        name = self.name
        part, start = self._image.part(offset)
        if part is not self._image:
            return attrs.evolve(self._of(part).where(offset - start, length), image=name, offset=offset)
        if self._text is not None:
            return Where(name, offset, length, self._text.at(offset))
        around = [self._spans[index] for index in itertools.islice(self._around.around(offset), _INNERMOST)]
        if not around:
            return Where(name, offset, length)
        inner = min(around, key=lambda span: span.end - span.start)
        addressed = next((span for span in around if span.address is not None), inner)
        address = None if addressed.address is None else addressed.address + offset - addressed.start
        mapping = next((span.mapping for span in around if span.mapping), "")
        thread = next((span.thread for span in around if span.thread is not None), None)
        return Where(name, offset, length, inner.what, address, mapping, thread, self._symbol(address))

    def told(self, where: Where) -> Where:
        """The same place under the name and at the offset that people know."""
        part, start = self._image.part(where.offset)
        if part is self._image:
            return where
        return attrs.evolve(where, image=self._of(part).name, offset=where.offset - start)

    def _of(self, part: Image) -> Atlas:
        """Of the part that was asked for last."""
        if self._part is None or self._part._image is not part:
            self._part = Atlas(part, reader_of(part), Layout(""), self._is_secret)
        return self._part

    def within(self, where: Where) -> Where:
        """The place of what was found in another form, which its span names."""
        outer = self.where(where.offset, where.length)
        return attrs.evolve(outer, span=f"{where.span} in {outer.span}" if outer.span else where.span)

    def where_in(self, view: View, one: Sighting) -> Where:
        """The place of a sighting in a view."""
        offset = view.origin(one.offset)
        what = view.what if view.path is None else f"{view.what} {path_text(view.path, self._is_secret)}"
        outer = self.where(offset, one.length)
        if view.path is not None and outer.span.startswith("line "):
            what = f"{outer.span.partition(' $')[0]} {what}"
        return attrs.evolve(outer, span=what, thread=view.thread if view.thread is not None else outer.thread)

    def _symbol(self, address: int | None) -> str:
        """The nearest symbol of the mapped file; nothing where it is unknown."""
        if address is None or self._make_symbols is None:
            return ""
        if self._symbols is None:
            self._symbols = self._make_symbols(self._image)
        return self._symbols.at(address) or ""

    @functools.cached_property
    def name(self) -> str:
        """Of the image, where it may be shown."""
        return self._image.name if not self._is_secret(self._image.name) else HIDDEN
