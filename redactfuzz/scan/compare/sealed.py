"""What is sealed with something drawn by chance reveals nothing, unless what it is sealed with lies beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

RUNS = 24, 64
"""With other chance: in so many, two of 16 values coincide several times, and in so many, of 256."""
_COINCIDENCES = 3
"""From this number on it is no accident that two places are the same in the same runs."""


def unsealed(sealed: Iterable[int], beside: Iterable[int], runs: Sequence[Mapping[int, int]]) -> frozenset[int]:
    """Those of ``sealed`` that one place of ``beside`` unseals: with one secret, the one is equal when the other is.

    ``runs``: what each has changed, with the same secret and other chance.
    """
    masks = {pattern for at in beside if _coincides(pattern := _pattern(at, runs))}
    return frozenset(at for at in sealed if _pattern(at, runs) in masks)


def _pattern(at: int, runs: Sequence[Mapping[int, int]]) -> tuple[int, ...]:
    """Which runs have the same byte at a place, as numbers in the order in which the bytes came."""
    seen: dict[int, int] = {}
    return tuple(seen.setdefault(run.get(at, -1), len(seen)) for run in runs)


def _coincides(pattern: tuple[int, ...]) -> bool:
    values = len(set(pattern))
    return 1 < values <= len(pattern) - _COINCIDENCES
