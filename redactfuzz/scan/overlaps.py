"""Stretches that overlap, asked about again and again: each question takes a bisection, however many there are."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence


class MaxTree:
    """Values in a row: the last one up to an index that is large enough (a tree of maxima of pairs)."""

    def __init__(self, values: Sequence[float]) -> None:
        self._size = 1 << max(0, len(values) - 1).bit_length()
        none = float("-inf")
        self._tree = [none] * self._size + [*values] + [none] * (self._size - len(values))
        for node in range(self._size - 1, 0, -1):
            self._tree[node] = max(self._tree[2 * node], self._tree[2 * node + 1])

    def last(self, index: int, least: float) -> int:
        """The largest index, up to this one, of a value of at least ``least``; -1 where there is none."""
        if index < 0:
            return -1
        node, tree = self._size + index, self._tree
        if tree[node] >= least:
            return index
        while node > 1:
            if node & 1 and tree[node - 1] >= least:
                node -= 1
                while node < self._size:
                    node = 2 * node + (tree[2 * node + 1] >= least)
                return node - self._size
            node >>= 1
        return -1


class Stretches:
    """From ``start`` to before ``end``, each with a value. They are numbered by where they begin, outer ones first."""

    def __init__(self, stretches: Iterable[tuple[int, int, float]]) -> None:
        self._all = sorted(stretches, key=lambda one: (one[0], -one[1]))
        self._starts = [start for start, _, _ in self._all]
        self._ends = MaxTree([end for _, end, _ in self._all])
        self._values = MaxTree([value for _, _, value in self._all])

    def around(self, offset: int) -> Iterator[int]:
        """The numbers of those that hold an offset: the one that begins last first."""
        index = bisect.bisect_right(self._starts, offset) - 1
        while (index := self._ends.last(index, offset + 1)) >= 0:
            yield index
            index -= 1

    def covers(self, start: int, end: int, least: int) -> bool:
        """Whether one of them has so many bytes in common with a stretch."""
        first = bisect.bisect_right(self._starts, start)
        # Of those that begin before it, one that reaches far enough.
        if end - start >= least and self._ends.last(first - 1, start + least) >= 0:
            return True
        return any(min(other, end) - at >= least for at, other, _ in self._inside(first, end - least + 1))

    def _inside(self, first: int, end: int) -> Iterator[tuple[int, int, float]]:
        for index in range(first, bisect.bisect_left(self._starts, end)):
            yield self._all[index]

    def as_good(self, start: int, end: int, value: float, most: int) -> bool:
        """Whether one that overlaps a stretch is worth as much. Of those that begin before it ``most`` are asked."""
        first, behind = bisect.bisect_left(self._starts, start), bisect.bisect_left(self._starts, end)
        if self._values.last(behind - 1, value) >= first:
            return True
        index = first - 1
        for _ in range(most):
            index = self._ends.last(index, start + 1)
            if index < 0:
                return False
            if self._all[index][2] >= value:
                return True
            index -= 1
        return False
