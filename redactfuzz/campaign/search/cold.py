"""Executions that are each the first of a process, beside those that follow one another.

Where one execution leaves something for the next, what is made once in a process (an import, a cache, a redactor that
is set up at its first use) runs in none but the first. So a share of the executions goes to a process where the
scenario has never run.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

import attrs

from redactfuzz.campaign.search import whole
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.session.spec import FOREVER
from redactfuzz.model.events import CampaignEvent, Noticed, RuntimeEvent
from redactfuzz.model.outcome import Problem, ProblemKind
from redactfuzz.model.plan import Budget, Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule import portfolio

_APART = 100
"""At most, where only objects of the program are other than before: a fork costs as much as ten others."""
_TASTE = 16
"""At most, where nothing is known to be other than before: what one execution leaves may lie where nobody looks."""
_SHARE = 4
"""One of so many where the first execution goes another way than the second,"""
_TIME = 0.4
"""and so much of the time."""
_LEAST = 25
"""So many although the time is over."""


def explored(exploration: Exploration, plan: Plan, budget: Budget) -> Generator[RuntimeEvent, None, None]:
    """Runs such a batch, in a process where the scenario has never run: each execution gets a child of it."""
    notable = partial(exploration.notable, stages=plan.stages)
    yield from exploration.session.runtime.explore(attrs.evolve(plan, notable=notable), budget)
    if left := max(exploration.unlike.unproved, exploration.unlike.left):
        text = f"those of {left:,} executions that were each the first of a process look like none that were compared"
        yield Noticed(Problem(ProblemKind.UNCOMPARED, text, fatal=False))


@attrs.define(eq=False)
class Cold:
    """Those of one campaign."""

    exploration: Exploration
    few: int = 0
    """Executions that are kept for it."""

    def keep(self, part: int) -> int:
        """Keeps a share of the budget; ``part`` is that of a variation."""
        found = self.exploration
        self.few, found.spared = 0, 0.0
        if found.session.isolation is Isolation.WARM:
            left = found.session.deadline.left
            self.few = max(found.remaining // _SHARE, min(_LEAST, found.remaining))
            found.spared = _TIME * left if left < FOREVER else 0.0
        elif found.session.note_carried():
            self.few = min(part, _APART)
        elif found.session.fresh is not None and found.session.isolation is Isolation.NONE:
            self.few = min(part, _TASTE)
        return self.few

    def run(self, bound: int | None) -> Generator[CampaignEvent, None, None]:
        """The same search; all that was proved where a warm-up came first."""
        found = self.exploration
        found.spared = 0.0
        stages = self._stages(bound)
        few = max(self.few, found.remaining) if self._proved else self.few
        if whole.goes_beyond(found, stages):
            batch = yield from whole.beyond(found, stages, least=_LEAST)
        else:
            batch = yield from found.run(stages, few, least=min(_LEAST, few))
        found.afresh += batch.executions

    @property
    def _proved(self) -> tuple[Stage, ...]:
        """What was gone through to its end after a warm-up."""
        found = self.exploration
        warm = found.session.isolation is Isolation.WARM
        return tuple(c.space for c in found.covered if warm and c.proves(found.session.limits.preemptions))

    def _stages(self, bound: int | None) -> tuple[Stage, ...]:
        found = self.exploration
        if found.session.isolation is not Isolation.WARM:
            stages = portfolio.few(bound)
        elif self._proved:
            # A race that only the first use has is met sooner by few preemptions than by every schedule in turn.
            fine = Stage(Policy.BOUNDED, Granularity.INSTRUCTIONS, bound=1, share=2)
            first = (*portfolio.few(bound), fine) if bound is None else portfolio.few(bound)
            stages = (*first, *(attrs.evolve(stage, share=8) for stage in self._proved))
        else:
            limits = found.session.limits
            stages = (*portfolio.opening(), *portfolio.main(limits.strategy, limits.granularity, bound, self.few))
        return tuple(attrs.evolve(stage, cold=True) for stage in stages)
