"""Which clean executions are kept for a comparison."""

from __future__ import annotations

from redactfuzz.campaign.search.novelty import Unlike
from redactfuzz.model.outcome import Inspection, Outcome


def _wanted(unlike: Unlike, contents: list[tuple[int, ...]], shape: int = 1) -> list[int]:
    outcomes = [Outcome(at, 0, inspection=Inspection(shape=shape, content=c)) for at, c in enumerate(contents, 1)]
    return [outcome.execution for outcome in outcomes if unlike.wants(outcome, outcome.execution)]


def test_the_first_of_a_shape_is_kept_and_one_that_holds_something_new():
    unlike = Unlike()
    assert _wanted(unlike, [(1, 2)] * 20 + [(1, 3)] + [(1, 2)] * 20) == [1, 21]
    assert _wanted(unlike, [(1, 2)], shape=2) == [1]


def test_what_is_new_is_met_beside_a_block_that_always_is():
    unlike = Unlike()
    wanted = _wanted(unlike, [(100 + at, 2) for at in range(400)] + [(1, 3)])
    assert wanted[-1] == 401
    assert len(wanted) < 12


def test_of_those_that_always_are_new_some_are_drawn_and_no_more_than_can_be_compared():
    wanted = _wanted(Unlike(), [(at,) for at in range(4_000)])
    assert 15 <= len(wanted) <= 60
    assert _wanted(Unlike(), [(at,) for at in range(4_000)]) == wanted


def test_where_there_is_no_room_a_new_shape_may_be_drawn():
    unlike = Unlike()
    kept = [at for at in range(1, 2_001) if _wanted(unlike, [(1,)], shape=at)]
    assert 8 <= len(kept) <= 8 + 2_000 // 100
