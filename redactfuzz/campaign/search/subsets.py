"""Which of several things are otherwise in an execution: a proof goes through all subsets of them.

Each look at a clock before which days pass has a bit, and so has each set whose order is reversed.
"""

from __future__ import annotations

MOST = 6
"""Bits, of which all subsets are gone through; each one more doubles them."""
_MOST_SINGLE = 12
"""Most looks at a clock that `single_looks` chooses."""
_BITS = 63
"""Bits of ``Stage.stalls_at``, which the runtime keeps in 64 bits with a sign: looks that have a bit of their own."""


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


def of_looks(count: int) -> tuple[int, ...]:
    """Return all values of ``Stage.stalls_at`` for so many looks at a clock, or nothing where there are too many.

    The values are those of `of`, and the bits of all looks. The value 0 lets 1.1 s pass before every look. Any other
    value lets 100 days pass before the looks whose bits are set.
    """
    ways = of(first(count))
    return (*ways, first(count)) if ways else ()


def single_looks(count: int) -> tuple[int, ...]:
    """Return 0 and a value of ``Stage.stalls_at`` for each of at most `_MOST_SINGLE` looks: the first, and some later.

    A loop that polls sets its deadline and compares it in its first looks.
    """
    looks, half = min(count, _BITS), _MOST_SINGLE // 2
    chosen = {*range(min(looks, half)), *(half + (looks - half) * number // half for number in range(half))}
    return (0, *(1 << look for look in sorted(chosen) if look < looks))


def single(bits: int) -> tuple[int, ...]:
    """All at once, then each alone, where there are several and few."""
    alone = [1 << at for at in range(bits.bit_length()) if bits >> at & 1]
    return (0, *alone) if 1 < len(alone) <= MOST else (0,)
