"""What may be said of schedules that nobody ran."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from night_samples import drawn, report

from redactfuzz.model.counted import Explored, Species
from redactfuzz.model.schedule import Granularity
from redactfuzz.night import estimates


def test_the_chance_of_something_new_is_that_of_good_and_turing() -> None:
    """Against what the next executions really show, for kinds that are more and less frequent."""
    weights = [1 / (n + 1) for n in range(200)]
    draw = random.Random(3)
    seen: Counter[int] = Counter(draw.choices(range(200), weights, k=300))
    once = sum(1 for times in seen.values() if times == 1)
    said = estimates.unseen(Species(300, len(seen), once))
    true = sum(weight for n, weight in enumerate(weights) if n not in seen) / sum(weights)
    assert said is not None
    assert true > 0.05
    assert said == pytest.approx(true, rel=0.5)


def test_nothing_is_said_where_nothing_was_drawn() -> None:
    assert estimates.unseen(Species()) is None
    assert estimates.bound(0) is None


def test_with_n_clean_executions_a_chance_of_3_in_n_would_have_shown_itself_19_times_of_20() -> None:
    for n in (10, 100, 5_000):
        bound = estimates.bound(n)
        assert bound is not None
        assert (1 - bound) ** n <= 0.05
        assert (1 - bound) ** n > 0.02  # and it is not much larger than it need be


def test_only_stages_that_draw_on_the_usual_machine_count() -> None:
    def stage(strategy: str, executions: int, *, otherwise: bool = False) -> Explored:
        return Explored(strategy, Granularity.CALLS, executions, False, 0.0, otherwise)

    stages = (stage("pos", 100), stage("surw", 10), stage("bounded", 1_000), stage("random", 10_000, otherwise=True))
    assert estimates.drawn(stages) == 110
    assert report(**drawn(1, 2)).stages[0].drawn


def test_the_part_that_is_proved_is_that_of_the_reduction_and_1_only_at_its_end() -> None:
    def stage(executions: int, *, exhausted: bool, estimate: float = 100.0) -> Explored:
        return Explored("dpor", Granularity.SWITCHES, executions, exhausted, estimate)

    assert estimates.proved((stage(50, exhausted=False),)) == 0.5
    assert estimates.proved((stage(100, exhausted=False),)) == 0.99
    assert estimates.proved((stage(100, exhausted=True),)) == 1.0
    assert estimates.proved((stage(7, exhausted=False, estimate=0.0),)) == 0.0
    assert estimates.proved(()) is None
