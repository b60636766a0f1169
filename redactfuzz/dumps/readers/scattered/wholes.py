"""What lies in several places, put together: a stream of TCP, a value of a database. What is packed in it is opened.

Each by itself: a stream that breaks off in one may seem to go on in what stands behind it.
"""

from __future__ import annotations

import bisect
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.carving.marks import next_deflated_word, next_mark
from redactfuzz.dumps.readers.carving.pieces import Pieces
from redactfuzz.dumps.readers.image import Image, Spelled
from redactfuzz.dumps.readers.spool import Spool

_SHORT = 1 << 20
"""Bytes that are put together in memory; what is longer goes through a temporary file."""
_MOST = 1 << 40
_WHAT = "what lies apart, put together,"
_OFTEN = 8 << 20
"""Bytes that are read of an image before its pages are given back."""


def put_together(runs: Iterable[Sequence[tuple[int, int]]], image: Image) -> Iterator[Spelled]:
    """Each run, (start, end) of an image in order, in which something may begin that is packed.

    One must be done with before the next one is asked for.
    """
    read = 0
    for run in runs:
        size = sum(end - start for start, end in run)
        if size > _SHORT:
            with Spool() as spool:
                spool.copy(io.BufferedReader(Pieces(image.data, run)), _MOST)
                yield Spelled(_WHAT, spool.image("").data, _Parts.of(run).place, apart=True)
        else:
            data = b"".join(image.data[start:end] for start, end in run)
            if next_mark(data, 0, size) < size or next_deflated_word(data, 0, size) < size:
                yield Spelled(_WHAT, data, _Parts.of(run).place, apart=True)
        read += size
        if read > _OFTEN:
            image.release(0, image.size)
            read = 0


@attrs.frozen
class _Parts:
    """Where the parts of a run begin in it, and where they lie in the image."""

    starts: Sequence[int]
    parts: Sequence[tuple[int, int]]

    @classmethod
    def of(cls, run: Sequence[tuple[int, int]]) -> _Parts:
        return cls([0, *itertools.accumulate(end - start for start, end in run)][:-1], run)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where the first byte lies, and the end of what lies there with it."""
        index = bisect.bisect_right(self.starts, start) - 1
        begin, behind = self.parts[index]
        first = begin + start - self.starts[index]
        return first, max(first + 1, min(behind, first + end - start))
