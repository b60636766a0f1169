"""What is solved by elimination: bytes each of whose bits is the parity of some bits of a secret.

Checks by CRC, outputs of shift registers, bits mixed by a matrix: no place follows from few positions, and all of them
together tell the secret as a system of linear equations does. One question tells such a map from a digest: whether
several changes at once change what the changes do one by one, added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import xor

import attrs

from redactfuzz.scan.dependence import FEW_BITS, Dependence, Kind, Stretch, connected

Change = Mapping[int, int]
"""Place -> what its byte was changed by (XOR)."""


@attrs.frozen
class Together:
    """Several changes at once: which, and what they did."""

    changes: frozenset[int]
    did: Change


def solved(before: Dependence, alone: Sequence[Change], together: Sequence[Together], each: float) -> Dependence:
    """``before``, where more than half of the secret can be solved for: then what it follows from is an encoding."""
    linear = frozenset(at for at in frozenset().union(*alone) if all(_adds_up(at, alone, one) for one in together))
    known = rank(alone, linear)
    if not together or 2 * known <= len(alone) or known * each <= FEW_BITS:
        return before
    stretches = [Stretch(part[0], part[-1] + 1, Kind.ENCODING) for part in connected(linear)]
    rest = [one for one in before.stretches if not linear.intersection(range(one.start, one.end))]
    told = tuple(sorted([*stretches, *rest], key=lambda one: one.start))
    return attrs.evolve(before, kind=Kind.ENCODING, stretches=told, bits=round(known * each, 1), decided=True)


def _adds_up(at: int, alone: Sequence[Change], one: Together) -> bool:
    return reduce(xor, (alone[index].get(at, 0) for index in one.changes), 0) == one.did.get(at, 0)


def rank(changes: Sequence[Change], places: Iterable[int]) -> int:
    """How many of the changes these places tell from all sums of the others."""
    columns = {at: 8 * index for index, at in enumerate(sorted(places))}
    rows: dict[int, int] = {}
    for change in changes:
        row = sum(by << columns[at] for at, by in change.items() if at in columns)
        while row and (top := row.bit_length()) in rows:
            row ^= rows[top]
        if row:
            rows[row.bit_length()] = row
    return len(rows)
