"""What came in chunks, over many of which a stream may go on: bodies of HTTP (RFC 9112 section 7.1), and tables that
pg_dump wrote in its own format.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable

from redactfuzz.dumps.readers.carving.rewound import Rewound

_LINE = rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,256})?\r\n"
"""How long the next chunk is, and what else may be said of it."""
_NEXT = re.compile(rb"\r\n" + _LINE)
_BEFORE = re.compile(rb"(?:\A|\r\n)" + _LINE + rb"\Z")
_LONGEST = 300
"""Bytes of such a line."""
_END = b"\r\n"
_WORD, _LEAST, _MOST = 5, 64, 1 << 24
"""Bytes of a length of pg_dump (a sign, which is zero, and four, the lowest first), and of chunks that are taken for
such: pg_dump has 4,096 in each but the last one.
"""

Next = Callable[[bytes | mmap.mmap, int], tuple[int, int] | None]
"""Where the chunk behind the one that ends at an offset begins, and its size; None where none follows."""


class Chunked(Rewound):
    """What the chunks hold, up to the last one, or to where no chunk follows."""

    def __init__(self, data: bytes | mmap.mmap, start: int, size: int, following: Next) -> None:
        self._data, self._following = data, following
        self._first = start, size
        self.seek(0)

    def _go_to(self, offset: int) -> None:
        self._at, self._left = self._first
        left = offset
        while left and (step := min(left, self._left)):
            self._pass(step)
            left -= step

    def place(self, offset: int) -> int:
        """Where in the data a byte lies."""
        self.seek(offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes; fewer at the end alone."""
        read = bytearray()
        while size < 0 or len(read) < size:
            wanted = self._left if size < 0 else min(self._left, size - len(read))
            piece = self._data[self._at : self._at + wanted]
            if not piece:
                break
            read += piece
            self._pass(len(piece))
        return bytes(read)

    def _pass(self, size: int) -> None:
        """Goes on, to the next chunk where this one ends there."""
        self._at, self._left = self._at + size, self._left - size
        if not self._left and (following := self._following(self._data, self._at)):
            self._at, self._left = following


def chunks_at(data: bytes | mmap.mmap, at: int) -> Chunked | None:
    """Those of which one begins here, where it is followed by another; None where none begins, or it is the last."""
    for before, following in ((_size_of_http, _after_line), (_size_of_pg_dump, _after_word)):
        size = before(data, at)
        if size and (behind := following(data, at + size)) and behind[1]:
            return Chunked(data, at, size, following)
    return None


def _size_of_http(data: bytes | mmap.mmap, at: int) -> int:
    """That of the chunk that begins here; 0 where none does."""
    line = _BEFORE.search(data[max(0, at - _LONGEST) : at]) if data[at - 2 : at] == _END else None
    return int(line[1], 16) if line else 0


def _after_line(data: bytes | mmap.mmap, at: int) -> tuple[int, int] | None:
    line = _NEXT.match(data[at : at + _LONGEST])
    return (at + line.end(), int(line[1], 16)) if line else None


def _size_of_pg_dump(data: bytes | mmap.mmap, at: int) -> int:
    size = _length(data, at - _WORD)
    return size if size >= _LEAST else 0


def _after_word(data: bytes | mmap.mmap, at: int) -> tuple[int, int] | None:
    size = _length(data, at)
    return (at + _WORD, size) if 0 < size <= _MOST else None


def _length(data: bytes | mmap.mmap, at: int) -> int:
    word = data[at : at + _WORD] if at >= 0 else b""
    return int.from_bytes(word[1:], "little") if len(word) == _WORD and word[0] == 0 and word[4] == 0 else 0
