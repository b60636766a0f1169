"""The nearest clean schedule: of all executions that showed nothing the one that goes with the finding's longest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.campaign.explain.along import Clean
from redactfuzz.campaign.explain.window import moments
from redactfuzz.campaign.search.trial import Trial, diverged_where
from redactfuzz.model.measured import Neighbour
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.schedule import Action, Deviation, Schedule, Site, Step
from redactfuzz.schedule.shrink import Failing

_CHANGES = 20
"""Deviations that are left out of the finding's schedule, one at a time, the last ones first."""
_TRIED = 5
"""The nearest are run again, until one is clean once more."""


@attrs.define(eq=False)
class Nearest:
    """Collects clean executions."""

    failing: Failing
    """The finding, with its steps."""
    _found: dict[tuple[Deviation, ...], tuple[int, Clean]] = attrs.field(factory=dict)
    _moments: dict[tuple[str, Site, int], int] = attrs.field(init=False)
    _deviates: list[int] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Where the finding's schedule deviates, and where others might have."""
        steps = self.failing.outcome.trace
        self._moments = {(each.thread, each.site, each.nth): each.index for each in moments(steps)}
        self._deviates = [step.index for step in steps if step.deviation]

    def add(self, clean: Clean) -> None:
        """Takes in one of them."""
        common = max(self.common(clean.schedule), clean.shared)
        self._found.setdefault(clean.schedule.deviations, (common, clean))

    def changed(self, trial: Trial) -> Iterator[None]:
        """Adds those that leave one deviation of the finding's schedule out."""
        schedule = self.failing.schedule
        for index in reversed(range(len(schedule.deviations))[-_CHANGES:]):
            if not trial.more():
                return
            fewer = (*schedule.deviations[:index], *schedule.deviations[index + 1 :])
            outcome = trial.run(attrs.evolve(schedule, deviations=fewer))
            if outcome is not None and _clean(outcome):
                self.add(Clean(outcome.schedule or attrs.evolve(schedule, deviations=fewer), outcome.preemptions, 0))
            yield

    def neighbour(self, trial: Trial) -> Neighbour | None:
        """The nearest, run again, where the scenario has never run if that can be had; None where there is none."""

        for clean in self.ranked()[:_TRIED]:
            here = trial.described(clean.schedule)
            if here is None or not _clean(here) or not here.trace:
                continue
            if trial.session.fresh is not None and not _is_clean(trial.fresh(clean.schedule)):
                continue
            steps = self.failing.outcome.trace
            common = _shared(steps, here.trace)
            return Neighbour(
                clean.schedule,
                common,
                here.preemptions,
                len(self._found),
                steps[common] if common < len(steps) else None,
                here.trace[common] if common < len(here.trace) else None,
            )
        return None

    def ranked(self) -> list[Clean]:
        """The nearest first: it goes with the finding longest, with the fewest preemptions."""

        def rank(each: tuple[int, Clean]) -> tuple[int, int, int]:
            return -each[0], each[1].preemptions, len(each[1].schedule.deviations)

        return [clean for _, clean in sorted(self._found.values(), key=rank)]

    def common(self, schedule: Schedule) -> int:
        """How many steps are the same: up to where one of both deviates and the other does not."""
        ours, theirs = self.failing.schedule.deviations, schedule.deviations
        same = next(
            (i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
        )
        end = len(self.failing.outcome.trace)
        places = [self._deviates[same] if same < len(self._deviates) else end]
        if same < len(theirs):
            next_one = theirs[same]
            places.append(self._moments.get((next_one.thread, next_one.site, next_one.nth), end))
        return min(places)


def _clean(outcome: Outcome) -> bool:
    return outcome.clean and bool(outcome.dumps) and diverged_where(outcome) is None


def _is_clean(outcome: Outcome | None) -> bool:
    return outcome is not None and _clean(outcome)


def _shared(one: Sequence[Step], other: Sequence[Step]) -> int:
    def does(step: Step) -> tuple[str, Site, Action | None]:
        return step.thread, step.site, step.action

    both = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in both if does(a) != does(b)), min(len(one), len(other)))
