"""The search of one dump image: raw bytes in ranges, what the format puts together, and where each sighting lies."""

from __future__ import annotations

import bisect
import itertools
import mmap
import os
from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.elf_core import ElfCore
from redactfuzz.dumps.readers.formats import READERS, UNPACKERS
from redactfuzz.dumps.readers.image import Image, Layout, Reader, Span, View
from redactfuzz.dumps.readers.region import Nature, Region
from redactfuzz.dumps.readers.symbols import Symbols
from redactfuzz.model.exposure import Where
from redactfuzz.scan.layers import Layer, layers
from redactfuzz.scan.matcher_set import MatcherSet, Sighting
from redactfuzz.scan.place import path_text, place

_HEAD = 4096
_RANGE = 16 << 20
"""Bytes that one call scans: between two of them progress is reported, and memory given back."""
_WORKERS = 4
"""At most: memory is what each of them reads."""
_PARALLEL = 256 << 20
"""Images of more bytes are scanned by several threads."""
_LAYERED, _OVERLAP = 8 << 20, 1 << 16
"""Bytes of text of which escapes are taken back, and separators out, at once; and how far two such parts overlap."""

_BESIDE = 8
"""Bytes: one letter of base64 of base64 in utf-16."""
_PATHS, _PATHS_IN = 200, 1 << 20
"""Places in text that are given by JSON path, and bytes of a text that is parsed whole for it."""
_LINE, _COUNTED = 1 << 20, 1 << 20
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


def survey(image: Image, matcher_set: MatcherSet, progress: Progress = lambda _: None, *, named: bool = True) -> Survey:
    """Search an image for what is planted. Never raises for any bytes whatever; what cannot be parsed is a gap.

    Without ``named`` the format is asked for names only when something was found: a campaign reads a core in every
    execution, and most are clean.
    """
    reader = reader_of(image)
    sightings = list(_raw(image, reader, matcher_set, progress))
    in_views = list(_in_views(image, reader.views(image), matcher_set))
    if not (named or sightings or in_views):
        return Survey(None, (), image.size)
    layout = reader.layout(image)
    atlas = Atlas(image, reader, layout, matcher_set.holds)
    found = [Located(one, atlas.where(one.offset, one.length)) for one in matcher_set.best(sightings)]
    seen = _Seen(sightings)
    image.release(0, image.size)
    found += [
        Located(one, atlas.where_in(view, one), view.decoded is not None)
        for view, one in in_views
        if not seen.holds(view, one)
    ]
    secret = {_smeared(one) for one in sightings} | {piece for view, _ in in_views for piece in view.pieces}
    return Survey(layout, tuple(sorted(found, key=lambda each: each.where.offset)), image.size, tuple(sorted(secret)))


def _smeared(one: Sighting) -> tuple[int, int]:
    """What not to show of it. The letters beside base64 and the like hold bits of the secret and of what follows it."""
    beside = (
        0
        if one.encoding.startswith(("utf-8", "utf-16", "ucs4", "raw", "hex", "reversed", "big-", "little-"))
        else _BESIDE
    )
    return one.offset - beside, one.end + beside


def reader_of(image: Image) -> Reader:
    """The first format that recognises the image; the last one takes everything."""
    head = image.data[:_HEAD]
    return next(reader for reader in READERS if reader.recognises(head, image.size))


def container_of(image: Image) -> str:
    """What it is when it holds other files, else nothing."""
    head = image.data[:_HEAD]
    return next((one.name for one in UNPACKERS if one.recognises(head)), "")


def _raw(image: Image, reader: Reader, matcher_set: MatcherSet, progress: Progress) -> Iterator[Sighting]:
    if reader.lines and image.size <= _LAYERED:
        data = bytes(image.data) if isinstance(image.data, mmap.mmap) else image.data
        yield from matcher_set.search(Region(data, Nature.BYTES), layers(data))
        progress(image.size)
        return
    if reader.lines:
        for start, end in image.steps(_LAYERED):
            yield from _unwrapped(image, start, min(end + _OVERLAP, image.size), matcher_set)
    matcher_set.prepare()
    ranges = list(image.steps(_RANGE))
    size = sum(end - start for start, end in ranges)
    workers = min(len(ranges), _WORKERS, len(os.sched_getaffinity(0))) if size > _PARALLEL else 1
    progress(image.size - size)  # holes

    def scan(part: tuple[int, int]) -> list[Sighting]:
        sightings = matcher_set.scan(image.data, *part)
        image.release(*part)
        progress(part[1] - part[0])
        return sightings

    if workers == 1:
        yield from itertools.chain.from_iterable(map(scan, ranges))
        return
    from concurrent.futures import ThreadPoolExecutor  # memory that is in every core of a campaign

    with ThreadPoolExecutor(workers) as pool:
        yield from itertools.chain.from_iterable(pool.map(scan, ranges))


def _unwrapped(image: Image, start: int, end: int, matcher_set: MatcherSet) -> Iterator[Sighting]:
    """What escapes and separators hide in a part of a long text."""
    data = image.data[start:end]
    image.release(start, end)
    for one in matcher_set.search(Region(data, Nature.BYTES), layers(data)):
        yield attrs.evolve(one, offset=one.offset + start)


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


class _Seen:
    """What the raw bytes show already: a view shows it again wherever it does not add anything."""

    def __init__(self, sightings: Sequence[Sighting]) -> None:
        self._at: dict[int, list[Sighting]] = {}
        for one in sightings:
            self._at.setdefault(id(one.canary), []).append(one)

    def holds(self, view: View, one: Sighting) -> bool:
        """Whether a sighting of at least as much of the same canary lies where the view comes from."""
        start, end = view.origin(one.offset), view.origin(one.end - 1) + 1
        if view.decoded is not None:
            start, end = view.pieces[0][0], view.pieces[-1][1]
        return any(
            other.bits >= one.bits and other.offset < end and other.end > start
            for other in self._at.get(id(one.canary), ())
        )


class Atlas:
    """Names places of an image as a person would look for them."""

    def __init__(self, image: Image, reader: Reader, layout: Layout, is_secret: Callable[[str], bool]) -> None:
        self._image = image
        self._lines = reader.lines
        self._is_secret = is_secret
        self._spans = sorted(layout.spans, key=lambda span: (span.start, -span.end))
        self._starts = [span.start for span in self._spans]
        self._newlines = [0]
        self._make_symbols = reader.symbols if isinstance(reader, ElfCore) else None
        self._symbols: Symbols | None = None
        self._paths = _PATHS
        # How far any span up to here reaches: where that is not far enough, looking further back is vain.
        self._reach = list(itertools.accumulate((span.end for span in self._spans), max))

    def where(self, offset: int, length: int) -> Where:
        """The innermost span around the bytes, or the line in a text."""
        name = self._name()
        if self._lines:
            return Where(name, offset, length, self._line(offset))
        around = self._around(offset)
        if not around:
            return Where(name, offset, length)
        inner = min(around, key=lambda span: span.end - span.start)
        addressed = next((span for span in around if span.address is not None), inner)
        address = None if addressed.address is None else addressed.address + offset - addressed.start
        mapping = next((span.mapping for span in around if span.mapping), "")
        thread = next((span.thread for span in around if span.thread is not None), None)
        return Where(name, offset, length, inner.what, address, mapping, thread, self._symbol(address))

    def where_in(self, view: View, one: Sighting) -> Where:
        """The place of a sighting in a view."""
        offset = view.origin(one.offset)
        what = view.what if view.path is None else f"{view.what} {path_text(view.path, self._is_secret)}"
        outer = self.where(offset, one.length)
        if view.path is not None and outer.span.startswith("line "):
            what = f"{outer.span.partition(' $')[0]} {what}"
        return attrs.evolve(outer, span=what, thread=view.thread if view.thread is not None else outer.thread)

    def _line(self, offset: int) -> str:
        """The line, and the path in it while that is cheap: one value in many would be parsed again and again."""
        data = self._image.data
        start, end = data.rfind(b"\n", max(0, offset - _LINE), offset) + 1, data.find(b"\n", offset, offset + _LINE)
        self._paths -= 1
        if self._paths >= 0 and self._image.size <= _PATHS_IN:
            return place(Region(data, Nature.BYTES), offset, self._is_secret)
        where = f"line {self._line_number(offset)}"
        if self._paths < 0 or end < 0 or start == 0:
            return where
        inner = place(Region(data[start:end], Nature.BYTES), offset - start, self._is_secret)
        return f"{where} {inner.removeprefix('line 1').strip()}".rstrip()

    def _line_number(self, offset: int) -> int:
        """Newlines are counted once, in steps whose sums are kept."""
        data, whole = self._image.data, offset // _COUNTED
        while len(self._newlines) <= whole:
            start = (len(self._newlines) - 1) * _COUNTED
            self._newlines.append(self._newlines[-1] + data[start : start + _COUNTED].count(b"\n"))
            self._image.release(start, start + _COUNTED)
        return self._newlines[whole] + data[whole * _COUNTED : offset].count(b"\n") + 1

    def _around(self, offset: int) -> list[Span]:
        """Every span that holds the offset, the one that begins last first."""
        around: list[Span] = []
        index = bisect.bisect_right(self._starts, offset) - 1
        while index >= 0 and self._reach[index] > offset:
            if self._spans[index].holds(offset):
                around.append(self._spans[index])
            index -= 1
        return around

    def _symbol(self, address: int | None) -> str:
        """The nearest symbol of the mapped file; nothing where it is unknown."""
        if address is None or self._make_symbols is None:
            return ""
        if self._symbols is None:
            self._symbols = self._make_symbols(self._image)
        return self._symbols.at(address) or ""

    def _name(self) -> str:
        return self._image.name if not self._is_secret(self._image.name) else "(a name that holds a secret)"
