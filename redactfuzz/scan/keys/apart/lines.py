"""Lines of base64 that lie by themselves, each a string of its own: of a list that a program read, of rows of a table.

A line is as long as those of a PEM are. Letters may stand before and behind it that are none of it: the text of the
column before, a length. Then each stretch in there that is as long may be the line: what puts a key together proves it.
"""

from __future__ import annotations

import binascii
import bisect
import re
from array import array
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import candidates
from redactfuzz.scan.keys.pem_lines import begins

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
WIDTHS = (64, 70, 76)
"""Letters of a full line: of OpenSSL and RFC 7468, of OpenSSH, of MIME (RFC 2045)."""
_GLUED = 12
"""Letters that may stand beside a line without anything between."""
_TOGETHER = 64
"""Lines that may lie one behind the other without anything between, as Go allocates strings of one size."""
_MOST = 1 << 12
"""Lines near a first one that are looked at."""
_REACH, _LAST, _LAST_GLUED = 1 << 20, 1 << 10, 1 << 6
"""How far from a first line the last one is looked for, among how many words, and of these with letters before it."""
_HEADER = 16
_MAY_BEGIN = re.compile(rb"M[C-I]|b3Bl")
_BREAK = rb"(?:\\[nr]|[\s\"'`,;>#*|\\]){1,32}+"
_NEXT = re.compile(_BREAK + rb"[A-Za-z0-9+/]{16}")
_BEFORE = re.compile(rb"[A-Za-z0-9+/]{16}" + _BREAK + rb"\Z")
_BESIDE = 48
"""Bytes beside a line that tell whether another one stands there: in a text, in a list of strings."""


@attrs.frozen(repr=False)
class Line:
    """A full line: its letters, and where it lies."""

    text: bytes
    offset: int

    @property
    def bits(self) -> int:
        """How many it holds."""
        return 6 * len(self.text)

    @property
    def value(self) -> int:
        """What it holds as a number."""
        missing = -len(self.text) % 4
        return int.from_bytes(binascii.a2b_base64(self.text + b"A" * missing), "big") >> 6 * missing

    @property
    def content(self) -> bytes:
        """The whole bytes that it holds, where it is the first one."""
        return (self.value >> self.bits % 8).to_bytes(self.bits // 8, "big")


class Lines:
    """Those of an image. Where each word of base64 is that may hold one is kept: of 64 bytes there is one at most."""

    def __init__(self, image: Image) -> None:
        self._data = image.data
        self._offsets, self._sizes = array("Q"), array("L")
        for offset, size in candidates.runs(image.data, _ALPHABET, min(WIDTHS), _TOGETHER * max(WIDTHS)):
            self._offsets.append(offset)
            self._sizes.append(size)

    def first(self) -> Iterator[Line]:
        """Those that begin as a private key does, and behind which no further line stands."""
        for offset, size in zip(self._offsets, self._sizes, strict=True):
            text = self._data[offset : offset + size]
            if not _MAY_BEGIN.search(text):
                continue
            for width in WIDTHS:
                for start in _starts(size, width):
                    behind = offset + start + width
                    if begins(text[start : start + _HEADER]) and not _NEXT.match(self._data[behind : behind + _BESIDE]):
                        yield Line(text[start : start + width], offset + start)

    def near(self, first: Line) -> list[Line]:
        """All that may be lines of the same key, each once, the nearest first."""
        width, at = len(first.text), bisect.bisect(self._offsets, first.offset)
        beside = range(max(0, at - _MOST), min(at + _MOST, len(self._offsets)))
        found: dict[bytes, int] = {}
        for index in sorted(beside, key=lambda one: abs(self._offsets[one] - first.offset)):
            offset, size = self._offsets[index], self._sizes[index]
            text = self._data[offset : offset + size]
            for start in _starts(size, width):
                found.setdefault(text[start : start + width], offset + start)
            if len(found) > _MOST:
                break
        found.pop(first.text, None)
        return [Line(text, offset) for text, offset in found.items()]

    def last(self, first: Line) -> list[Line]:
        """What may be the last line of the same key, the nearest first, with zeros for what it is shorter."""
        width, low = len(first.text), max(0, first.offset - _REACH)
        data = bytes(self._data[low : first.offset + _REACH])
        runs = candidates.runs(data, _ALPHABET, _HEADER, width - 1)
        nearest = sorted(runs, key=lambda run: abs(low + run[0] - first.offset))[:_LAST]
        return [
            Line(data[at + glued : at + size].ljust(width, b"A"), low + at + glued)
            for index, (at, size) in enumerate(nearest)
            for glued in range(min(_GLUED, size - _HEADER) + 1 if index < _LAST_GLUED else 1)
        ]

    def stands_alone(self, line: Line) -> bool:
        """Whether neither before nor behind it another line of a text stands."""
        end = line.offset + len(line.text)
        before = self._data[max(0, line.offset - _BESIDE) : line.offset]
        return not _NEXT.match(self._data[end : end + _BESIDE]) and not _BEFORE.search(before)


def _starts(length: int, width: int) -> range:
    """Where in a word of so many letters a line of a width may begin."""
    if 0 <= length - width <= _GLUED:
        return range(length - width + 1)
    return range(0, length, width) if length % width == 0 else range(0)
