"""A text of several lines as it may stand in another: indented, quoted, in a log, in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys.detector import text_at
from redactfuzz.scan.keys.literals import Literals

_BEFORE = 256
"""Characters before the first line on its own line, at most."""
_MOSTLY = 256
"""Characters that are read first: where beginnings lie close to one another no more are."""
_TAIL = re.compile(rb"[^A-Za-z0-9]+\Z")


def line_before(image: Image, offset: int, width: int) -> bytes:
    """What stands before an offset on the same line."""
    start = max(offset % width, offset - _BEFORE * width)
    line = re.split(rb"[\r\n]", text_at(image.data, start, width, (offset - start) // width))[-1]
    return line.rpartition(b"\0")[2]


@attrs.frozen(repr=False)
class Block:
    """A text behind a beginning: where that is, how many bytes both have, the text, and what stands before it."""

    offset: int
    length: int
    text: bytes
    before: bytes


def blocks(image: Image, labels: Literals, begin: bytes, end: bytes, longest: int) -> Iterator[Block]:
    """Those of a label with ``begin`` right before it, up to ``end``, another beginning, or where no text is any more.

    ``longest``: characters of the text, which begins with the label.
    """
    for place, _, width in labels.places(image):
        offset = place - len(begin) * width
        if offset >= 0 and text_at(image.data, offset, width, len(begin)) == begin:
            text = _text(image, place, width, (end, begin), longest)
            yield Block(offset, width * (len(begin) + len(text)), text, line_before(image, offset, width))


def _text(image: Image, offset: int, width: int, marks: tuple[bytes, ...], longest: int) -> bytes:
    text = b""
    for limit in (_MOSTLY, longest):
        text = text_at(image.data, offset, width, limit)
        ends = [end for end in (text.find(mark) for mark in (*marks, b"\0")) if end >= 0]
        if ends or len(text) < limit:
            return text[: min(ends, default=len(text))]
    return text


def forms(text: bytes, before: bytes, joined: re.Pattern[bytes]) -> Iterator[bytes]:
    """As it is; without what stands `before` its first line; with breaks for what matches `joined`. Lines end in LF.

    Blanks at the end of a line are no part of it.
    """
    lines = [line.rstrip() for line in text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")]
    yield b"\n".join(lines)
    if before:
        tail = _TAIL.search(before)
        yield b"\n".join([lines[0], *(_without(line, before, tail[0] if tail else b"") for line in lines[1:])])
    yield joined.sub(b"\n", lines[0])


def _without(line: bytes, before: bytes, tail: bytes) -> bytes:
    """A line without what is before it: the same, or as long and with the same end, or up to the same marks."""
    if line.startswith(before) or (tail and line[: len(before)].endswith(tail)):
        return line[len(before) :]
    if before.rstrip() == line or line.endswith(tail.rstrip() or b"\n"):
        return b""  # of an empty line only that is there
    return line.partition(tail)[2] if tail.strip() and tail in line else line
