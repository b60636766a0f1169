"""Stretches of data, one after the other, as a stream of bytes."""

from __future__ import annotations

import mmap
from collections.abc import Sequence

from redactfuzz.dumps.readers.carving.rewound import Rewound
from redactfuzz.dumps.readers.image import Damaged


class Pieces(Rewound):
    """Each piece is (start, end) of the data. Where the last one reaches beyond it, the stream ends in Damaged."""

    def __init__(self, data: bytes | mmap.mmap, pieces: Sequence[tuple[int, int]]) -> None:
        self._data = data
        self._pieces = pieces
        self._piece = 0
        self._at = pieces[0][0]

    def _go_to(self, offset: int) -> None:
        left, piece = offset, 0
        while piece + 1 < len(self._pieces) and left >= (size := self._pieces[piece][1] - self._pieces[piece][0]):
            left, piece = left - size, piece + 1
        self._piece, self._at = piece, self._pieces[piece][0] + left

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, of one piece or of several; fewer at the end alone."""
        read, wanted = bytearray(), size if size >= 0 else sum(end - start for start, end in self._pieces)
        while len(read) < wanted and self._piece < len(self._pieces):
            end = self._pieces[self._piece][1]
            piece = self._data[self._at : min(end, self._at + wanted - len(read))]
            if not piece and self._at < end and not read:
                raise Damaged(f"it is cut off at byte {self._at}, {end - self._at} bytes are missing")
            read += piece
            self._at += len(piece)
            if self._at >= end and self._piece + 1 < len(self._pieces):
                self._piece += 1
                self._at = self._pieces[self._piece][0]
            elif not piece or self._at >= end:
                break
        return bytes(read)
