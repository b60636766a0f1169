"""Bodies of HTTP that came in chunks: a stream may go on over many of them (RFC 9112 section 7.1)."""

from __future__ import annotations

import mmap
import re

from redactfuzz.dumps.readers.carving.rewound import Rewound

_LINE = rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,256})?\r\n"
"""How long the next chunk is, and what else may be said of it."""
_NEXT = re.compile(rb"\r\n" + _LINE)
_BEFORE = re.compile(rb"(?:\A|\r\n)" + _LINE + rb"\Z")
_LONGEST = 300
"""Bytes of such a line."""
_END = b"\r\n"


class Chunked(Rewound):
    """What the chunks hold, up to the last one, or to where no chunk follows."""

    def __init__(self, data: bytes | mmap.mmap, start: int, size: int) -> None:
        self._data = data
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
        if not self._left and (line := _line(self._data, self._at)):
            self._at, self._left = line.end() + self._at, int(line[1], 16)


def chunks_at(data: bytes | mmap.mmap, at: int) -> Chunked | None:
    """Those of which one begins here, where it is followed by another; None where none begins, or it is the last."""
    if data[at - 2 : at] != _END:
        return None
    line = _BEFORE.search(data[max(0, at - _LONGEST) : at])
    size = int(line[1], 16) if line else 0
    following = _line(data, at + size) if size else None
    return Chunked(data, at, size) if following and int(following[1], 16) else None


def _line(data: bytes | mmap.mmap, at: int) -> re.Match[bytes] | None:
    """That of the chunk behind the one which ends here."""
    return _NEXT.match(data[at : at + _LONGEST])
