"""Comparisons of images of a program's memory: a part of the time, since nobody knows what one costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.campaign.checks.dependence import LEAST_MOMENTS, ORDERS, SECONDS, SHARE, DependenceCheck
from redactfuzz.campaign.search.found import Found
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Budget, Policy, Stage
from redactfuzz.model.schedule import Action, Granularity
from redactfuzz.schedule import portfolio

CRASHES = 200
"""Executions with the crash somewhere, of which one for each place of the crash can be compared."""
_CRASHES = (Stage(Policy.BOUNDED, Granularity.INSTRUCTIONS, bound=1, limit=CRASHES),)


@attrs.define(eq=False)
class DependenceOfImages(DependenceCheck):
    """Counts schedules and seconds: what an execution costs in the search and here cannot be compared."""

    def _orders(self) -> Iterator[CampaignEvent]:
        yield from self._chosen(portfolio.opening(), ORDERS)

    def _moments(self) -> Iterator[CampaignEvent]:
        yield from self._chosen(_CRASHES, CRASHES)

    @property
    def _more(self) -> bool:
        found = self.exploration
        spent = self.seconds + self.session.clock() - self._began
        due = self._owed or spent * SHARE < self.session.seconds
        return due and self._in_time and not found.settled and not found.canaries <= self._leaked

    @property
    def _owed(self) -> bool:
        return self._due > 0

    @property
    def _left(self) -> int:
        return self.exploration.unlike.left

    def _chosen(self, stages: tuple[Stage, ...], most: int) -> Iterator[CampaignEvent]:
        """One schedule of these stages for each order, or for each place of the crash, while there is time."""
        session = self.session
        if not self.applies or not self._more:
            return
        budget = Budget(most, SECONDS, stop_at_first=False, least=LEAST_MOMENTS)
        ran: list[Outcome] = []
        for item in session.batch(stages, budget, "comparing", keep_problems=False, every=True):
            if isinstance(item, Outcome):
                ran.append(item)
            else:
                yield item
        for outcome in _spread(ran):
            if not self._more:
                return
            stage = stages[min(outcome.stage, len(stages) - 1)]
            base, seed = self.exploration.executions, session.limits.seed
            yield from self._compare(Found(outcome, stage, base, session.pinned or 1, seed), None)


def _spread(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """One for each place of the crash, or each order, with the same secrets forbidden: first, last, middle, between."""
    places: dict[object, Outcome] = {}
    for outcome in outcomes:
        deviations = outcome.schedule.deviations if outcome.schedule is not None else ()
        crash = next((one for one in deviations if one.action is Action.CRASH), None)
        forbidden = outcome.inspection.counted
        if outcome.clean and outcome.dumps and forbidden and outcome.schedule is not None:
            places.setdefault((deviations if crash is None else (crash.thread, crash.site), forbidden), outcome)
    ordered = sorted(places.values(), key=lambda outcome: outcome.strike_step or 0)
    chosen: dict[int, None] = {}
    parts = 1
    while len(chosen) < len(ordered):
        chosen.update(dict.fromkeys((len(ordered) - 1) * part // parts for part in range(parts + 1)))
        parts *= 2
    return [ordered[index] for index in chosen]
