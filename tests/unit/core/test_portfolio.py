"""Stages take turns by share; some run alone first, some wait for another."""

from __future__ import annotations

from collections import Counter

import pytest
from core_model import Op, Program, run

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule.engine import Engine

INCREMENT = (Op("load"), Op("store", value=1))
PROGRAM = Program((INCREMENT, INCREMENT))


def stages_of(engine: Engine, limit: int = 1_000) -> list[int]:
    """The stage of each execution."""
    found = []
    while len(found) < limit and engine.begin():
        found.append(engine.status.stage)
        run(engine, PROGRAM)
    return found


def engine_for(*stages: Stage) -> Engine:
    return Engine(stages, 5, threads=8, steps=1_000, frontier=1 << 20)


def test_every_round_gives_each_stage_its_share_spread_evenly() -> None:
    turns = stages_of(engine_for(Stage(Policy.RANDOM, share=4), Stage(Policy.POS, share=2), Stage(Policy.SURW)), 700)
    for start in range(0, 700, 7):
        assert Counter(turns[start : start + 7]) == {0: 4, 1: 2, 2: 1}
    assert turns[:7] != [0, 0, 0, 0, 1, 1, 2]


def test_first_stages_run_alone_before_all_others() -> None:
    turns = stages_of(engine_for(Stage(Policy.RANDOM), Stage(Policy.SEQUENTIAL, first=True)), 10)
    assert turns == [1, 1, *[0] * 8]


def test_a_stage_waits_for_the_one_it_comes_after() -> None:
    engine = engine_for(
        Stage(Policy.BOUNDED, bound=1, granularity=Granularity.INSTRUCTIONS, after=1),
        Stage(Policy.BOUNDED, bound=1),
        Stage(Policy.RANDOM),
    )
    turns = stages_of(engine, 40)
    last = max(i for i, stage in enumerate(turns) if stage == 1)
    assert min(i for i, stage in enumerate(turns) if stage == 0) > last
    assert engine.report(0).exhausted
    assert engine.report(1).exhausted
    assert 2 in turns[:3]


def test_limits_are_kept_and_the_portfolio_ends_when_nothing_is_left() -> None:
    engine = engine_for(Stage(Policy.RANDOM, limit=3), Stage(Policy.EXHAUSTIVE), Stage(Policy.POS, limit=2))
    assert Counter(stages_of(engine)) == {0: 3, 1: 6, 2: 2}
    assert [engine.report(i).exhausted for i in range(3)] == [False, True, False]
    assert [engine.report(i).executions for i in range(3)] == [3, 6, 2]
    assert not engine.begin()


@pytest.mark.parametrize("alone", [False, True])
def test_a_stage_beside_others_has_no_turn_when_they_have_nothing_left(alone: bool) -> None:
    engine = engine_for(Stage(Policy.EXHAUSTIVE), Stage(Policy.POS, start=2, beside=not alone))
    turns = stages_of(engine, 40)
    assert turns[:2] == [0, 0]
    assert turns.count(0) == 6
    assert turns.count(1) > 0
    assert (len(turns) == 40) is alone
    assert engine.begin() is alone


def test_the_status_tells_stage_granularity_and_number_of_the_execution() -> None:
    engine = engine_for(Stage(Policy.RANDOM, granularity=Granularity.SWITCHES))
    engine.begin()
    run(engine, PROGRAM)
    engine.begin()
    assert engine.status.execution == 2
    assert engine.status.granularity is Granularity.SWITCHES
    assert engine.status.steps == 0
    run(engine, PROGRAM)
    assert engine.status.steps == 4


def test_an_estimate_of_exhaustive_search_is_close_from_the_first_execution_of_a_regular_tree() -> None:
    engine = engine_for(Stage(Policy.EXHAUSTIVE))
    engine.begin()
    run(engine, PROGRAM)
    assert engine.report(0).estimate == 4  # two choices among two threads on the first path: Knuth's product
    stages_of(engine)
    assert engine.report(0).estimate == 6
