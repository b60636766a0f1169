"""Executions that are each the first of a process, beside those that follow one another.

Where one execution leaves something for the next, what is made once in a process (an import, a cache, a redactor that
is set up at its first use) runs in none but the first. So a share of the executions goes to a process where the
scenario has never run.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial

import attrs

from redactfuzz.campaign.search import needed, whole
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
        carries = found.session.isolation is Isolation.NONE and found.session.carries()
        if found.session.isolation is Isolation.WARM or (carries and whole.reduces(found.session)):
            left = found.session.deadline.left
            found.spared = _TIME * left if left < FOREVER else 0.0
        if found.session.isolation is Isolation.WARM:
            self.few = max(found.remaining // _SHARE, min(_LEAST, found.remaining))
        elif carries:
            self.few = min(part, _APART)
        elif found.session.fresh is not None and found.session.isolation is Isolation.NONE:
            self.few = min(part, _TASTE)
        return self.few

    def run(self, bound: int | None) -> Generator[CampaignEvent, None, None]:
        """The same search; all that was proved of executions that follow one another."""
        found = self.exploration
        found.spared = 0.0
        if found.session.isolation is Isolation.NONE:
            found.session.carries()  # by now: what is left under some schedules alone
        began, ran = found.seconds, found.executions
        asked = found.session.limits.preemptions
        proved = tuple(c.space for c in found.covered if found.session.both and c.proves(asked))
        if proved and found.session.isolation is Isolation.WARM:
            # A race that only the first use has is met sooner by few preemptions than by every schedule in turn.
            fine = Stage(Policy.BOUNDED, Granularity.INSTRUCTIONS, bound=1, share=2)
            first = (*portfolio.few(bound), fine) if bound is None else portfolio.few(bound)
            yield from self._all((*first, *(attrs.evolve(stage, share=8) for stage in proved)))
            return
        yield from self._run(self._stages(bound), self.few)
        each = (found.seconds - began) / max(found.executions - ran, 1)
        if proved and not found.settled and self._fit(proved, each):
            yield from self._all(proved)

    def _fit(self, proved: Sequence[Stage], each: float) -> bool:
        """Whether all of it is likely to come to its end, with what else is otherwise; an execution takes ``each``."""
        found, limits = self.exploration, self.exploration.session.limits
        spaces = {each for space in proved for each in needed.ways(space, found)}
        runs = {c.space: c.report.executions for c in found.covered}
        usual = max(runs[space] for space in proved)
        executions = sum(max(runs.get(attrs.evolve(space, cold=False), 0), usual) for space in spaces)
        counts = not whole.goes_beyond(found, proved)
        return not (counts and executions > found.remaining) and (
            limits.proves or whole.takes(found, executions * each)
        )

    def _all(self, stages: Sequence[Stage]) -> Generator[CampaignEvent, None, None]:
        """To their end, where that can be."""
        if not whole.goes_beyond(self.exploration, stages):
            yield from self._run(stages, max(self.few, self.exploration.remaining))
            return
        batch = yield from whole.beyond(self.exploration, _cold(stages), least=_LEAST)
        self.exploration.afresh += batch.executions

    def _run(self, stages: Sequence[Stage], few: int) -> Generator[CampaignEvent, None, None]:
        batch = yield from self.exploration.run(_cold(stages), few, least=min(_LEAST, few))
        self.exploration.afresh += batch.executions

    def _stages(self, bound: int | None) -> tuple[Stage, ...]:
        """Where nothing was proved, or that only follows."""
        if self.exploration.session.isolation is not Isolation.WARM:
            return portfolio.few(bound)
        limits = self.exploration.session.limits
        return (*portfolio.opening(), *portfolio.main(limits.strategy, limits.granularity, bound, self.few))


def _cold(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    return tuple(attrs.evolve(stage, cold=True) for stage in stages)
