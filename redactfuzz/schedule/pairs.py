"""Which places of the program met over memory in the last execution of a replay, by number and by name."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.outcome import OVERWRITES
from redactfuzz.schedule.engine import Engine

_PAIR = struct.Struct("=QQII")
"""An ``rf_pair``."""

Numbered = tuple[int, int, bool]
"""(site of the write, site of another thread, whether that one wrote over it without having looked)."""


def noted(engine: Engine, stage: int = 0) -> set[Numbered]:
    """Those of the last execution; empty where the stage notes none."""
    core: Any = ffi.cast("rf_core *", engine.address)
    found = lib.rf_pairs(core, stage)
    if found == ffi.NULL:
        return set()
    pairs = _PAIR.iter_unpack(ffi.buffer(found, int(lib.RF_PAIRS) * _PAIR.size))
    return {(writer, other, bool(overwrites)) for writer, other, overwrites, there in pairs if there}


def by_name(found: set[Numbered], name: Callable[[int], str]) -> frozenset[tuple[str, str]]:
    """The same for people and files: see ``Outcome.pairs``."""
    return frozenset((name(a), name(b) + (OVERWRITES if over else "")) for a, b, over in found)
