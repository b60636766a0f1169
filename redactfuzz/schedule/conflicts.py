"""Which places make the space of a reduction large, as the exploration core has counted them."""

from __future__ import annotations

from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.schedule.engine import Engine

OBJECTS = {
    int(lib.RF_OBJECT_UNKNOWN): "everything",
    int(lib.RF_OBJECT_TIME): "the clock",
    int(lib.RF_OBJECT_DEATH): "how the process ends",
    int(lib.RF_OBJECT_ALLOWED): "which secrets may be in a dump",
    int(lib.RF_OBJECT_ALL): "what a dump shows",
}
"""Those that every runtime has."""


@attrs.frozen
class RawConflict:
    """Two sites of which the other order had to be run, ``times`` times; see ``rf_conflict`` in ``choices/types.h``."""

    first: int
    then: int
    times: int
    object: int
    offset: int
    """Of the access in the object; in Python a name."""
    size: int
    unknown: tuple[int, ...]
    """Those of the two sites at which everything was touched."""
    is_data_race: bool
    """Both are plain accesses of threads to memory."""


def conflicts_of(engine: Engine, stage: int) -> list[RawConflict]:
    """Those of a stage that reduces, the most frequent first. The number of all of them is the sum of ``times``."""
    core: Any = ffi.cast("rf_core *", engine.address)
    found = (lib.rf_conflict_at(core, stage, index) for index in range(lib.RF_CONFLICTS))
    each = (
        RawConflict(one.first, one.then, one.times, one.object, one.offset, one.size, _unknown(one), bool(one.plain))
        for one in found
        if one.times
    )
    return sorted(each, key=lambda one: (-one.times, one.first, one.then))


def _unknown(raw: Any) -> tuple[int, ...]:
    sides = (raw.first, lib.RF_SIDE_FIRST), (raw.then, lib.RF_SIDE_THEN)
    return tuple(dict.fromkeys(site for site, side in sides if raw.unknown & side))


def cuts_of(engine: Engine, stage: int) -> list[int]:
    """Sites at which fairness left something out."""
    core: Any = ffi.cast("rf_core *", engine.address)
    found = (lib.rf_cut_at(core, stage, index) for index in range(lib.RF_CUTS))
    return [site for site in found if site]


def sites_of(engine: Engine) -> frozenset[int]:
    """All that either of them has, of every stage."""
    stages = range(len(engine.stages))
    pairs = (site for stage in stages for one in conflicts_of(engine, stage) for site in (one.first, one.then))
    return frozenset(pairs) | {site for stage in stages for site in cuts_of(engine, stage)}


def names_of(engine: Engine) -> frozenset[int]:
    """Numbers of names in Python that both have touched."""
    stages = range(len(engine.stages))
    return frozenset(one.offset for stage in stages for one in conflicts_of(engine, stage) if one.offset % 2)
