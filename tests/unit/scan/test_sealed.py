"""What is sealed with something drawn is unsealed by the place that it is equal with, run for run."""

from __future__ import annotations

import random

from redactfuzz.scan.compare.sealed import RUNS, unsealed


def drawn(count: int, values: int, key: int) -> list[dict[int, int]]:
    """Place 0: a mask; 1: what is masked with it; 2: another number."""
    chance = random.Random(5)
    runs = []
    for _ in range(count):
        mask, other = chance.randrange(values), chance.randrange(values)
        runs.append({0: mask, 1: mask ^ key, 2: other})
    return runs


def test_a_mask_beside_what_it_masks_unseals_it() -> None:
    for count, values in zip(RUNS, (16, 256), strict=True):
        assert unsealed({1}, {0, 2}, drawn(count, values, 9)) == {1}


def test_another_number_unseals_nothing() -> None:
    for count, values in zip(RUNS, (16, 256), strict=True):
        assert unsealed({1}, {2}, drawn(count, values, 9)) == frozenset()


def test_what_is_never_the_same_twice_says_nothing() -> None:
    runs = [{0: at, 1: at + 100} for at in range(RUNS[0])]
    assert unsealed({1}, {0}, runs) == frozenset()


def test_what_is_not_changed_counts_as_a_value_of_its_own() -> None:
    runs = [{0: 1, 1: 2}, {}, {0: 1, 1: 2}, {}, {}, {0: 1, 1: 2}]
    assert unsealed({1}, {0}, runs) == {1}
