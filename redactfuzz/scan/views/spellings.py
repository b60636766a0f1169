"""The ways in which bytes are written as text. The passes over the text are in C: ``_core/spell/spell.h``."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any

from redactfuzz._core._engine import ffi, lib


class Spelling(enum.Enum):
    """Each with what a report calls it."""

    ESCAPES = "escaped text"
    BASE64 = "base64"
    BASE32 = "base32"
    UUENCODED = "uuencoded lines"
    HEX = "hexadecimal"
    HEX_WORDS = "words in hexadecimal"
    DECIMALS = "decimal numbers"
    OCTALS = "octal numbers"
    BINARY = "binary digits"
    HEX_BYTES = "bytes in hexadecimal"
    DECIMAL_WORDS = "words in decimal"
    COLUMNS = "columns"
    EVENTS = "lines of one shape"
    FOLDED_BASE64 = "folded base64"
    FOLDED_HEX = "folded hexadecimal"
    ROWS = "rows of a dump"
    UNFOLDED = "unfolded text"


_NUMBERS = {
    Spelling.ESCAPES: lib.RF_ESCAPES,
    Spelling.BASE64: lib.RF_BASE64,
    Spelling.BASE32: lib.RF_BASE32,
    Spelling.UUENCODED: lib.RF_UUENCODED,
    Spelling.HEX: lib.RF_HEX,
    Spelling.HEX_WORDS: lib.RF_HEX_WORDS,
    Spelling.DECIMALS: lib.RF_DECIMALS,
    Spelling.OCTALS: lib.RF_OCTALS,
    Spelling.BINARY: lib.RF_BINARY,
    Spelling.HEX_BYTES: lib.RF_HEX_BYTES,
    Spelling.DECIMAL_WORDS: lib.RF_DECIMAL_WORDS,
    Spelling.ROWS: lib.RF_ROWS,
    Spelling.UNFOLDED: lib.RF_UNFOLDED,
}
_FOLDED = {Spelling.FOLDED_BASE64: lib.RF_BASE64, Spelling.FOLDED_HEX: lib.RF_HEX}
_TIMES = {
    Spelling.BASE64: 2,
    Spelling.BASE32: 2,
    Spelling.COLUMNS: int(lib.RF_COLUMNS_TIMES),
    Spelling.EVENTS: int(lib.RF_EVENTS_TIMES),
}
"""Of the text: a line of base64 may end one stretch and begin another, digits may be base32 in capitals and in small
letters, and numbers of a table are pieces of a text."""
_BY_RUNS = (Spelling.BASE64, Spelling.BASE32, Spelling.UUENCODED)
_ALONE = (Spelling.ESCAPES, *_BY_RUNS, Spelling.ROWS, Spelling.UNFOLDED)
_LISTS = tuple(spelling for spelling in _NUMBERS if spelling not in _ALONE)
_room = ffi.new_allocator(should_clear_after_alloc=False)


def _most(spelling: Spelling, text: bytes) -> int:
    """Bytes that are spelled so at most."""
    if spelling in _FOLDED:
        return int(lib.RF_FOLDED_TIMES * len(text) + lib.RF_FOLDED_SPARE)
    return max(1, len(text)) * _TIMES.get(spelling, 1)


def _spell(spelling: Spelling, text: bytes, out: Any, places: Any, *, cut: bool) -> int:
    """Writes what is spelled so, and gives how many bytes that are."""
    view = ffi.from_buffer("uint8_t[]", text)
    if spelling in _FOLDED:
        return int(lib.rf_spelled_folded(_FOLDED[spelling], view, len(text), cut, out, places))
    if spelling is Spelling.COLUMNS:
        cells = _room("rf_cell[]", len(text) + 1)
        lines = _room("rf_line[]", len(text) // int(lib.RF_LINE_LEAST) + 1)
        return int(lib.rf_spelled_columns(view, len(text), cells, lines, out, places))
    if spelling is Spelling.EVENTS:
        cells = _room("rf_cell[]", len(text) + 1)
        events = _room("rf_log_line[]", len(text) // int(lib.RF_LOG_LINE_LEAST) + 1)
        return int(lib.rf_spelled_events(view, len(text), cells, events, out, places))
    return int(lib.rf_spelled(_NUMBERS[spelling], view, len(text), out, places))


def spelled(spelling: Spelling, text: bytes, *, cut: bool = False) -> bytes:
    """What is spelled so in a text; nothing when nothing is. ``cut``: it begins in the midst of another."""
    out = _room("uint8_t[]", _most(spelling, text))
    return bytes(ffi.buffer(out, _spell(spelling, text, out, ffi.NULL, cut=cut)))


def stretches(text: bytes, *, cut: bool = False) -> Iterator[tuple[Spelling, bytes]]:
    """What is spelled in a text in each way that gives it alone, without the text around it."""
    for one in _BY_RUNS:
        yield one, spelled(one, text)
    outs = [_room("uint8_t[]", max(1, len(text))) for _ in _LISTS]
    wanted = ffi.new(
        "rf_spelled_list[]", [{"spelling": _NUMBERS[one], "out": out} for one, out in zip(_LISTS, outs, strict=True)]
    )
    lib.rf_spelled_lists(ffi.from_buffer("uint8_t[]", text), len(text), wanted, len(outs))
    for one, out, got in zip(_LISTS, outs, wanted, strict=True):
        yield one, bytes(ffi.buffer(out, got.written))
    yield Spelling.COLUMNS, spelled(Spelling.COLUMNS, text)
    yield Spelling.EVENTS, spelled(Spelling.EVENTS, text)
    yield Spelling.ROWS, spelled(Spelling.ROWS, text)
    for folded in _FOLDED:
        yield folded, spelled(folded, text, cut=cut)


def origins(spelling: Spelling, text: bytes, *, cut: bool = False) -> Any:
    """For each byte of ``spelled(spelling, text)`` the offset in the text at which it is written."""
    out, places = _room("uint8_t[]", _most(spelling, text)), _room("uint32_t[]", _most(spelling, text))
    _spell(spelling, text, out, places, cut=cut)
    return places
