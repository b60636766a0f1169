"""What a reduction tells of its executions, in lines of ``rfproof/1`` (docs/reference/rfproof.md)."""

from __future__ import annotations

from typing import Any

from redactfuzz._core._engine import ffi, lib
from redactfuzz.schedule.engine import Engine

_ROOM = 4 * int(lib.RF_LINE)
"""Bytes: some lines at a time."""


def record_of(engine: Engine) -> bytes:
    """What the execution that has ended adds to the tree, given once. Empty where its stage records nothing."""
    core: Any = ffi.cast("rf_core *", engine.address)
    room, found = ffi.new("char[]", _ROOM), []
    while size := lib.rf_proof(core, room, _ROOM):
        found.append(ffi.buffer(room, size)[:])
    return b"".join(found)
