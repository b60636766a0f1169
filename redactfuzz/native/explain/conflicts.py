"""What makes the space of a program large under a reduction: names for what the core has counted by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.model.conflict import Conflict, Spot, UnknownCall
from redactfuzz.model.plan import StageReport
from redactfuzz.native._plan import lib
from redactfuzz.native.explain.sites import Sites
from redactfuzz.schedule.conflicts import OBJECTS, RawConflict, conflicts_of, cuts_of
from redactfuzz.schedule.engine import Engine

_OBJECTS = {
    **OBJECTS,
    int(lib.RFN_TOUCHED_THREADS): "which threads there are",
    int(lib.RFN_TOUCHED_PHASE): "what may be in a dump",
}
_GROUPS = range(int(lib.RFN_TOUCHED_GROUPS), int(lib.RFN_TOUCHED_PHASE))
_OUTSIDE = Spot("", 0, "code outside of the program")
_WORD = 8
"""Bytes of an object in memory."""


def told(engine: Engine, sites: Sites, reports: Sequence[StageReport]) -> Iterator[StageReport]:
    """With what made the space of each large. Not masked."""
    for index, report in enumerate(reports):
        conflicts = tuple(_conflict(sites, one) for one in conflicts_of(engine, index))
        cuts = tuple(dict.fromkeys(spot(sites, site) for site in cuts_of(engine, index)))
        yield attrs.evolve(report, conflicts=conflicts, cuts=cuts) if conflicts or cuts else report


def spot(sites: Sites, site: int) -> Spot:
    """Where a place of the program lies in its source; without debugging information, in which function."""
    place = sites.place(site)
    if place.file:
        return Spot(place.file, place.line, place.function)
    return Spot("", 0, place.function) if place.function else _OUTSIDE


def calls_of(sites: Sites, names: Sequence[str]) -> dict[str, list[Spot]]:
    """Where the program calls these functions, by name."""
    found = dict[str, list[Spot]]()
    for name, site in sites.calls_of(names):
        found.setdefault(name, []).append(spot(sites, site))
    return found


def _conflict(sites: Sites, raw: RawConflict) -> Conflict:
    named = ((sites.callee(site) or "an access", site) for site in raw.unknown)
    return Conflict(
        spot(sites, raw.first),
        spot(sites, raw.then),
        raw.times,
        _object(sites, raw),
        tuple(UnknownCall(name, spot(sites, site)) for name, site in named),
        raw.is_data_race,
    )


def _object(sites: Sites, raw: RawConflict) -> str:
    """Names of global variables that lie there, or of what has no place in memory."""
    if raw.object in _GROUPS:
        return "places of one secret"
    if raw.object in _OBJECTS:
        return _OBJECTS[raw.object]
    start = (raw.object - 1) * _WORD + raw.offset
    return " or ".join(sites.variables(start, start + (raw.size or _WORD)))
