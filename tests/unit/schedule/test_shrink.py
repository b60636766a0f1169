"""Shrinking over models whose smallest failing schedule is known."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from redactfuzz.model.outcome import Leak, Outcome
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Site
from redactfuzz.schedule.shrink import Failing, shrink


def switch(thread: str, place: int, target: str, nth: int = 1) -> Deviation:
    return Deviation(thread, Site("m", thread, f"+{place}:0"), nth, Action.SWITCH, target)


def schedule(*deviations: Deviation) -> Schedule:
    return Schedule(Granularity.CALLS, deviations)


def outcome(of: Schedule, *canaries: str) -> Outcome:
    leaks = tuple(Leak(name, "utf-8", 0, 1, "d", "00000000") for name in canaries)
    # Each deviation displaces a thread, and is worth its occurrence in steps.
    steps = sum(d.nth for d in of.deviations)
    return Outcome(1, 0, leaks=leaks, preemptions=len(of.deviations), steps=steps, schedule=of)


def shrunk(start: Schedule, leaks: Callable[[Schedule], tuple[str, ...]], canary: str, runs: int = 10**6) -> Failing:
    count = itertools.count()
    *_, last = shrink(
        Failing(start, outcome(start, *leaks(start))),
        lambda s: outcome(s, *leaks(s)),
        lambda o: any(leak.canary == canary for leak in o.leaks),
        lambda: next(count) < runs,
    )
    return last


noise = st.lists(
    st.builds(switch, st.sampled_from("abc"), st.integers(10, 15), st.sampled_from("abc"), st.integers(1, 9)),
    max_size=12,
)


@st.composite
def hidden(draw: st.DrawFn, *needed: Deviation) -> Schedule:
    """The needed deviations, in order, somewhere in a longer schedule."""
    parts = [draw(noise)]
    for deviation in needed:
        parts += [[deviation], draw(noise)]
    return schedule(*itertools.chain(*parts))


ONE = switch("a", 1, "b")
TWO = switch("b", 2, "a")


def has(s: Schedule, *needed: Deviation) -> bool:
    remaining = iter(s.deviations)
    return all(any(d == n for d in remaining) for n in needed)


@given(hidden(ONE, TWO))
def test_what_needs_two_preemptions_shrinks_to_these_two(start: Schedule) -> None:
    assert shrunk(start, lambda s: ("key",) * has(s, ONE, TWO), "key").schedule.deviations == (ONE, TWO)


@given(hidden(ONE))
def test_what_needs_one_preemption_shrinks_to_this_one(start: Schedule) -> None:
    assert shrunk(start, lambda s: ("key",) * has(s, ONE), "key").schedule.deviations == (ONE,)


@given(hidden(ONE))
def test_what_needs_nothing_shrinks_to_nothing(start: Schedule) -> None:
    assert shrunk(start, lambda s: ("key",), "key").schedule.deviations == ()


@given(hidden(ONE, TWO), st.integers(0, 30))
def test_the_result_fails_in_the_same_way_however_small_the_budget(start: Schedule, runs: int) -> None:
    def leaks(s: Schedule) -> tuple[str, ...]:
        return ("key",) * has(s, ONE, TWO) + ("other",) * (len(s.deviations) % 2)

    last = shrunk(start, leaks, "key", runs)
    assert "key" in leaks(last.schedule)
    assert last.cost <= Failing(start, outcome(start)).cost


@given(hidden(ONE, TWO))
def test_a_smaller_finding_of_another_canary_is_never_taken(start: Schedule) -> None:
    def leaks(s: Schedule) -> tuple[str, ...]:
        return ("key",) if has(s, ONE, TWO) else ("other",)

    last = shrunk(start, leaks, "key")
    assert leaks(last.schedule) == ("key",)
    assert last.schedule.deviations == (ONE, TWO)


def test_an_occurrence_moves_to_the_earliest_that_fails() -> None:
    start = schedule(switch("a", 1, "b", nth=40))
    last = shrunk(start, lambda s: ("key",) if s.deviations and s.deviations[0].nth >= 7 else (), "key")
    assert last.schedule.deviations == (switch("a", 1, "b", nth=7),)


def test_a_detour_is_merged_into_one_switch() -> None:
    start = schedule(switch("a", 1, "b"), switch("b", 2, "c"))
    direct = switch("a", 1, "c")
    last = shrunk(start, lambda s: ("key",) * (s.deviations in (start.deviations, (direct,))), "key")
    assert last.schedule.deviations == (direct,)


def test_there_and_back_again_goes_as_a_pair() -> None:
    there, back = switch("a", 3, "b"), switch("b", 4, "a")
    start = schedule(there, ONE, back)
    last = shrunk(start, lambda s: ("key",) * (s.deviations in (start.deviations, (ONE,))), "key")
    assert last.schedule.deviations == (ONE,)


def test_a_run_that_gives_nothing_changes_nothing() -> None:
    start = schedule(ONE, TWO)
    *_, last = shrink(Failing(start, outcome(start, "key")), lambda s: None, lambda o: True, lambda: True)
    assert last.schedule == start


def test_no_schedule_is_run_twice() -> None:
    ran: list[Schedule] = []

    def run(s: Schedule) -> Outcome:
        ran.append(s)
        return outcome(s, *(("key",) * has(s, ONE, TWO)))

    start = schedule(ONE, switch("c", 11, "a"), TWO, switch("c", 12, "b"))
    list(shrink(Failing(start, outcome(start, "key")), run, lambda o: bool(o.leaks), lambda: True))
    assert len(ran) == len(set(ran))
