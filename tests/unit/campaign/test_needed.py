"""What a proof goes through once more, by where executions start and what is otherwise in them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from redactfuzz.campaign.search import needed, subsets
from redactfuzz.model.plan import Isolation, Policy, Stage
from redactfuzz.model.schedule import Granularity

SPACE = Stage(Policy.DPOR, Granularity.SWITCHES)


def exploration(isolation: Isolation, following: int, first: int, *, sets: int = 0, carried: bool = False) -> Any:
    """``following``, ``first``: looks at a clock, of executions that follow one another and of those that are first."""
    terms = SimpleNamespace(crashes_once=False)
    session = SimpleNamespace(
        isolation=isolation,
        both=isolation is Isolation.WARM or carried,
        target=SimpleNamespace(record=SimpleNamespace(terms=terms)),
    )
    return SimpleNamespace(session=session, looks={False: following, True: first}, sets=sets, crashes={"crash"})


@pytest.mark.parametrize(
    ("isolation", "carried", "counts"),
    [(Isolation.NONE, False, {False}), (Isolation.NONE, True, {True}), (Isolation.WARM, False, {False, True})],
)
def test_executions_that_follow_one_another_count_unless_something_is_left(
    isolation: Isolation, carried: bool, counts: set[bool]
) -> None:
    found = exploration(isolation, 1, 2, sets=0b1001, carried=carried)
    ways = list(needed.ways(SPACE, found))
    assert {way.cold for way in ways} == counts
    assert len(ways) == len(set(ways)) == sum(4 * (5 if cold else 3) for cold in counts)


@pytest.mark.parametrize(("following", "first"), [(0, subsets.MOST + 1), (subsets.MOST + 1, 0)])
def test_too_many_looks_of_either_kind_rule_a_proof_out(following: int, first: int) -> None:
    assert not list(needed.ways(SPACE, exploration(Isolation.WARM, following, first)))


def test_looks_of_executions_that_do_not_count_matter_to_no_proof() -> None:
    assert list(needed.ways(SPACE, exploration(Isolation.NONE, 0, subsets.MOST + 1))) == [SPACE]


def test_each_of_the_sets_is_turned_with_and_without_each_other_one() -> None:
    ways = list(needed.ways(SPACE, exploration(Isolation.NONE, 0, 0, sets=0b1000_0101)))
    assert {(way.turned, way.turned_at) for way in ways if way.turned_at == 0} == {(False, 0), (True, 0)}
    assert sorted(way.turned_at for way in ways) == [0, 0, 0b1, 0b100, 0b101, 0b1000_0000, 0b1000_0001, 0b1000_0100]


def test_too_many_sets_rule_a_proof_out() -> None:
    assert list(needed.ways(SPACE, exploration(Isolation.NONE, 0, 0, sets=subsets.first(subsets.MOST))))
    assert not list(needed.ways(SPACE, exploration(Isolation.NONE, 0, 0, sets=subsets.first(subsets.MOST + 1))))


@pytest.mark.parametrize(
    ("bits", "single"), [(0, (0,)), (0b100, (0,)), (0b101, (0, 1, 4)), (subsets.first(subsets.MOST + 1), (0,))]
)
def test_without_a_proof_all_are_turned_then_each_alone(bits: int, single: tuple[int, ...]) -> None:
    assert subsets.single(bits) == single


def test_time_passes_before_all_looks_before_any_set_and_of_many_before_twelve() -> None:
    assert subsets.of_looks(2) == (0, 1, 2, 3)
    assert subsets.of_looks(0) == subsets.of_looks(subsets.MOST + 1) == ()
    assert subsets.single_looks(3) == (0, 1, 2, 4)
    assert len(subsets.single_looks(1000)) == 13
    assert max(subsets.single_looks(1000)) < 1 << 63
