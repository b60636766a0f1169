"""Text of a page, put together: between its letters stand numbers that say how far apart they are (PDF, PostScript).

An array of strings and numbers is shown by the operator TJ (ISO 32000-1, 9.4.3). Where the strings are numbers of
glyphs only the font tells their letters, and the file is a gap.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from redactfuzz.scan.views.parts import Parts

_LONGEST = 1 << 20
"""Bytes of a text that may be a page: more is a log or memory, which nobody is to look through for this."""
_SHOWN = (b"]TJ", b"] TJ", b"]\nTJ", b"]\r\nTJ")
_ARRAY = re.compile(
    rb"\[(?P<array>(?:[-+.\d\s]*+\((?:[^()\\]++|\\.)*+\))++)[-+.\d\s]*+\]\s*+TJ\b",
    re.DOTALL,
)
_STRING = re.compile(rb"\((?P<text>(?:[^()\\]++|\\.)*+)\)", re.DOTALL)


def kerned(text: bytes) -> Parts | None:
    """The strings of all arrays of a text, with a break of a line behind each array. None where there is none."""
    if len(text) > _LONGEST or not any(shown in text for shown in _SHOWN):
        return None
    arrays = _ARRAY.finditer(text)
    parts = Parts.of(itertools.chain.from_iterable(_strings(text, *array.span("array")) for array in arrays))
    return parts if parts.data else None


def _strings(text: bytes, start: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    places = [match.span("text") for match in _STRING.finditer(text, start, end)]
    for begin, stop in places:
        yield text[begin:stop] + (b"\n" if (begin, stop) == places[-1] else b""), (begin, stop)
