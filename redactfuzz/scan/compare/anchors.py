"""Lays two rows of tokens beside each other, in about linear time: what is rare and in both holds the rest in place."""

from __future__ import annotations

import bisect
import difflib
from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

_PAIRS = 250_000
"""Pairs of tokens that are compared each with each, of one stretch,"""
_ALL_PAIRS = 2_000_000
"""and of all stretches together."""
_ROUNDS = 12
"""Times that a stretch between two anchors is divided by anchors of its own."""


@attrs.frozen
class Gap:
    """Tokens ``first`` to before ``last`` of the one in the place of ``begin`` to before ``end`` of the other."""

    first: int
    last: int
    begin: int
    end: int
    aligned: bool = True
    """False where it is unknown which of them correspond."""


def gaps(mine: Sequence[bytes], theirs: Sequence[bytes]) -> Iterator[Gap]:
    """What differs, in no order."""
    left = _ALL_PAIRS
    stretches = [(Gap(0, len(mine), 0, len(theirs)), _ROUNDS)]
    while stretches:
        stretch, rounds = stretches.pop()
        gap = _without_equal_ends(stretch, mine, theirs)
        pairs = (gap.last - gap.first) * (gap.end - gap.begin)
        if not pairs:
            yield from [gap] if gap.last > gap.first or gap.end > gap.begin else []
        elif pairs <= min(_PAIRS, left):
            left -= pairs
            yield from _each_with_each(gap, mine, theirs)
        elif rounds and (anchors := _anchors(gap, mine, theirs)):
            stretches += [(part, rounds - 1) for part in _between(gap, anchors)]
        else:
            yield attrs.evolve(gap, aligned=False)


def _without_equal_ends(gap: Gap, mine: Sequence[bytes], theirs: Sequence[bytes]) -> Gap:
    first, last, begin, end = gap.first, gap.last, gap.begin, gap.end
    while first < last and begin < end and mine[first] == theirs[begin]:
        first, begin = first + 1, begin + 1
    while first < last and begin < end and mine[last - 1] == theirs[end - 1]:
        last, end = last - 1, end - 1
    return Gap(first, last, begin, end)


def _each_with_each(gap: Gap, mine: Sequence[bytes], theirs: Sequence[bytes]) -> Iterator[Gap]:
    one, two = mine[gap.first : gap.last], theirs[gap.begin : gap.end]
    matcher = difflib.SequenceMatcher(None, one, two, autojunk=False)
    for tag, first, last, begin, end in matcher.get_opcodes():
        if tag != "equal":
            yield Gap(gap.first + first, gap.first + last, gap.begin + begin, gap.begin + end)


def _anchors(gap: Gap, mine: Sequence[bytes], theirs: Sequence[bytes]) -> list[tuple[int, int]]:
    """Tokens that come as often in both, the n-th for the n-th: of one rarity, of which most bytes are in one order."""
    there = Counter(theirs[gap.begin : gap.end])
    shared = {one: n for one, n in Counter(mine[gap.first : gap.last]).items() if there[one] == n}
    best: list[tuple[int, int]] = []
    most = 0
    for rarity in {count.bit_length() for count in shared.values()}:
        places: dict[bytes, list[int]] = {one: [] for one, n in shared.items() if n.bit_length() == rarity}
        for at in range(gap.begin, gap.end):
            if theirs[at] in places:
                places[theirs[at]].append(at)
        turns = {token: iter(found) for token, found in places.items()}
        pairs = [(at, next(turns[mine[at]])) for at in range(gap.first, gap.last) if mine[at] in turns]
        kept = _in_order(pairs)
        held = sum(len(mine[at]) for at, _ in kept)
        if held > most:
            best, most = kept, held
    return best


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of ``pairs``, which are in the order of the one, that is in the order of the other as well."""
    ends: list[int] = []
    chosen: list[int] = []
    before: list[int] = []
    for index, (_, there) in enumerate(pairs):
        length = bisect.bisect_left(ends, there)
        ends[length : length + 1] = [there]
        chosen[length : length + 1] = [index]
        before.append(chosen[length - 1] if length else -1)
    found = []
    at = chosen[-1] if chosen else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _between(gap: Gap, anchors: Sequence[tuple[int, int]]) -> Iterator[Gap]:
    first, begin = gap.first, gap.begin
    for mine, theirs in [*anchors, (gap.last, gap.end)]:
        if mine > first or theirs > begin:
            yield Gap(first, mine, begin, theirs)
        first, begin = mine + 1, theirs + 1
