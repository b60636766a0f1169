"""A corpus without the seeds that cover nothing by themselves: a greedy set cover over what each has recorded.

What only a stale seed covers, or one of another interpreter, nobody comes to here: those that can be followed are
covered by themselves, for each version of the interpreter.

Greedy takes at most ln(n) times as many as are needed (Chvatal: A Greedy Heuristic for the Set-Covering Problem, 1979).
A gain only falls as others are taken, so one that is still the largest when it is counted anew is the next one (Minoux:
Accelerated greedy algorithms, 1978): most are counted twice or thrice, and not once for each that is taken.
"""

from __future__ import annotations

import contextlib
import heapq
import os
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path

import attrs

from redactfuzz.campaign.corpus.entries import STALE, Entry, seeds_of, stale_in
from redactfuzz.campaign.corpus.files import Skipped, opened, settle
from redactfuzz.campaign.corpus.place import SEEDS
from redactfuzz.model.coverage import Coverage, union

_NOTHING = Coverage()


class Changed(Exception):
    """What was to be kept does not cover everything, as it is on the disk: nothing was removed."""


@attrs.frozen
class Minimised:
    """What came of one target."""

    kept: int
    removed: int
    counted: int
    """Gains that were counted: the work."""
    skipped: tuple[Skipped, ...] = ()
    """What could not be read stays where it is."""


def minimise(corpus: Path, target: str) -> Minimised:
    """Removes seeds of a target whose pairs and places others have that can be followed as they can. Regressions stay.

    What stays is read again first, and must cover all that was covered. Raises Changed, or OSError.
    """
    read = list(seeds_of(corpus, target))
    entries = [each for each in read if isinstance(each, Entry)]
    stale = stale_in(corpus, target)
    order = sorted(entries, key=lambda each: (_length(each), each.place))
    kept: set[tuple[str, ...]] = set()
    counted = 0
    for version in sorted(set(map(_version, entries))):
        live = [each for each in order if _version(each) == version and each.place[-1] not in stale]
        left = [each for each in order if _version(each) == version and each.place[-1] in stale]
        for some, known in ((live, _NOTHING), (left, union(map(_covered, live)))):
            chosen, work = cover([_covered(each) for each in some], known)
            kept |= {some[index].place for index in chosen}
            counted += work
    surplus = [each.place[-1] for each in entries if each.place not in kept]
    if surplus:
        _check(corpus, target, kept, _by_following(entries, stale), stale)
        _remove(corpus, target, surplus)
    skipped = tuple(each for each in read if isinstance(each, Skipped))
    return Minimised(len(kept), len(surplus), counted, skipped)


def cover(sets: Sequence[Coverage], known: Coverage = _NOTHING) -> tuple[list[int], int]:
    """Indices of sets that cover together what all do, and how many gains were counted. Of equal ones the first.

    ``known`` is covered already.
    """
    items: list[set[object]] = [{*each.pairs, *each.shown} for each in sets]
    for item in items:
        item.difference_update(known.pairs, known.shown)
    heap = [(-len(each), index) for index, each in enumerate(items) if each]
    heapq.heapify(heap)
    left = set().union(*items)
    chosen, counted = [], 0
    while left:
        _, index = heapq.heappop(heap)
        counted += 1
        items[index] &= left
        gain = -len(items[index]), index
        if heap and gain > heap[0]:
            if items[index]:
                heapq.heappush(heap, gain)
            continue
        chosen.append(index)
        left -= items[index]
    return sorted(chosen), counted


def _covered(entry: Entry) -> Coverage:
    assert entry.seed is not None
    return entry.seed.coverage


def _version(entry: Entry) -> str:
    """That alone can follow it; empty: each can."""
    assert entry.seed is not None
    return entry.seed.schedule.python


def _by_following(entries: Iterable[Entry], stale: Set[str]) -> dict[tuple[str, bool], Coverage]:
    """What is covered by version, by those that can be followed there and by all."""
    read, found = list(entries), {}
    for version in set(map(_version, read)):
        mine = [each for each in read if _version(each) == version]
        found[version, True] = union(_covered(each) for each in mine if each.place[-1] not in stale)
        found[version, False] = union(map(_covered, mine))
    return found


def _length(entry: Entry) -> int:
    """Short schedules are kept before long ones."""
    assert entry.seed is not None
    return len(entry.seed.schedule.deviations)


def _check(
    corpus: Path,
    target: str,
    kept: Set[tuple[str, ...]],
    wanted: Mapping[tuple[str, bool], Coverage],
    stale: Set[str],
) -> None:
    """Reads what is to stay, as whoever comes next will."""
    there = [each for each in seeds_of(corpus, target) if isinstance(each, Entry) and each.place in kept]
    if _by_following(there, stale) != wanted:
        raise Changed(f"{corpus / target}: what was to be kept does not cover all that there was: nothing was removed")


def _remove(corpus: Path, target: str, surplus: Sequence[str]) -> None:
    with opened(corpus, target, SEEDS) as descriptor:
        for name in surplus:
            for each in (name, name + STALE):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(each, dir_fd=descriptor)
        settle(descriptor)
