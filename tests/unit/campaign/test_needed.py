"""What a proof goes through once more, by where executions start and what is otherwise in them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from redactfuzz.campaign.search import needed, stalls
from redactfuzz.model.plan import Isolation, Policy, Stage
from redactfuzz.model.schedule import Granularity

SPACE = Stage(Policy.DPOR, Granularity.SWITCHES)


def exploration(isolation: Isolation, following: int, first: int, *, sets: bool = False, carried: bool = False) -> Any:
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
    found = exploration(isolation, 1, 2, sets=True, carried=carried)
    ways = list(needed.ways(SPACE, found))
    assert {way.cold for way in ways} == counts
    assert len(ways) == len(set(ways)) == sum(2 * (1 + len(stalls.sets_of(2 if cold else 1))) for cold in counts)


@pytest.mark.parametrize(("following", "first"), [(0, stalls.MOST + 1), (stalls.MOST + 1, 0)])
def test_too_many_looks_of_either_kind_rule_a_proof_out(following: int, first: int) -> None:
    assert not list(needed.ways(SPACE, exploration(Isolation.WARM, following, first)))


def test_looks_of_executions_that_do_not_count_matter_to_no_proof() -> None:
    assert list(needed.ways(SPACE, exploration(Isolation.NONE, 0, stalls.MOST + 1))) == [SPACE]
