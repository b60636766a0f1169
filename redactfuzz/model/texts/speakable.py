"""What a stream that knows ASCII alone is given in the place of other characters: as many cells, so columns stay."""

from __future__ import annotations

import codecs
import unicodedata

PLAIN = {
    **dict(zip("✓✗…⋮─│┌└┼▶▷⧗�", "+x~:-|+++>>*?", strict=True)),
    **dict.fromkeys("├┤┐┘┬┴", "+"),
}
_DRAWN_ON = {"Mn", "Me"}
"""Marks: accents, vowel signs, enclosing shapes."""
ERRORS = "redactfuzz.speakable"
"""For ``errors`` of a stream, wherever its encoding is unknown."""


def cell(char: str) -> int:
    """How many cells of a terminal a character takes: wide ones two, what is drawn on another one none."""
    if unicodedata.category(char) in _DRAWN_ON:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(PLAIN.get(char, "?" * cell(char)) for char in lost), error.end


codecs.register_error(ERRORS, _replaced)


def speakable(text: str, encoding: str | None) -> str:
    """``text`` as a stream of this encoding can show it."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, ERRORS).decode(encoding)
