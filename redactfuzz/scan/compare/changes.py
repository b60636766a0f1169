"""Which other values of a secret show what depends on it: single changes, and other values altogether."""

from __future__ import annotations

from collections.abc import Iterator

from redactfuzz.model.canary.variant import Variant
from redactfuzz.scan.compare.dependence import sample

_POSITIONS = 128
"""Of a longer secret so many are changed, spread over it."""
_VALUES = 3
_WHOLES = range(2, 32)


def few(positions: int, unit: str) -> Iterator[Variant]:
    """The single changes that decide between an encoding and a digest."""
    single = unit == "bits"  # which have one other value: there are twice as many of them in place of that
    for position in sample(positions, 8 if single else 4):
        yield from (Variant(draw, position) for draw in range(1 if single else 2))


def spread(positions: int, most: int = _POSITIONS) -> range:
    """Every position, or about ``most`` of them."""
    return range(0, positions, max(1, -(-positions // most)))


def every(positions: int, unit: str) -> Iterator[Variant]:
    """Those of every position, or of many; without those of ``few``."""
    tried = set(few(positions, unit))
    draws = 1 if unit == "bits" else _VALUES
    all_of_them = (Variant(draw, position) for position in spread(positions) for draw in range(draws))
    yield from (variant for variant in all_of_them if variant not in tried)


def wholes() -> Iterator[Variant]:
    """Further other values, which must move what is read off more often than single changes do, before it is a leak."""
    return map(Variant, _WHOLES)
