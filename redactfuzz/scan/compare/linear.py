"""What is solved by elimination: bytes each of whose bits is the parity of some bits of a secret.

Checks by CRC, outputs of shift registers, bits mixed by a matrix: no place follows from few positions, and all of them
together give the secret as a system of linear equations does. One question sets such a map apart from a digest: whether
several changes at once change what the changes do one by one, added up.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_, xor

import attrs

from redactfuzz.scan.compare.dependence import FEW_BITS, Dependence, Relation, Stretch, connected

_SUBSETS = 6
"""Of the changes, made at once: a bit of a digest adds up in all of them once in 64 times."""
_MOSTLY = 0.75
"""Of the changes made, distinguished from all sums of the others: six of one character are sums of each other now and
then, so that it is never all of them.
"""
_SHARE = 4
"""A quarter of what depends on the secret: beside it there may be a digest of it, and a tag."""

Change = Mapping[int, int]
"""Place -> what its value, a byte in most dumps, was changed by (XOR)."""


@attrs.frozen
class Together:
    """Several changes at once: which, and what they did."""

    changes: frozenset[int]
    did: Change


def subsets(count: int) -> Iterator[frozenset[int]]:
    """Which of so many changes to make at once: about half of them, always the same."""
    for number in range(_SUBSETS if count > 1 else 0):
        yield frozenset(random.Random(number).sample(range(count), max(2, count // 2)))


def adding_up(alone: Sequence[Change], together: Sequence[Together]) -> frozenset[int]:
    """The places at which several changes at once do what they do one by one."""
    changed = frozenset().union(*alone)
    return frozenset(at for at in changed if all(_adds_up(at, alone, one) for one in together)) if together else changed


def is_promising(alone: Sequence[Change], together: Sequence[Together]) -> bool:
    """Whether so much adds up that it is worth asking for every position."""
    return bool(together) and _SHARE * len(adding_up(alone, together)) > len(frozenset().union(*alone))


def solved(before: Dependence, alone: Sequence[Change], together: Sequence[Together], bits: float) -> Dependence:
    """``before``, where more than half of the secret can be solved for: then what it follows from is an encoding.

    ``alone``: of as many changes as the secret has ``bits``, or of a part of it that stands for all; those that are
    also made together come first.
    """
    linear = adding_up(alone, together)
    known = float(rank(alone, linear))
    if known >= _MOSTLY * len(alone):  # so it is with those that were not made, as far as there is room
        known = min(bits, sum(reduce(or_, (change.get(at, 0) for change in alone), 0).bit_count() for at in linear))
    if not together or 2 * known <= bits or known <= FEW_BITS:
        return before
    stretches = [Stretch(part[0], part[-1] + 1, Relation.ENCODING) for part in connected(linear)]
    rest = [one for one in before.stretches if not linear.intersection(range(one.start, one.end))]
    ordered = tuple(sorted([*stretches, *rest], key=lambda one: one.start))
    return attrs.evolve(
        before, kind=Relation.ENCODING, stretches=ordered, bits=round(min(known, bits), 1), decided=True
    )


def _adds_up(at: int, alone: Sequence[Change], one: Together) -> bool:
    return reduce(xor, (alone[index].get(at, 0) for index in one.changes), 0) == one.did.get(at, 0)


def rank(changes: Sequence[Change], places: Iterable[int]) -> int:
    """How many of the changes these places distinguish from all sums of the others."""
    wide = max((by.bit_length() for change in changes for by in change.values()), default=0)
    columns = {at: wide * index for index, at in enumerate(sorted(places))}
    rows: dict[int, int] = {}
    for change in changes:
        row = sum(by << columns[at] for at, by in change.items() if at in columns)
        while row and (top := row.bit_length()) in rows:
            row ^= rows[top]
        if row:
            rows[row.bit_length()] = row
    return len(rows)
