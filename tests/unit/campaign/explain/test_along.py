"""Which steps of a schedule are measured, what is made of it, and which clean schedule is the nearest."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from redactfuzz.campaign.explain.along import STEPS, Clean, chosen
from redactfuzz.campaign.explain.nearest import Nearest
from redactfuzz.model.measured import Likelihood, NoReturn, no_return
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Site, Step
from redactfuzz.schedule.shrink import Failing


def measured(steps: int, part: Callable[[int], int], most: int = STEPS) -> dict[int, Likelihood]:
    """By step; ``part``: how many of 20 show it."""
    known: dict[int, Likelihood] = {}
    while wanted := chosen(known, steps, most):
        assert not known.keys() & set(wanted)
        known |= {step: Likelihood(step, part(step), 20) for step in wanted}
    return known


def found(known: dict[int, Likelihood]) -> NoReturn | None:
    return no_return([known[step] for step in sorted(known)], ())


@pytest.mark.parametrize("steps", [1, 5, 22])
def test_every_step_of_a_short_schedule_is_measured(steps: int) -> None:
    assert sorted(measured(steps, lambda _: 3)) == list(range(steps + 1))


@pytest.mark.parametrize("steps", [24, 100, 3_333, 200_000])
@pytest.mark.parametrize("at", [0.0, 0.013, 0.5, 0.77, 1.0])
def test_the_step_at_which_it_becomes_certain_is_found_exactly(steps: int, at: float) -> None:
    certain = round(at * steps)
    known = measured(steps, lambda step: 20 if step >= certain else 12)
    assert len(known) <= STEPS
    made = found(known)
    assert made is not None
    assert (made.step, made.exact) == (certain, True)


def test_what_is_left_goes_where_the_likelihood_changes_most() -> None:
    known = measured(1_000, lambda step: 20 if step == 1_000 else 10 if step > 330 else 0)
    assert {329, 330, 331, 332} & known.keys()
    assert len([step for step in known if 250 < step < 375]) >= 4


def test_the_point_of_no_return_lies_behind_the_last_step_that_was_not_certain() -> None:
    known = [Likelihood(0, 20, 20), Likelihood(1, 20, 20), Likelihood(2, 19, 20), Likelihood(5, 20, 20)]
    assert no_return(known, ()) == NoReturn(5, 20, 2)
    assert no_return(known[:2], ()) == NoReturn(0, 20, -1)
    assert no_return(known[:3], ()) is None
    assert no_return([Likelihood(0, 0, 0, 20)], ()) is None


def test_a_clean_schedule_that_no_walk_has_met_moves_the_point_of_no_return() -> None:
    known = [Likelihood(0, 3, 20), Likelihood(1, 20, 20), Likelihood(5, 20, 20), Likelihood(9, 20, 20)]
    assert no_return(known, (), 0) == NoReturn(1, 20, 0)
    assert no_return(known, (), 6) == NoReturn(7, 20, 6)
    assert no_return(known, (), 9) is None


@pytest.mark.parametrize(
    ("shown", "runs", "low", "high"),
    [(0, 20, 0.0, 0.1611), (7, 20, 0.1812, 0.5671), (20, 20, 0.8389, 1.0), (0, 0, 0, 1)],
)
def test_the_interval_is_that_of_wilson(shown: int, runs: int, low: float, high: float) -> None:
    assert Likelihood(1, shown, runs).interval == pytest.approx((low, high), abs=1e-4)


# -- the nearest clean schedule


def step(index: int, thread: str, place: str, *, deviation: bool = False, action: Action | None = None) -> Step:
    site = Site("m", thread, place)
    return Step(index, thread, "m.py", index, thread, "", site, action, deviation=deviation)


def deviation(thread: str, place: str, target: str) -> Deviation:
    return Deviation(thread, Site("m", thread, place), 1, Action.SWITCH, target)


OURS = Schedule(Granularity.CALLS, (deviation("a", "+3", "b"), deviation("b", "+2", "a")))
TRACE = (
    *(step(0, "a", "+1"), step(1, "a", "+2"), step(2, "b", "+1", deviation=True)),
    *(step(3, "a", "+3", deviation=True), step(4, "a", "+4"), step(5, "b", "+2")),
)


@pytest.mark.parametrize(
    ("deviations", "common"),
    [
        ((), 2),
        (OURS.deviations[:1], 3),
        ((deviation("a", "+2", "b"),), 1),
        ((*OURS.deviations, deviation("a", "+4", "b")), 4),
        ((*OURS.deviations, deviation("a", "+9", "b")), 6),
        ((OURS.deviations[0], deviation("b", "+2", "c")), 3),
    ],
)
def test_two_schedules_part_where_one_deviates_and_the_other_does_not(
    deviations: tuple[Deviation, ...], common: int
) -> None:
    nearest = Nearest(Failing(OURS, Outcome(1, 0, trace=TRACE)))
    schedule = attrs.evolve(OURS, deviations=deviations)
    assert nearest.common(schedule) == common
    nearest.add(Clean(schedule, 0, 5))
    assert nearest.ranked() == [Clean(schedule, 0, 5)]


def test_of_two_that_part_at_the_same_step_the_one_of_fewer_preemptions_is_nearer() -> None:
    nearest = Nearest(Failing(OURS, Outcome(1, 0, trace=TRACE)))
    far = attrs.evolve(OURS, deviations=())
    near, nearer = (attrs.evolve(OURS, deviations=(OURS.deviations[0], deviation("b", "+2", each))) for each in "cd")
    for schedule, preemptions in ((far, 0), (near, 5), (nearer, 1)):
        nearest.add(Clean(schedule, preemptions, 0))
    assert [each.schedule for each in nearest.ranked()] == [nearer, near, far]
