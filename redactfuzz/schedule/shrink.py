"""Makes a failing schedule small: fewest preemptions, then fewest threads, deviations and steps.

It knows nothing of runtimes: ``run(schedule) -> outcome`` executes, ``same(outcome)`` says whether that is still the
finding that is being shrunk. Nothing else is ever accepted, so one finding cannot turn into another.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import attrs

from redactfuzz.model.outcome import Outcome
from redactfuzz.model.schedule import Deviation, Schedule

Run = Callable[[Schedule], Outcome | None]
"""Executes a schedule. None: no execution came out of it."""
Same = Callable[[Outcome], bool]
Cost = tuple[int, int, int, int]


@attrs.frozen
class Failing:
    """A schedule that fails, and the execution that says so."""

    schedule: Schedule
    outcome: Outcome

    @property
    def cost(self) -> Cost:
        """What is made small, in this order: preemptions, threads that deviations touch, deviations, steps."""
        deviations = self.schedule.deviations
        threads = {name for deviation in deviations for name in (deviation.thread, deviation.target) if name}
        return (self.outcome.preemptions, len(threads), len(deviations), self.outcome.steps)


def shrink(start: Failing, run: Run, same: Same, more: Callable[[], bool]) -> Iterator[Failing]:
    """Yields the best so far after every run; the last one yielded is the result.

    ``more`` is asked before every run and ends the search when it says no: the budget, in seconds and runs, is the
    caller's. Without an end to the budget the result is a local minimum: no deletion, merge or move improves it.
    """
    best = start
    tried = {start.schedule.deviations}
    yield best
    improved = True
    while improved:
        improved = False
        for change in (_deletions, _pairs, _merges, _moves):
            # A change is started anew whenever it helped: its candidates were made from the schedule before.
            again = True
            while again:
                again = False
                for deviations in change(best.schedule.deviations):
                    if deviations in tried:
                        continue
                    if not more():
                        return
                    tried.add(deviations)
                    found = _attempt(attrs.evolve(best.schedule, deviations=deviations), run, same)
                    if found is not None and found.cost < best.cost:
                        best, again, improved = found, True, True
                        tried.add(best.schedule.deviations)
                    yield best
                    if again:
                        break


def _attempt(candidate: Schedule, run: Run, same: Same) -> Failing | None:
    outcome = run(candidate)
    if outcome is None or not same(outcome):
        return None
    # What really deviated can be less than what was asked for.
    return Failing(outcome.schedule or candidate, outcome)


Deviations = tuple[Deviation, ...]


def _deletions(deviations: Deviations) -> Iterator[Deviations]:
    """Everything, then halves, quarters and so on down to single deviations, later ones first."""
    size = len(deviations)
    while size:
        for end in range(len(deviations), 0, -size):
            start = max(end - size, 0)
            yield deviations[:start] + deviations[end:]
        size //= 2


def _pairs(deviations: Deviations) -> Iterator[Deviations]:
    """Two deviations that need each other: there and back again. All pairs of a short schedule, else neighbours."""
    count = len(deviations)
    if count < 3:
        return
    reach = count if count <= 12 else 3
    for first in range(count - 1):
        for second in range(first + 1, min(first + reach, count)):
            yield deviations[:first] + deviations[first + 1 : second] + deviations[second + 1 :]


def _merges(deviations: Deviations) -> Iterator[Deviations]:
    """Two neighbours become one: at the site of the first, what the second did (or the other way round)."""
    for index, (first, second) in enumerate(itertools.pairwise(deviations)):
        there = attrs.evolve(first, action=second.action, target=second.target, trigger=second.trigger)
        later = attrs.evolve(second, action=first.action, target=first.target, trigger=first.trigger)
        for merged in (there, later):
            yield (*deviations[:index], merged, *deviations[index + 2 :])


def _moves(deviations: Deviations) -> Iterator[Deviations]:
    """Each deviation to an earlier occurrence of its site (first, half way, the one before), then to the next."""
    for index, deviation in enumerate(deviations):
        for nth in _occurrences(deviation.nth):
            yield _replaced(deviations, index, attrs.evolve(deviation, nth=nth))


def _occurrences(nth: int) -> Sequence[int]:
    earlier = sorted({1, nth // 2, nth - 1} - {0, nth})
    return (*earlier, nth + 1)


def _replaced(deviations: Deviations, index: int, deviation: Deviation) -> Deviations:
    return (*deviations[:index], deviation, *deviations[index + 1 :])
