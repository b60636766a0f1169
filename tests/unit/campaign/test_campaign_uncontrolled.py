"""How sure a count of runs makes."""

from __future__ import annotations

import pytest

from redactfuzz.campaign.search.uncontrolled import Tally, wilson


@pytest.mark.parametrize(
    ("hits", "runs", "low", "high"),
    [  # as published tables have them
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilson_s_interval(hits: int, runs: int, low: float, high: float) -> None:
    assert wilson(hits, runs) == pytest.approx((low, high), abs=1e-4)


def test_without_a_run_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_tallies_of_two_workers_add_up() -> None:
    both = Tally(1e-6, 10, 1, 1, 2.0) + Tally(1e-6, 20, 2, 0, 3.0, "ValueError")
    assert both == Tally(1e-6, 30, 3, 1, 5.0, "ValueError")
