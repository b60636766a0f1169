"""The verdict on one dump file: its images, what they give away, and what was not read."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import attrs

from redactfuzz.dumps.image import Gap, Image, Layout
from redactfuzz.dumps.opening import Limits, NothingToRead, images
from redactfuzz.model.exposure import DumpReport, ImageRead, KeyFinding, Skipped, Where
from redactfuzz.scan.exposures import LISTED, exposures
from redactfuzz.scan.keys import DETECTORS, Known
from redactfuzz.scan.quarry import Quarry
from redactfuzz.scan.survey import Atlas, Found, Told, reader_of, survey


@attrs.frozen
class Wanted:
    """What to look for: the canaries that a quarry was planted with, and keys that nobody planted."""

    quarry: Quarry
    known: Known
    detect: bool = True
    limits: Limits = attrs.field(factory=Limits)
    marker: str = ""
    """A public text that the dump should hold: one that lacks it may be of another program."""


@attrs.define
class _Gathering:
    """What the images of a dump give, one after the other."""

    images: list[ImageRead] = attrs.field(factory=list)
    found: list[Found] = attrs.field(factory=list)
    keys: dict[tuple[str, str, str], KeyFinding] = attrs.field(factory=dict)
    skipped: list[Skipped] = attrs.field(factory=list)
    marked: bool = False

    def skip(self, gap: Gap) -> None:
        self.skipped.append(Skipped(gap.image, gap.reason, gap.offset, gap.length, gap.harmless))

    def key(self, finding: KeyFinding) -> None:
        name = (finding.detector, finding.what, finding.identity)
        before = self.keys.get(name)
        if before is not None:
            where = (*before.where, *finding.where)
            more = before.more + finding.more + max(0, len(where) - LISTED)
            finding = attrs.evolve(before, where=where[:LISTED], more=more)
        self.keys[name] = finding


def scan_dump(path: str | os.PathLike[str], wanted: Wanted, told: Told = lambda _: None) -> DumpReport:
    """Read a dump file wholly, whatever it is. Never raises for what is in it; `told` hears of each stretch read.

    What cannot be read is among ``skipped``, and what was read before it is still in the report.
    """
    started, gathering = time.monotonic(), _Gathering()
    name = os.fspath(path)
    try:
        for image in images(path, wanted.limits):
            if isinstance(image, Gap):
                gathering.skip(image)
            else:
                _search(image, wanted, gathering, told)
    except NothingToRead as error:
        gathering.skip(Gap(name, str(error)))
    return DumpReport(
        dump=name,
        images=tuple(gathering.images),
        exposures=exposures(gathering.found),
        keys=tuple(gathering.keys.values()),
        skipped=tuple(gathering.skipped),
        marked=gathering.marked if wanted.marker else None,
        seconds=time.monotonic() - started,
    )


def _search(image: Image, wanted: Wanted, gathering: _Gathering, told: Told) -> None:
    seen = survey(image, wanted.quarry, told)
    layout = seen.layout or Layout("")
    gathering.images.append(ImageRead(image.name, layout.format, image.size, seen.read, layout.notes))
    gathering.found += seen.found
    gathering.marked |= bool(wanted.marker) and image.data.find(wanted.marker.encode()) >= 0
    for gap in layout.gaps:
        gathering.skip(gap)
    if wanted.detect:
        atlas = Atlas(image, reader_of(image), layout, wanted.quarry.holds)
        for detector in DETECTORS:
            for finding in detector.find(image, wanted.known):
                places = tuple(_placed(atlas, where) for where in finding.where)
                gathering.key(attrs.evolve(finding, where=places))


def _placed(atlas: Atlas, where: Where) -> Where:
    return atlas.where(where.offset, where.length)


def without(report: DumpReport, baselines: Sequence[DumpReport]) -> DumpReport:
    """What is in a dump of the same program with another key as well is background, and left out."""
    keys = {(key.detector, key.what, key.identity) for one in baselines for key in one.keys}
    secrets = {exposure.hash_prefix for one in baselines for exposure in one.exposures}
    return attrs.evolve(
        report,
        keys=tuple(key for key in report.keys if (key.detector, key.what, key.identity) not in keys),
        exposures=tuple(one for one in report.exposures if one.hash_prefix not in secrets),
    )
