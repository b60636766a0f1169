"""What a reduction tells of its executions, in lines of ``rfproof/1`` (docs/reference/rfproof.md), and one again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.plan import Turn
from redactfuzz.schedule.engine import Engine

_ROOM = 4 * int(lib.RF_LINE)
"""Bytes: some lines at a time."""
_new = ffi.new_allocator(should_clear_after_alloc=False)


def record_of(engine: Engine) -> bytes:
    """What the execution that has ended adds to the tree, given once. Empty where its stage records nothing."""
    core: Any = ffi.cast("rf_core *", engine.address)
    room, found = _new("char[]", _ROOM), []
    while size := lib.rf_proof(core, room, _ROOM):
        found.append(ffi.buffer(room, size)[:])
    return b"".join(found)


def follow(engine: Engine, way: Sequence[Turn]) -> None:
    """Set what stages that follow a way run. Raises ``ValueError`` when there are more than there is room for."""
    raw = ffi.new("rf_choice[]", [attrs.asdict(turn) for turn in way])
    if lib.rf_follow(ffi.cast("rf_core *", engine.address), raw, len(way)) != 0:
        raise ValueError(f"exploration core: no room for {len(way)} choices; raise `replay` (Engine).")
