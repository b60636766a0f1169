"""Rows of bytes at the end of lines, put together without what a log or a language puts around each of them.

A log has a time and a name before each row, a source file `"` and `" +` around it. What spells the bytes is left as it
is written, and read as in any text.
"""

from __future__ import annotations

import functools
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib

_room = ffi.new_allocator(should_clear_after_alloc=False)


@attrs.define(repr=False, eq=False, slots=False)
class Tails:
    """The rows of a text, and where in it they are written."""

    data: bytes
    _text: bytes

    @functools.cached_property
    def _at(self) -> Any:
        places = _room("uint32_t[]", _most(self._text))
        _put(self._text, _room("uint8_t[]", _most(self._text)), places)
        return places

    def place(self, start: int, end: int) -> tuple[int, int]:
        """From the first to the last byte of some of the data, which may lie before it."""
        at = [self._at[start], self._at[max(start, end - 1)]]
        return min(at), max(at) + 1


def tails(text: bytes) -> Tails | None:
    """All rows of a text. None where there is none."""
    out = _room("uint8_t[]", _most(text))
    size = _put(text, out, ffi.NULL)
    return Tails(bytes(ffi.buffer(out, size)), text) if size else None


def _most(text: bytes) -> int:
    return int(lib.RF_TAILS_TIMES * len(text) + lib.RF_TAILS_SPARE)


def _put(text: bytes, out: Any, places: Any) -> int:
    rows = _room("rf_tail[]", len(text) // int(lib.RF_TAIL_LEAST) + 1)
    return int(lib.rf_spelled_tails(ffi.from_buffer("uint8_t[]", text), len(text), rows, out, places))
