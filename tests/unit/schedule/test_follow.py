"""A way that is given is gone, step by step, and told as a reduction tells its executions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from core_model import EventKind

from redactfuzz.model.plan import Policy, Stage, Turn
from redactfuzz.schedule.engine import Act, Engine, State
from redactfuzz.schedule.record import follow, record_of

SEARCH = Stage(Policy.DPOR, proof=True)
FOLLOWED = Stage(Policy.DPOR, proof=True, follows=True)
STEPS = 3


def executions(engine: Engine) -> list[list[dict[str, Any]]]:
    """The records of threads that each change one object three times; thread 1 is there from thread 0's second on."""
    told = []
    while engine.begin():
        done = [0, 0]
        engine.pend(0, site=1, kind=EventKind.WRITE, object=1)
        while (choice := engine.choose()).action not in (Act.NOTHING, Act.STOP):
            done[choice.thread] += 1
            if choice.thread == 0 and done[0] == 1:
                engine.pend(1, site=1, kind=EventKind.WRITE, object=1)
            if done[choice.thread] < STEPS:
                engine.pend(choice.thread, site=2, kind=EventKind.WRITE, object=1)
        engine.end()
        told.append([json.loads(line) for line in record_of(engine).splitlines()])
    return told


def engine_of(stage: Stage, way: list[int] | None = None, **limits: int) -> Engine:
    engine = Engine((stage,), 0, threads=8, steps=100, **limits)
    if way is not None:
        follow(engine, [Turn(int(Act.STEP), thread) for thread in way])
    return engine


def gone(record: list[dict[str, Any]]) -> list[int]:
    return [line["by"] for line in record if "step" in line]


def test_each_execution_of_a_search_is_told_the_same_when_its_way_is_gone_again() -> None:
    path: list[dict[str, Any]] = []
    seen = 0
    for record in executions(engine_of(SEARCH)):
        for line in record:
            path = [*path[: line["step"]], line] if "step" in line else []
        again, second = executions(engine_of(FOLLOWED, gone(path)))
        assert again == second  # twice: what was learned the first time is known then
        same = [{name: value for name, value in line.items() if name != "asleep"} for line in path]
        assert [{name: value for name, value in line.items() if name != "asleep"} for line in again[1:]] == same
        assert gone(again) == gone(path)
        seen += 1
    assert seen == 10  # 5! / (2! 3!)


def test_a_choice_that_cannot_be_made_is_left_out() -> None:
    assert gone(executions(engine_of(FOLLOWED, [1, 0, 1, 1, 0, 1, 0, 1]))[1]) == [0, 1, 1, 0, 1, 0]


def test_behind_its_end_the_default_order_is_gone_and_not_told() -> None:
    engine = engine_of(FOLLOWED, [0, 1])
    told = executions(engine)[1]
    assert gone(told) == [0, 1]
    assert told[-1]["leaf"] == "asleep"
    assert engine.status.state is State.ALL_ENDED
    assert engine.status.steps == 2 * STEPS


def test_it_is_gone_twice_and_is_no_search() -> None:
    engine = engine_of(FOLLOWED, [0, 0])
    assert len(executions(engine)) == 2
    assert not engine.begin()


def test_one_for_which_there_is_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="no room for 5 choices"):
        engine_of(FOLLOWED, [0] * 5, replay=4)
    assert gone(executions(engine_of(FOLLOWED, [0] * 4, replay=4))[1]) == [0, 0, 0]


def test_a_stage_that_follows_a_way_that_was_never_given_goes_the_default_one() -> None:
    engine = engine_of(FOLLOWED)
    assert [gone(told) for told in executions(engine)] == [[], []]
    assert engine.status.steps == 2 * STEPS


def test_a_replay_forgets_the_way() -> None:
    engine = engine_of(FOLLOWED, [0, 1])
    engine.replay([])
    assert gone(executions(engine)[1]) == []
