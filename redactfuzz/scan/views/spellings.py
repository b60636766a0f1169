"""The ways in which bytes are written as text. The passes over the text are in C: ``_core/spell/spell.h``."""

from __future__ import annotations

import enum
from typing import Any

from redactfuzz._core._engine import ffi, lib


class Spelling(enum.Enum):
    """Each with what a report calls it."""

    ESCAPES = "escaped text"
    BASE64 = "base64"
    HEX = "hexadecimal"
    HEX_WORDS = "words in hexadecimal"
    DECIMALS = "decimal numbers"
    OCTALS = "octal numbers"


_NUMBERS = {
    Spelling.ESCAPES: lib.RF_ESCAPES,
    Spelling.BASE64: lib.RF_BASE64,
    Spelling.HEX: lib.RF_HEX,
    Spelling.HEX_WORDS: lib.RF_HEX_WORDS,
    Spelling.DECIMALS: lib.RF_DECIMALS,
    Spelling.OCTALS: lib.RF_OCTALS,
}
STRETCHES = tuple(spelling for spelling in Spelling if spelling is not Spelling.ESCAPES)
"""Those that give what is spelled alone, without the text around it."""


def spelled(spelling: Spelling, text: bytes) -> bytes:
    """What is spelled so in a text; nothing when nothing is."""
    out = ffi.new("uint8_t[]", max(1, len(text)))
    size = lib.rf_spelled(_NUMBERS[spelling], ffi.from_buffer("uint8_t[]", text), len(text), out, ffi.NULL)
    return bytes(ffi.buffer(out, size))


def origins(spelling: Spelling, text: bytes) -> Any:
    """For each byte of ``spelled(spelling, text)`` the offset in the text at which it is written."""
    out, places = ffi.new("uint8_t[]", max(1, len(text))), ffi.new("uint32_t[]", max(1, len(text)))
    lib.rf_spelled(_NUMBERS[spelling], ffi.from_buffer("uint8_t[]", text), len(text), out, places)
    return places
