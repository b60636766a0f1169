"""Looks for a finding near the places that its schedule names, where another interpreter counts instructions otherwise.

Each deviation is tried at the instructions of the same function on the same thread, the nearest number first. Calls and
entries of functions have the same names everywhere, and stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import attrs

from redactfuzz.campaign.explain.window import Moment, moments
from redactfuzz.campaign.search.trial import Trial
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.schedule import Deviation, Schedule, Step
from redactfuzz.schedule.shrink import Failing

RUNS = 500
"""Executions at most."""
_EACH = 60
"""Places that are tried for one deviation."""


def nearby(trial: Trial, schedule: Schedule) -> Failing | None:
    """The finding at places near those of ``schedule``; None where none of them shows it."""
    trial.grant(RUNS)
    return _from(trial, schedule, 0)


def _from(trial: Trial, schedule: Schedule, index: int) -> Failing | None:
    """With the deviations before ``index`` where they are, and the others moved."""
    if index == len(schedule.deviations):
        outcome: Outcome | None = trial.described(schedule)
        return Failing(schedule, outcome) if outcome is not None and trial.same(outcome) else None
    if not trial.more():
        return None
    base = trial.described(attrs.evolve(schedule, deviations=schedule.deviations[:index]))
    steps = base.trace if base is not None else ()
    for moment in islice(_nearest(steps, schedule.deviations[index]), _EACH):
        if not trial.more():
            return None
        deviations = list(schedule.deviations)
        deviations[index] = attrs.evolve(deviations[index], site=moment.site, nth=moment.nth)
        found = _from(trial, attrs.evolve(schedule, deviations=tuple(deviations)), index + 1)
        if found is not None:
            return found
    return None


def _nearest(steps: Sequence[Step], wanted: Deviation) -> Iterator[Moment]:
    """Where the deviation may strike in an execution of these steps."""
    floor = max((step.index for step in steps if step.deviation), default=-1)
    places = [each for each in moments(steps) if each.index > floor and each.thread == wanted.thread]
    site, number = wanted.site, _number(wanted.site.place)
    if number is None:
        yield from (each for each in places if (each.site, each.nth) == (site, wanted.nth))
        return
    same = [each for each in places if (each.site.module, each.site.function) == (site.module, site.function)]

    def distance(each: Moment) -> tuple[int, int]:
        return abs((_number(each.site.place) or 0) - number), abs(each.nth - wanted.nth)

    yield from sorted(same, key=distance)


def _number(place: str) -> int | None:
    """Of an instruction; None for a call, an entry and a thread that has not begun."""
    return int(place[1:]) if place.startswith("#") and place[1:].isdecimal() else None
