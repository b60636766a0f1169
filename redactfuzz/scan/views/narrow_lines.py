"""Blocks of PEM that were folded narrower than their label: ``fold -w 34`` cuts the label as well.

A line that is as long as the first part of the label goes on in the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from redactfuzz.scan.views.parts import Parts

_BEGIN = b"-----BEGIN"
_CUT = re.compile(rb"^(?P<first>-----BEGIN[A-Z0-9 -]{0,30})(?:\r?\n[A-Z0-9 -]{1,40}){1,4}(?=\r?$)", re.MULTILINE)
_LABEL = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_LINE = re.compile(rb"^([^\r\n]*)\r?\n?", re.MULTILINE)
_LONGEST = 1 << 16
"""Characters of a block."""


def unfolded_blocks(text: bytes) -> Iterator[Parts]:
    """Each block, with its lines as they were before."""
    for match in _CUT.finditer(text) if _BEGIN in text else ():
        if _LABEL.search(match["first"]) is None and _LABEL.match(b"".join(match[0].split(b"\n")).replace(b"\r", b"")):
            yield Parts.of(_lines(text, match.start(), len(match["first"])))


def _lines(text: bytes, start: int, width: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    line = b""
    for match in _LINE.finditer(text, start, start + _LONGEST):
        begin, end = match.span(1)
        if end - begin > width or begin == len(text):
            return
        goes_on = end - begin == width
        line += match[1]
        yield match[1] + (b"" if goes_on else b"\n"), (begin, end)
        if not goes_on:
            if _END.match(line):
                return
            line = b""
