"""Which of several things are otherwise in an execution: a proof goes through all subsets of them.

Looks at a clock before which a machine stalls, and sets that have the other order: a bit each.
"""

from __future__ import annotations

MOST = 6
"""Bits, of which all subsets are gone through; each one more doubles them."""


def first(count: int) -> int:
    """The bits of so many things that are numbered from the first one on."""
    return (1 << count) - 1


def are_few(bits: int) -> bool:
    """Whether all subsets of these bits are gone through."""
    return bits.bit_count() <= MOST


def of(bits: int) -> tuple[int, ...]:
    """All subsets but the empty one; 0 is the whole, as in ``Stage.stalls_at``. None where there are too many."""
    if not bits or not are_few(bits):
        return ()
    subset, found = (0 - bits) & bits, [0]
    while subset != bits:
        found.append(subset)
        subset = (subset - bits) & bits
    return tuple(found)


def single(bits: int) -> tuple[int, ...]:
    """All at once, then each alone, where there are several and few."""
    alone = [1 << at for at in range(bits.bit_length()) if bits >> at & 1]
    return (0, *alone) if 1 < len(alone) <= MOST else (0,)
