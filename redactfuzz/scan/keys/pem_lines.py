"""The lines of a PEM, whatever is around them: prefixes of a log, quotes of a list, marks of a comment or of mail."""

from __future__ import annotations

import binascii
import re
from collections import Counter
from collections.abc import Iterator

from redactfuzz.scan.keys import der

_WORD = re.compile(rb"[A-Za-z0-9+/]+")
_BREAK = re.compile(rb"\\[nrt]")
_LINE = 40
"""Letters of a line that is not the last one, at least: RFC 7468 has 64, OpenSSH 70."""
_OFTEN = 3
"""A word that comes so often is part of what stands before each line: no two lines of a key are alike."""
_TRIES = 16
"""Words that are tried as the last line."""

Body = tuple[bytes, int]
"""Base64 without its padding, and where it ends in the text."""


def bodies(text: bytes) -> Iterator[Body]:
    """What the lines may be put together, the likeliest first, of a text between the first line of a PEM and its last.

    Full lines have one length. Where DER says how long it is, that tells which word is the last line.
    """
    words = [(match[0], match.end()) for match in _WORD.finditer(_BREAK.sub(b"\n\n", text))]
    often = {word for word, times in Counter(word for word, _ in words).items() if times >= _OFTEN}
    words = [(word, end) for word, end in words if word not in often]
    first = next((at for at, (word, _) in enumerate(words) if len(word) >= _LINE), None)
    if first is None:
        return
    words = words[first:]
    width = len(words[0][0])
    full = [at for at, (word, _) in enumerate(words) if len(word) == width]
    marked = all(words[at][0].startswith(b"+") for at in full) and len(full) > 1  # a line that a patch adds
    lines = b"".join(words[at][0][marked:] for at in full)
    rest = words[full[-1] + 1 :]
    missing = _missing(lines)
    if missing is None:
        yield lines, words[full[-1]][1]
    for word, end in rest[: _TRIES if missing is None else None]:
        if len(word) < width and (missing is None or len(word) - marked == missing):
            yield lines + word[marked:], end
            if missing is not None:
                return
    if missing == 0:
        yield lines, words[full[-1]][1]


def _missing(lines: bytes) -> int | None:
    """How many letters the DER that these begin with is short of; None where they begin with no DER."""
    head = binascii.a2b_base64(lines[:16])
    try:
        _, end = der.extent(head)
    except der.NotDer:
        return None
    return max(0, -(-end * 4 // 3) - len(lines)) if head[0] == der.SEQUENCE else None
