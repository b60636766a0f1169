"""What a stream that knows ASCII alone is given in the place of lines and marks: one character for one, in columns."""

from __future__ import annotations

import codecs

PLAIN = {
    **dict(zip("✓✗…⋮─│┌└┼▶▷⧗�", "+x~:-|+++>>*?", strict=True)),
    **dict.fromkeys("├┤┐┘┬┴", "+"),
}
ERRORS = "redactfuzz.speakable"
"""For ``errors`` of a stream, wherever its encoding is unknown."""


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(char, "?") for char in error.object[error.start : error.end]), error.end


codecs.register_error(ERRORS, _replaced)


def speakable(text: str, encoding: str | None) -> str:
    """``text`` as a stream of this encoding can show it."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, ERRORS).decode(encoding)
