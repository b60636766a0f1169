"""What lies in several places, put together: a stream of TCP, a value of a database. What is packed in it is opened.

Short ones are put together side by side: to look through one costs as much as to look through many.
"""

from __future__ import annotations

import bisect
import io
import itertools
import mmap
from collections.abc import Iterable, Iterator

import attrs

from redactfuzz.dumps.readers.carving.pieces import Pieces
from redactfuzz.dumps.readers.image import Image, Spelled
from redactfuzz.dumps.readers.spool import Spool

_ENOUGH = 1 << 20
"""Bytes that are put together side by side; one that is longer goes through a temporary file."""
_APART = bytes(64)
"""Between two."""
_MOST = 1 << 40
_WHAT = "what lies apart, put together,"

_Run = list[tuple[int, int]]


def put_together(runs: Iterable[_Run], image: Image) -> Iterator[Spelled]:
    """Each run, a list of (start, end) of an image. One must be done with before the next one is asked for."""
    some, size = list[_Run](), 0
    for run in runs:
        its = sum(end - start for start, end in run)
        if its > _ENOUGH:
            with Spool() as spool:
                spool.copy(io.BufferedReader(Pieces(image.data, run)), _MOST)
                yield Spelled(_WHAT, spool.image("").data, _Parts.of([run]).place, apart=True)
            _release([run], image)
            continue
        some.append(run)
        size += its + len(_APART)
        if size > _ENOUGH:
            yield _side_by_side(some, image.data)
            _release(some, image)
            some, size = [], 0
    if some:
        yield _side_by_side(some, image.data)


def _release(some: list[_Run], image: Image) -> None:
    """What was read, and what lies between."""
    image.release(min(start for run in some for start, _ in run), max(end for run in some for _, end in run))


def _side_by_side(some: list[_Run], data: bytes | mmap.mmap) -> Spelled:
    joined = _APART.join(b"".join(data[start:end] for start, end in run) for run in some)
    return Spelled(_WHAT, joined, _Parts.of(some).place, apart=True)


@attrs.frozen
class _Parts:
    """Where the parts of several runs begin when they lie side by side, and in the data."""

    starts: list[int]
    parts: list[tuple[int, int]]

    @classmethod
    def of(cls, some: list[_Run]) -> _Parts:
        sizes = [
            end - start + len(_APART) * (index == len(run) - 1)
            for run in some
            for index, (start, end) in enumerate(run)
        ]
        return cls([0, *itertools.accumulate(sizes)][:-1], [part for run in some for part in run])

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where the first byte lies, and the end of what lies there with it."""
        index = bisect.bisect_right(self.starts, start) - 1
        begin, behind = self.parts[index]
        first = min(begin + start - self.starts[index], behind - 1)
        return first, max(first + 1, min(behind, first + end - start))
