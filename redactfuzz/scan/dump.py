"""The verdict on one dump file: its images, what they give away, and what was not read."""

from __future__ import annotations

import bisect
import itertools
import os
import sys
import time
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence

import attrs

from redactfuzz.dumps.readers.image import Image, Layout
from redactfuzz.dumps.readers.mapped import Range, ranges, window
from redactfuzz.dumps.readers.opening import NothingToRead, UnpackLimits, images
from redactfuzz.model.canary import Canary
from redactfuzz.model.exposure import DumpReport, Gap, ImageRead, KeyFinding, Severity, UnlistedKeys, Where
from redactfuzz.scan.context import Contexts
from redactfuzz.scan.differs import PlantedValues, compared
from redactfuzz.scan.exposures import exposures
from redactfuzz.scan.keys import DETECTORS, OVER_ALL, KnownKeys
from redactfuzz.scan.keys.detector import KEYS, Findings
from redactfuzz.scan.keys.public.harvest import harvested
from redactfuzz.scan.masked import masked
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.overlaps import Stretches
from redactfuzz.scan.parallel import in_order
from redactfuzz.scan.survey import LISTED, Atlas, Located, Progress, container_of, reader_of, survey
from redactfuzz.scan.texts import Look
from redactfuzz.scan.view_keys import ViewKeys
from redactfuzz.scan.views import Derived


@attrs.frozen
class ScanRequest:
    """What to look for: the canaries that a matcher set was planted with, and keys that nobody planted."""

    matcher_set: MatcherSet
    known: KnownKeys
    detect: bool = True
    limits: UnpackLimits = attrs.field(factory=UnpackLimits)
    marker: str = ""
    """A public text that the dump should hold: one that lacks it may be of another program."""
    canaries: tuple[Canary, ...] = ()
    """What the matcher set was planted with: taken out of every name that is shown."""
    context: int = 0
    """Bytes on either side of a fragment that are shown, masked."""
    contexts: Contexts | None = attrs.field(
        init=False,
        default=attrs.Factory(lambda self: Contexts(self.canaries) if self.context else None, takes_self=True),
    )

    @property
    def planted(self) -> PlantedValues:
        """The canaries, with what finds them."""
        return PlantedValues(self.matcher_set, self.canaries, self.marker)


@attrs.define
class _Gathering:
    """What the images of a dump give, one after the other."""

    images: list[ImageRead] = attrs.field(factory=list)
    found: list[Located] = attrs.field(factory=list)
    keys: dict[tuple[str, str, str], KeyFinding] = attrs.field(factory=dict)
    kinds: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    unlisted: dict[tuple[str, str, Severity], set[str]] = attrs.field(factory=dict)
    skipped: list[Gap] = attrs.field(factory=list)
    unread: list[Gap] = attrs.field(factory=list)
    """What was recognised in the image that is looked at, and not opened as it lies."""
    marked: bool = False
    within: dict[str, tuple[str, int, int]] = attrs.field(factory=dict)
    """Where the bytes of a member lie as they are: by its name that of the container, and the start and end there."""

    def once(self) -> tuple[list[Located], list[KeyFinding]]:
        """What was found, without what a container shows of a member that shows it as well."""
        if not self.within:
            return self.found, list(self.keys.values())
        shown = _Shown(self.within)
        for one in self.found:
            shown.add(id(one.sighting.canary), one.where)
        for name, key in self.keys.items():
            for where in key.where:
                shown.add(name, where)
        found = [one for one in self.found if not shown.again(id(one.sighting.canary), one.where)]
        keys = []
        for name, key in self.keys.items():
            places = tuple(where for where in key.where if not shown.again(name, where))
            keys.append(attrs.evolve(key, where=places))
        return found, keys

    def key(self, finding: KeyFinding) -> None:
        name = (finding.detector, finding.what, finding.identity)
        before = self.keys.get(name)
        if before is not None:
            where = (*before.where, *finding.where)
            more = before.more + finding.more + max(0, len(where) - LISTED)
            finding = attrs.evolve(before, where=where[:LISTED], more=more)
        elif self.kinds[name[:2]] >= KEYS:
            self.unlisted.setdefault((*name[:2], finding.severity), set()).add(finding.identity)
            return
        else:
            self.kinds[name[:2]] += 1
        self.keys[name] = finding

    def rest(self, findings: Findings, first: int) -> None:
        """What a detector found beyond what it lists, and what it did not look at, from an offset of the image on."""
        for kind, identities in findings.unlisted.items():
            self.unlisted.setdefault(kind, set()).update(identities)
        self.skipped += [attrs.evolve(gap, offset=(gap.offset or 0) + first) for gap in findings.gaps]

    def unopened(self, in_views: Sequence[Gap], keys: Sequence[KeyFinding]) -> None:
        """What was recognised in an image and not opened in any form. Said once for each reason."""
        places = Stretches((each.offset, each.offset + each.length, 0) for key in keys for each in key.where)
        told = {(gap.image, gap.reason) for gap in self.skipped}
        for gap in (*self.unread, *in_views):
            start, end = gap.offset or 0, (gap.offset or 0) + (gap.length or 1)
            if (gap.image, gap.reason) not in told and not places.covers(start, end, 1):
                told.add((gap.image, gap.reason))
                self.skipped.append(gap)
        self.unread.clear()

    def unlisted_keys(self) -> Iterator[UnlistedKeys]:
        for (detector, what, severity), identities in self.unlisted.items():
            count = sum((detector, what, identity) not in self.keys for identity in identities)
            if count:
                yield UnlistedKeys(detector, what, severity, count)


class _Shown:
    """Which members show what, and where in their container that is."""

    def __init__(self, within: Mapping[str, tuple[str, int, int]]) -> None:
        self._within = within
        self._members: dict[tuple[Hashable, str], list[tuple[int, int]]] = {}

    def add(self, what: Hashable, where: Where) -> None:
        """It is there."""
        name, stretches = where.image, self._members
        if name in self._within:
            container, start, end = self._within[name]
            if (start, end) not in (its := stretches.setdefault((what, container), []))[-1:]:
                its.append((start, end))

    def again(self, what: Hashable, where: Where) -> bool:
        """Whether it lies in a member that shows it, too."""
        its = self._members.get((what, where.image), [])
        at = bisect.bisect_right(its, (where.offset, sys.maxsize)) - 1
        return at >= 0 and where.offset + where.length <= its[at][1]


def scan_dump(
    path: str | os.PathLike[str], wanted: ScanRequest, progress: Progress = lambda _: None, called: str = ""
) -> DumpReport:
    """Read a dump file wholly, whatever it is. Never raises for what is in it; ``progress``: of each stretch read.

    ``called``: its name, where it lies under another one; what the report says is said of that. What cannot be read is
    among ``skipped``, and what was read before it is still in the report.
    """
    started, gathering = time.monotonic(), _Gathering()
    name = called or os.fspath(path)
    try:
        for image in images(path, wanted.limits, called):
            if isinstance(image, Gap):
                gathering.skipped.append(image)
            else:
                _searched(image, wanted, gathering, progress)
        if gathering.images and not gathering.images[0].size:
            gathering.skipped.append(Gap(name, "the file is empty: no dump was written, or it was lost"))
    except NothingToRead as error:
        gathering.skipped.append(Gap(name, str(error)))
    why = "is not looked for: it is of a kind that no detector knows"
    gathering.skipped += [Gap(name, f"the private half of {one} {why}", harmless=True) for one in wanted.known.passed]
    found, keys = gathering.once()
    report = DumpReport(
        dump=name,
        images=tuple(gathering.images),
        exposures=exposures(found),
        keys=tuple(keys),
        unlisted_keys=tuple(gathering.unlisted_keys()),
        skipped=tuple(gathering.skipped),
        marked=gathering.marked if wanted.marker and gathering.images else None,
        seconds=time.monotonic() - started,
    )
    return masked(report, wanted.canaries)


def _searched(image: Image, wanted: ScanRequest, gathering: _Gathering, progress: Progress) -> None:
    """One image; a fault of ours costs what was not read yet and is reported, not what was found before."""
    try:
        _search(image, wanted, gathering, progress)
    except Exception as error:  # its message may quote the dump
        why = f"redactfuzz itself failed in this file ({type(error).__name__}): please report it"
        gathering.skipped.append(Gap(image.name, why))


def _search(image: Image, wanted: ScanRequest, gathering: _Gathering, progress: Progress) -> None:
    if image.within is not None:
        container, start = image.within
        gathering.within[image.name] = (container, start, start + image.size)
    in_views = ViewKeys(image.name, wanted.known, gathering.rest)
    look: Look = in_views.look if wanted.detect else _no_look
    seen = survey(image, wanted.matcher_set, progress, look=look)
    layout = seen.layout or Layout("")
    gathering.images.append(
        ImageRead(image.name, container_of(image) or layout.format, image.size, seen.read, layout.notes)
    )
    marks = (wanted.marker.encode(), wanted.marker.encode("utf-16-le"))  # Windows has its environment in utf-16
    gathering.marked |= bool(wanted.marker) and any(image.find(mark) >= 0 for mark in marks)
    gathering.skipped += layout.gaps
    keys = list(_keys(image, layout, wanted, gathering)) if wanted.detect else []
    atlas = Atlas(image, reader_of(image), layout, wanted.matcher_set.holds)
    keys += [attrs.evolve(key, where=tuple(map(atlas.within, key.where))) for key in in_views.beside(keys)]
    for key in keys:
        gathering.key(key)
    gathering.unopened(in_views.unread, keys)
    found = seen.found
    if wanted.contexts is not None:
        secret = [(where.offset, where.offset + where.length) for key in keys for where in key.where]
        found = tuple(_with_context(found, image, wanted.contexts, wanted.context, (*seen.secret, *secret)))
    gathering.found += found
    image.release(0, image.size)


def _no_look(view: Derived) -> None:
    """Nobody asks for keys."""


def _keys(image: Image, layout: Layout, wanted: ScanRequest, gathering: _Gathering) -> Iterator[KeyFinding]:
    """Key material in an image, one finding for each key, however many windows it was seen in."""
    atlas = Atlas(image, reader_of(image), layout, wanted.matcher_set.holds)
    met, gaps = harvested(image)
    known = wanted.known + met
    gathering.skipped += gaps

    def search(its: Range) -> list[Findings]:
        with window(image, its) as shown:
            return [detector.find(shown, known) for detector in DETECTORS if detector not in OVER_ALL]

    parts = ranges(image)
    whole = (0, image.size, 0, image.size)
    over_all = ((whole, [detector.find(image, known)]) for detector in OVER_ALL)
    for (first, _, start, end), found in itertools.chain(zip(parts, in_order(search, parts), strict=True), over_all):
        for findings in found:
            gathering.rest(findings, first)
            unread = (attrs.evolve(gap, offset=(gap.offset or 0) + first) for gap in findings.unread)
            gathering.unread += [gap for gap in unread if start <= (gap.offset or 0) < end]
            for finding in findings:
                places = (attrs.evolve(where, offset=where.offset + first) for where in finding.where)
                # What lies in the margin is seen whole by the next window.
                here = [where for where in places if start <= where.offset < end]
                if here:
                    named = tuple(atlas.where(where.offset, where.length) for where in here)
                    yield attrs.evolve(finding, where=named)


def _with_context(
    found: Sequence[Located], image: Image, contexts: Contexts, size: int, secret: Sequence[tuple[int, int]]
) -> Iterator[Located]:
    """The bytes around the first places of each secret; none around what is in another form in a view."""
    listed: Counter[int] = Counter()
    for one in found:
        owner, where = id(one.sighting.canary), one.where
        listed[owner] += 1
        if one.decoded or listed[owner] > LISTED:
            yield one
            continue
        context = contexts.around(image, where.offset, where.offset + where.length, size, secret)
        yield attrs.evolve(one, where=attrs.evolve(where, context=context))


def with_differences(
    report: DumpReport,
    other: str | os.PathLike[str],
    planted: tuple[PlantedValues, PlantedValues],
    same: Sequence[str | os.PathLike[str]],
    wanted: ScanRequest,
) -> DumpReport:
    """The report, with what another dump of the same program has otherwise; ``same`` have the values of this one."""
    found = compared(report.dump, other, planted, same, wanted.limits)
    report = attrs.evolve(
        report,
        differs_from=os.fspath(other),
        differences=found.differences,
        more_differences=found.more,
        skipped=(*report.skipped, *found.gaps),
    )
    return masked(report, (*planted[0].canaries, *planted[1].canaries))


def without(report: DumpReport, baselines: Sequence[DumpReport]) -> DumpReport:
    """Keys that are in a dump of the same program with other secrets as well are background, and left out.

    A canary that was planted is a secret wherever it is, and never background.
    """
    keys = {(key.detector, key.what, key.identity) for one in baselines for key in one.keys}
    return attrs.evolve(
        report, keys=tuple(key for key in report.keys if (key.detector, key.what, key.identity) not in keys)
    )
