"""Who has the next turn."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from night_samples import drawn, report

from redactfuzz.model.verdict import Verdict
from redactfuzz.night.rotation import DEATHS, Rotation, Standing


def rotation(*titles: str, adaptive: bool = True) -> Rotation:
    return Rotation([Standing(title) for title in titles], random.Random(1), adaptive)


def test_each_has_its_first_slice_before_any_has_its_second() -> None:
    found = rotation("a", "b", "c")
    turns = []
    for _ in range(3):
        standing = found.next()
        assert standing is not None
        standing.took(10, report(**drawn(500, 900)), added=5, found=1)
        turns.append(standing.title)
    assert turns == ["a", "b", "c"]


def test_time_goes_where_something_new_is_expected_and_none_is_left_without() -> None:
    found = rotation("rich", "poor", "none")
    yields = {"rich": drawn(400, 500), "poor": drawn(1, 5), "none": drawn(0, 1)}
    turns: Counter[str] = Counter()
    for _ in range(300):
        standing = found.next()
        assert standing is not None
        standing.took(10, report(**yields[standing.title]), added=0, found=0)
        turns[standing.title] += 1
    assert turns["rich"] > 3 * max(turns["poor"], turns["none"])
    assert min(turns.values()) > 15  # a tenth of the floor's share at least


def turns_of_slow_one(**shown: Any) -> list[tuple[str, str]]:
    """The first five turns, and their strategies, where a slice of the slow one makes 100 executions."""
    found = rotation("slow", "fast")
    turns = []
    for _ in range(5):
        standing = found.next()
        assert standing is not None
        turns.append((standing.title, standing.plan()))
        slow = standing.title == "slow"
        few = report(executions=100, **shown) if shown.get("report", True) else None
        standing.took(10, few if slow else report(**drawn(500, 900)), added=0, found=0)
    return turns


def test_a_slow_one_has_more_of_the_portfolio_before_others_have_a_turn_again() -> None:
    turns = turns_of_slow_one()
    assert turns[:4] == [("slow", "default"), ("fast", "default"), ("slow", "default"), ("slow", "default")]
    assert turns[4][1] == "pos"


@pytest.mark.parametrize("shown", [{"verdict": Verdict.LEAK, "first_leak_execution": 3}, {"report": False}])
def test_a_slow_one_that_leaks_or_dies_has_not(shown: dict[str, Any]) -> None:
    strategies = [strategy for _, strategy in turns_of_slow_one(**shown)]
    assert strategies[:2] == ["default"] * 2
    assert "default" not in strategies[2:]


def test_round_robin_gives_each_the_same() -> None:
    found = rotation("a", "b", adaptive=False)
    turns: Counter[str] = Counter()
    for _ in range(20):
        standing = found.next()
        assert standing is not None
        standing.took(10, report(**drawn(500, 900) if standing.title == "a" else drawn(0, 1)), added=0, found=0)
        turns[standing.title] += 1
    assert turns == {"a": 10, "b": 10}


def test_what_runs_or_is_proved_has_no_turn() -> None:
    found = rotation("a", "b")
    found.standings[0].done = "it is proved"
    chosen = found.next()
    assert chosen is not None
    assert chosen.title == "b"
    assert found.next(running={"b"}) is None
    assert not found.over
    found.standings[1].done = "it is proved"
    assert found.over
    assert found.next() is None


def test_it_is_stable_when_three_slices_of_each_showed_nothing_new() -> None:
    found = rotation("a")
    standing = found.standings[0]
    for _ in range(2):
        standing.took(10, report(**drawn(0, 3)), added=0, found=0)
    assert not found.stable
    standing.took(10, report(**drawn(0, 3)), added=0, found=0)
    assert found.stable
    standing.took(10, report(**drawn(1, 9)), added=0, found=0)
    assert not found.stable


def test_a_new_finding_or_entry_of_the_corpus_keeps_it_from_being_stable() -> None:
    for new in ({"added": 1, "found": 0}, {"added": 0, "found": 1}):
        standing = Standing("a", quiet=5)
        standing.took(10, report(Verdict.LEAK), **new)
        assert standing.quiet == 0


def test_slices_without_a_report_are_counted_and_one_with_a_report_ends_the_count() -> None:
    standing = Standing("a")
    standing.took(10, None, added=0, found=0)
    standing.took(10, None, added=0, found=0)
    assert standing.deaths == 2
    standing.took(10, report(), added=0, found=0)
    assert standing.deaths == 0


def test_the_portfolio_comes_first_and_chance_after_it() -> None:
    standing = Standing("a")
    plans = []
    for _ in range(6):
        plans.append(standing.plan())
        standing.took(1, report(), added=0, found=0)
    assert plans == ["default", "pos", "surw", "random", "pct", "pos"]


def test_who_leaks_at_once_and_shows_nothing_else_leaves_the_time_to_others() -> None:
    """In seven executions each kind is seen once, which says nothing of what another slice would show."""
    found = rotation("leaks", "deep")
    turns: Counter[str] = Counter()
    for _ in range(200):
        standing = found.next()
        assert standing is not None
        leaks = standing.title == "leaks"
        drawing = drawn(7, 7, executions=7) if leaks else drawn(10, 40)
        shown = report(**({"verdict": Verdict.LEAK, "first_leak_execution": 7} if leaks else {}), **drawing)
        standing.took(4, shown, added=0, found=leaks and standing.slices == 0, causes=("k",) if leaks else ())
        turns[standing.title] += 1
    assert turns["deep"] > 3 * turns["leaks"] > 0


def test_leaks_of_other_causes_let_one_expect_more_of_them() -> None:
    same, other = Standing("same"), Standing("other")
    leak = report(Verdict.LEAK, first_leak_execution=7)
    for number in range(4):
        same.took(4, leak, added=0, found=number == 0, causes=("k",))
        other.took(4, leak, added=0, found=1, causes=(f"k{number}",))
    assert (same.value, other.value) == (0.0, 0.21875)  # half of what was known before, and half of 1 in 4 s


def test_a_leak_that_was_known_before_the_search_says_nothing_of_what_the_search_may_still_find() -> None:
    standing = Standing("a.py::a")
    standing.took(10, report(Verdict.LEAK, **drawn(100, 100)), added=0, found=0, causes=("k",))
    assert standing.value == 10.0  # one new behaviour in ten executions, 100 of them a second


def test_of_whom_no_chance_is_known_as_much_is_expected_as_of_the_best() -> None:
    """Of what only enumerates nothing is drawn."""
    found = rotation("unknown", "poor", "best")
    turns: Counter[str] = Counter()
    for _ in range(150):
        standing = found.next()
        assert standing is not None
        fields = {"best": drawn(400, 500), "poor": drawn(0, 0)}.get(standing.title, {})
        standing.took(10, report(**fields), added=0, found=0)
        turns[standing.title] += 1
    assert found.standings[0].value is None
    assert turns["unknown"] > 1.5 * turns["poor"]  # one turn in five is for whoever had least


def test_slices_without_a_verdict_are_not_quiet_and_end_a_night_only_where_none_is_to_be_expected() -> None:
    for nothing in (None, report(Verdict.ERROR), report(Verdict.INCONCLUSIVE), report(Verdict.VACUOUS)):
        found = rotation("a")
        standing = found.standings[0]
        for _ in range(DEATHS - 1):
            standing.took(10, nothing, added=0, found=0)
        assert (standing.quiet, found.stable) == (0, False)
        standing.took(10, nothing, added=0, found=0)
        assert found.stable
        standing.took(10, report(**drawn(0, 3)), added=0, found=0)
        assert (standing.mute, found.stable) == (0, False)
