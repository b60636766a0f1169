"""The verdict on one dump file: its images, what they give away, and what was not read."""

from __future__ import annotations

import bisect
import os
import sys
import time
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence

import attrs

from redactfuzz.dumps.readers.formats import unpacker_of
from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.opening import NothingToRead, UnpackLimits, images, images_of
from redactfuzz.model.canary import Canary
from redactfuzz.model.exposure import DumpReport, Gap, ImageRead, KeyFinding, UnlistedKeys, Where
from redactfuzz.model.machine import fault
from redactfuzz.scan.context import Contexts, behind, packed
from redactfuzz.scan.differs import PlantedValues, compared
from redactfuzz.scan.exposures import exposures
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.detector import KEYS, PLACES
from redactfuzz.scan.looked import Kind, Looked, apart, looked, told
from redactfuzz.scan.masker import ReportMasker, bytes_of
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.overlaps import Stretches
from redactfuzz.scan.survey import LISTED, Located, Progress
from redactfuzz.scan.telling.gaps import Gaps

KeyName = tuple[str, str, str]
"""The detector of a key, what it is, and its identity."""
_BACKGROUND = "also in --baseline"


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
    background: frozenset[KeyName] = frozenset()
    """Keys that are left out: they are in a dump of the same program with other secrets as well."""
    lists_all: bool = False
    """Whether each key is listed, if only by its name: what is read of a dump is its background."""
    contexts: Contexts | None = attrs.field(
        init=False,
        default=attrs.Factory(lambda self: Contexts(self.canaries) if self.context else None, takes_self=True),
    )

    mask: ReportMasker = attrs.field(
        init=False,
        default=attrs.Factory(
            lambda self: ReportMasker(self.canaries, (self.matcher_set,), self.known), takes_self=True
        ),
    )

    def marks(self, image: Image) -> bool:
        """Whether an image holds the marker, where there is one."""
        marks = (self.marker.encode(), self.marker.encode("utf-16-le"))  # Windows has its environment in utf-16
        return bool(self.marker) and any(image.find(mark) >= 0 for mark in marks)

    @property
    def planted(self) -> PlantedValues:
        """The canaries, with what finds them."""
        return PlantedValues(self.matcher_set, self.canaries, self.marker)


@attrs.define
class Gathering:
    """What the images of a dump give, one after the other: see ``report_of``."""

    images: list[ImageRead] = attrs.field(factory=list)
    background: frozenset[KeyName] = attrs.field(factory=frozenset, kw_only=True)
    found: list[Located] = attrs.field(factory=list)
    keys: dict[KeyName, KeyFinding] = attrs.field(factory=dict)
    kinds: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    unlisted: dict[Kind, set[str]] = attrs.field(factory=dict)
    of_background: dict[Kind, set[str]] = attrs.field(factory=dict)
    """What is left out: told by its number, so that nobody is misled by a baseline that holds everything."""
    skipped: Gaps = attrs.field(factory=Gaps)
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
        """A key that was found. Of one that is known there are more places; beyond KEYS of a kind they are counted."""
        name = (finding.detector, finding.what, finding.identity)
        if name in self.background:
            self.of_background.setdefault((*name[:2], finding.severity), set()).add(finding.identity)
            return
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

    def unopened(self, of: Looked) -> None:
        """What was recognised in an image and not opened in any form. Said once for each reason."""
        places = Stretches((each.offset, each.offset + each.length, 0) for key in of.keys for each in key.where)
        said = {(gap.image, gap.reason) for gap in of.gaps}
        for gap in of.rest.unread:
            offset = gap.offset or 0
            one, start = of.image.part(offset)
            if (one.name, gap.reason) not in said and not places.covers(offset, offset + (gap.length or 1), 1):
                said.add((one.name, gap.reason))
                self.skipped.append(attrs.evolve(gap, image=one.name, offset=offset - start))

    def count(self, unlisted: Mapping[Kind, set[str]]) -> None:
        """Keys that are counted, and not listed one by one."""
        for kind, identities in unlisted.items():
            known = {one for one in identities if (*kind[:2], one) in self.background}
            for counted, some in ((self.of_background, known), (self.unlisted, identities - known)):
                if some:
                    counted.setdefault(kind, set()).update(some)

    def names(self) -> Iterator[KeyFinding]:
        """Keys that are counted and not listed, without their places."""
        for (detector, what, severity), identities in self.unlisted.items():
            new = sorted(one for one in identities if (detector, what, one) not in self.keys)
            yield from (KeyFinding(detector, what, one, severity, "", ()) for one in new)

    def unlisted_keys(self) -> Iterator[UnlistedKeys]:
        """How many of each kind are counted, and not listed."""
        for (detector, what, severity), identities in self.unlisted.items():
            count = sum((detector, what, identity) not in self.keys for identity in identities)
            if count:
                yield UnlistedKeys(detector, what, severity, count)
        for kind, identities in self.of_background.items():
            yield UnlistedKeys(*kind, len(identities), _BACKGROUND)


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

    ``called``: its name, where it lies under another one; what the report says is said of that, and who calls it so
    looks at the name. What cannot be read is among ``skipped``, and what was read before it is still in the report.
    """
    started, gathering = time.monotonic(), Gathering(background=wanted.background)
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
    report = report_of(name, gathering, wanted, time.monotonic() - started)
    if called or report.dump == name:
        return report
    _named(name, report.dump, wanted, gathering)
    return report_of(name, gathering, wanted, time.monotonic() - started)


def _named(name: str, shown: str, wanted: ScanRequest, gathering: Gathering) -> None:
    """What a name gives away that may not be shown as it is: it goes where the dump goes."""
    of_name, (data, _) = Gathering(background=wanted.background), bytes_of(name)
    for image in images_of(Image(f"{shown}!the name of the file", data), wanted.limits):
        if isinstance(image, Gap):
            of_name.skipped.append(image)
        else:
            _searched(image, wanted, of_name, lambda _: None)
    gathering.found += of_name.found
    for key in of_name.keys.values():
        gathering.key(key)
    gathering.count(of_name.unlisted)
    gathering.count(of_name.of_background)
    gathering.skipped.extend(of_name.skipped.told(name))


def report_of(name: str, gathering: Gathering, wanted: ScanRequest, seconds: float) -> DumpReport:
    """The report on a dump of that name, out of what its images gave."""
    why = "is not looked for: it is of a kind that no detector knows"
    passed = tuple(Gap(name, f"the private half of {one} {why}", harmless=True) for one in wanted.known.passed)
    found, keys = gathering.once()
    report = DumpReport(
        dump=name,
        images=tuple(gathering.images),
        exposures=exposures(found),
        keys=(*keys, *gathering.names()) if wanted.lists_all else tuple(keys),
        unlisted_keys=() if wanted.lists_all else tuple(gathering.unlisted_keys()),
        skipped=(*gathering.skipped.told(name), *passed),
        marked=gathering.marked if wanted.marker and gathering.images else None,
        seconds=seconds,
    )
    return wanted.mask(report)


def _searched(image: Image, wanted: ScanRequest, gathering: Gathering, progress: Progress) -> None:
    """One image; a fault of ours costs what was not read yet and is reported, not what was found before."""
    try:
        _search(image, wanted, gathering, progress)
    except Exception as error:
        gathering.skipped.append(Gap(image.name, fault("this file", error)))


def _search(image: Image, wanted: ScanRequest, gathering: Gathering, progress: Progress) -> None:
    if image.within is not None:
        container, start = image.within
        gathering.within[image.name] = (container, start, start + image.size)
    gathering.marked |= wanted.marks(image)
    of, alone = apart(looked(image, wanted.matcher_set, wanted.known if wanted.detect else None, progress))
    if of.size or not alone:
        unpacker, layout = unpacker_of(image), of.layout
        kind = unpacker.name if unpacker is not None else layout.format
        gathering.images.append(ImageRead(image.name, kind, of.size, min(of.size, of.seen.read), layout.notes))
    gathering.skipped.extend(of.gaps)
    gathering.unopened(of)
    if wanted.contexts is not None:
        of = _with_contexts(of, wanted.contexts, wanted.context)
    found, keys = told(of)
    gathering.found += found
    for key in keys:
        gathering.key(key)
    gathering.count(of.rest.unlisted)
    image.release(0, image.size)
    for one in alone:
        _searched(one, wanted, gathering, lambda _: None)


def _with_contexts(of: Looked, contexts: Contexts, size: int) -> Looked:
    """The bytes around the first places of each secret; none around what is in another form in a view.

    None at all where keys have more places than are listed, or a detector did not look at all of it: they would be
    shown there.
    """
    if of.rest.unlisted or of.rest.gaps or any(key.more or len(key.where) >= PLACES for key in of.keys):
        return of
    places = [(where.offset, where.offset + where.length) for key in of.keys for where in key.where]
    places += [((gap.offset or 0), (gap.offset or 0) + (gap.length or 1)) for gap in of.rest.unread]
    keys = [(start, behind(of.image, end)) for start, end in places]
    secret, found = (*of.seen.secret, *keys, *packed(of.image)), list[Located]()
    listed: Counter[int] = Counter()
    for one in of.seen.found:
        owner, where = id(one.sighting.canary), one.where
        listed[owner] += 1
        if one.decoded or listed[owner] > LISTED:
            found.append(one)
            continue
        part, start = of.image.part(where.offset)
        hidden = [(first - start, last - start) for first, last in secret]
        context = contexts.around(part, where.offset - start, where.offset - start + where.length, size, hidden)
        found.append(attrs.evolve(one, where=attrs.evolve(where, context=context)))
    return attrs.evolve(of, seen=attrs.evolve(of.seen, found=tuple(found)))


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
        differs_from=os.fspath(other) if found.of_any else "",
        differences=found.differences,
        more_differences=found.more,
        skipped=Gaps((*report.skipped, *found.gaps)).told(report.dump),
    )
    canaries = (*planted[0].canaries, *planted[1].canaries)
    return ReportMasker(canaries, [one.matcher_set for one in planted], wanted.known)(report)


def with_background(wanted: ScanRequest, baselines: Sequence[DumpReport]) -> ScanRequest:
    """The same, without keys that are in these reports (``lists_all``): background.

    A canary that was planted is a secret wherever it is, and never background.
    """
    keys = ((key.detector, key.what, key.identity) for one in baselines for key in one.keys)
    return attrs.evolve(wanted, background=wanted.background.union(keys))
