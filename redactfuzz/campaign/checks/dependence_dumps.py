"""Comparisons of dumps that executions hand over: a part of them, each run again while the batch is open."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from redactfuzz.campaign.checks.dependence import LEAST_OF_PROOF, LEAST_ORDERS, ORDERS, SECONDS, SHARE, DependenceCheck
from redactfuzz.campaign.search.found import Found
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Budget, Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule import portfolio

LEAST = 40
"""Executions in any case."""
MOMENTS = 3
"""At which the crash strikes in a sequential order: late, early, in the middle."""
_STRIKES = (Stage(Policy.BOUNDED, Granularity.CALLS, bound=0, strike=True),)


@attrs.define(eq=False)
class DependenceOfDumps(DependenceCheck):
    """Counts executions, of which a comparison takes many."""

    def _orders(self) -> Iterator[CampaignEvent]:
        yield from self._batch(portfolio.opening(), ORDERS)

    def _moments(self) -> Iterator[CampaignEvent]:
        yield from self._batch(_STRIKES, MOMENTS)

    @property
    def _more(self) -> bool:
        found = self.exploration
        allowed = max(LEAST, found.executions // SHARE)
        if self._complete:
            allowed = max(allowed, LEAST_OF_PROOF, self.session.limits.executions - found.executions)
        return self._in_time and not found.settled and self.runs < allowed

    @property
    def _owed(self) -> bool:
        return self.runs < LEAST

    @property
    def _left(self) -> int:
        unlike = self.exploration.unlike
        return unlike.unproved if self._complete and not self.session.problems else unlike.left

    def _batch(self, stages: tuple[Stage, ...], most: int) -> Iterator[CampaignEvent]:
        """The schedules of these stages, each with the dumps of its first run."""
        session = self.session
        if not self.applies or not self._more:
            return
        number = session.pinned or session.count_numbers(1) + 1
        batch = session.batch(
            stages,
            Budget(most, SECONDS, stop_at_first=False, least=LEAST_ORDERS),
            "comparing",
            keep_problems=False,
            every=True,
            describe=True,
            steps=False,
            canary_number=number,
            inspect=session.oracle.record,
        )
        # Compared while the batch is open: the runtime keeps its hooks in place, which costs more than a run.
        for item in batch:
            if not isinstance(item, Outcome):
                yield item
                continue
            self.runs += 1
            stage = stages[min(item.stage, len(stages) - 1)]
            seen = Found(item, stage, self.exploration.executions, number, session.limits.seed)
            yield from self._compare(seen, item.inspection.recording)
            if not stage.first:
                yield from self._shapes()
            if not self._more:
                batch.stop()
