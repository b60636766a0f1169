"""The record of an execution, from which a second program sees that no class of schedules is missing."""

from __future__ import annotations

from typing import Any

from redactfuzz._core._engine import ffi, lib
from redactfuzz.schedule.engine import Engine

_ROOM = 2 * int(lib.RF_LINE)


def lines_of(engine: Engine) -> bytes:
    """Of the execution that has ended: the lines that were not given yet. Empty where its stage records nothing."""
    core: Any = ffi.cast("rf_core *", engine.address)
    room, found = ffi.new("char[]", _ROOM), []
    while size := lib.rf_proof(core, room, _ROOM):
        found.append(ffi.buffer(room, size)[:])
    return b"".join(found)
