"""One image, looked through for canaries and for keys. Places count its own bytes until they are told."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.carving.carver import packed_in
from redactfuzz.dumps.readers.formats import reader_of
from redactfuzz.dumps.readers.image import Image, Layout
from redactfuzz.dumps.readers.mapped import CORE, WIDE_CORE, Range, ranges, trim, window
from redactfuzz.dumps.readers.parallel import LARGE, beside, in_order
from redactfuzz.dumps.readers.together import Together
from redactfuzz.model.exposure import Gap, KeyFinding, Severity
from redactfuzz.model.machine import fault
from redactfuzz.scan.keys import DETECTORS, OVER_ALL, KnownKeys
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.effort import found
from redactfuzz.scan.keys.public.harvest import harvested
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.survey import Atlas, Located, Progress, Survey, survey
from redactfuzz.scan.texts import NO_WATCH, Watch
from redactfuzz.scan.view_keys import ViewKeys

Kind = tuple[str, str, Severity]
"""Of a key that is counted: its detector, what it is, how bad it is."""


@attrs.define
class Rest:
    """What detectors found beyond what they list, and what they did not look at or open."""

    unlisted: dict[Kind, set[str]] = attrs.field(factory=dict)
    gaps: list[Gap] = attrs.field(factory=list)
    unread: list[Gap] = attrs.field(factory=list)

    def take(self, findings: Findings, first: int) -> None:
        """Of a detector that was given the bytes from an offset on."""
        for kind, identities in findings.unlisted.items():
            self.unlisted.setdefault(kind, set()).update(identities)
        self.gaps += [attrs.evolve(gap, offset=(gap.offset or 0) + first) for gap in findings.gaps]


@attrs.frozen
class Looked:
    """What an image gives away, what of it was not read, and who names its places."""

    image: Image
    size: int
    """Bytes, without those between images that are together, and without those that are looked through alone."""
    seen: Survey
    layout: Layout
    atlas: Atlas
    keys: tuple[KeyFinding, ...] = ()
    rest: Rest = attrs.field(factory=Rest)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """All that was not read, but for what is a gap only unless it is found in another form."""
        return (*self.rest.gaps, *self.layout.gaps)


def looked(image: Image, matcher_set: MatcherSet, known: KnownKeys | None, progress: Progress) -> Looked:
    """Without ``known`` nobody asks for keys. Never raises for any bytes whatever."""
    rest = Rest()
    in_views = ViewKeys(image.name, known or KnownKeys(), rest.take)
    watch: Watch = NO_WATCH if known is None else in_views
    with beside(_met(image) if known is not None else iter(()), parallel=image.size > LARGE) as harvest:
        seen = survey(image, matcher_set, progress, watch=watch)
        layout = seen.layout or Layout("")
        atlas = Atlas(image, reader_of(image), layout, matcher_set.holds)
        met = harvest()
    if image.size > LARGE:
        trim()
    keys = list[KeyFinding]()
    for its, gaps in met:
        rest.gaps += gaps
        # Not beside the survey: all that is read for both would be in memory at once.
        keys += _keys(_found(image, (known or KnownKeys()) + its), atlas, rest)
    keys += [attrs.evolve(key, where=tuple(map(atlas.within, key.where))) for key in in_views.beside(keys)]
    rest.unread += in_views.unread
    size = sum(one.size for one in image.images) if isinstance(image, Together) else image.size
    return Looked(image, size, seen, layout, atlas, tuple(keys), rest)


def _found(image: Image, known: KnownKeys) -> Iterator[tuple[Range, Sequence[Findings]]]:
    """What the detectors find in each window of an image, and in all of it."""

    def search(its: Range) -> list[Findings]:
        with window(image, its) as shown:
            return [found(detector, shown, known) for detector in DETECTORS if detector not in OVER_ALL]

    # What two states of a MAC have in common tells that they are a pair: they may lie far apart.
    parts = ranges(image, WIDE_CORE if known.macs else CORE)
    yield from zip(parts, in_order(search, parts, parallel=image.size > LARGE), strict=True)
    whole = (0, image.size, 0, image.size)
    for detector in OVER_ALL:
        yield whole, [found(detector, image, known)]


def shows_keys(image: Image, known: KnownKeys) -> bool:
    """Whether a detector has anything to tell of the bytes of an image as they lie."""
    met = list(_met(image))
    if any(gaps for _, gaps in met):
        return True
    windows = (of_window for its, _ in met for _, of_window in _found(image, known + its))
    return any(not findings.is_silent for of_window in windows for findings in of_window)


def _met(image: Image) -> Iterator[tuple[KnownKeys, tuple[Gap, ...]]]:
    """The public keys that lie in it. A fault of ours costs these, and what would be looked for by them."""
    try:
        yield harvested(image)
    except Exception as error:
        yield KnownKeys(), (Gap(image.name, fault("its search for public keys", error)),)


def _keys(windows: Iterable[tuple[Range, Sequence[Findings]]], atlas: Atlas, rest: Rest) -> Iterator[KeyFinding]:
    """Key material in an image, one finding for each key, however many windows it was seen in."""
    for (first, _, start, end), of_window in windows:
        for findings in of_window:
            rest.take(findings, first)
            unread = (attrs.evolve(gap, offset=(gap.offset or 0) + first) for gap in findings.unread)
            rest.unread += [gap for gap in unread if start <= (gap.offset or 0) < end]
            for finding in findings:
                places = (attrs.evolve(where, offset=where.offset + first) for where in finding.where)
                # What lies in the margin is seen whole by the next window.
                here = [where for where in places if start <= where.offset < end]
                if here:
                    named = tuple(atlas.where(where.offset, where.length) for where in here)
                    yield attrs.evolve(finding, where=named)


def apart(of: Looked) -> tuple[Looked, tuple[Image, ...]]:
    """Of images that were looked through together: what lies in one of them, and those to be looked through alone.

    Alone are those between which something was found, and in whose views something is packed; all of them, where a
    detector did not look at all, or counted keys or places of a key without naming them. What was found in these is
    left out.
    """
    image = of.image
    if not isinstance(image, Together):
        return of, ()
    alone = _alone(of, image)
    kept = frozenset(id(one) for one in alone)

    def here(offset: int) -> bool:
        return id(image.part(offset)[0]) not in kept

    names = {one.name for one in alone}
    found = tuple(one for one in of.seen.found if here(one.where.offset))
    keys = [attrs.evolve(key, where=tuple(each for each in key.where if here(each.offset))) for key in of.keys]
    gaps = tuple(gap for gap in of.layout.gaps if gap.image not in names)
    unread = [gap for gap in of.rest.unread if here(gap.offset or 0)]
    left = attrs.evolve(
        of,
        size=of.size - sum(one.size for one in alone),
        seen=attrs.evolve(of.seen, found=found),
        layout=attrs.evolve(of.layout, gaps=gaps),
        keys=tuple(key for key in keys if key.where),
        rest=Rest(unread=unread),
    )
    return left, tuple(alone)


def _alone(of: Looked, image: Together) -> list[Image]:
    unnamed = of.rest.unlisted or any(key.more for key in of.keys)
    if unnamed or any(gap.image == image.name for gap in of.gaps):
        return list(image.images)
    alone = {id(one): one for start, end in _stretches(of) for one in _several(image, start, end)}
    for offset in _packed(image):
        one, _ = image.part(offset)
        alone[id(one)] = one
    return [one for one in image.images if id(one) in alone]


def _several(image: Together, start: int, end: int) -> Iterable[Image]:
    around = image.around(start, end)
    return around if len(around) > 1 else ()


def _stretches(of: Looked) -> Iterator[tuple[int, int]]:
    """Whatever was found lies there. A value that was decoded is of one image."""
    for one in of.seen.found:
        if one.sighting.view or not one.decoded:
            yield one.where.offset, one.where.offset + one.where.length
    for key in of.keys:
        for where in key.where:
            yield where.offset, where.offset + where.length
    for gap in of.rest.unread:
        yield gap.offset or 0, (gap.offset or 0) + (gap.length or 1)


def _packed(image: Image) -> Iterator[int]:
    """Where in an image what is packed begins that a view of it holds."""
    for one in itertools.chain.from_iterable(spelled() for spelled in image.spelled):
        for at in packed_in(one.data):
            yield one.place(at, at + 1)[0]
    image.spelled.clear()


def told(of: Looked) -> tuple[tuple[Located, ...], tuple[KeyFinding, ...]]:
    """What was found, at the places that people know."""
    found = tuple(attrs.evolve(one, where=of.atlas.told(one.where)) for one in of.seen.found)
    keys = tuple(attrs.evolve(key, where=tuple(map(of.atlas.told, key.where))) for key in of.keys)
    return found, keys
