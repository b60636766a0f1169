"""Where anything begins that has a mark: the table is in ``_core/carve/carve.c``."""

from __future__ import annotations

import functools
import mmap
from typing import Any

from redactfuzz._core._engine import ffi, lib


@functools.cache
def _marks() -> Any:
    """What begins something, in the form in which it is searched for."""
    made = ffi.new("rf_carve *")
    lib.rf_carve_prepare(made)
    return made


def next_mark(data: bytes | mmap.mmap, at: int, stop: int) -> int:
    """Where one of the magic numbers begins, from ``at`` to before ``stop``, or ``stop``."""
    return int(lib.rf_carve_next(_marks(), ffi.from_buffer("uint8_t[]", data), len(data), at, stop))


def next_deflated_word(data: bytes | mmap.mmap, at: int, stop: int) -> int:
    """The same of a word of base64 that may be deflated."""
    return int(lib.rf_deflated_word(ffi.from_buffer("uint8_t[]", data), len(data), at, stop))
