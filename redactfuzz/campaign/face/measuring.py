"""Measures one confirmed finding: its likelihood along the schedule, the nearest clean schedule, what else there is."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import attrs

from redactfuzz.campaign.explain.along import RUNS, STEPS, chosen, walk
from redactfuzz.campaign.explain.nearest import Nearest
from redactfuzz.campaign.explain.remaining import Leftover, explain
from redactfuzz.campaign.search.trial import Trial
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.measured import Likelihood, Measurement, Neighbour, Remaining, no_return
from redactfuzz.schedule.shrink import Failing

SECONDS = 60.0
"""That all of it may take: executions end it, but for such as take long."""
_WALKS = 0.6
"""Of that, for walks along the schedule; the rest is for what follows."""
_CHANGES = 50
"""Runs of single schedules that look for the nearest clean one."""
_COMPARED = "only a comparison of dumps shows it, so no single execution says whether it came about"
_CUT = "not all was measured: the time was over"
_STOPPED = "not all was measured: it was interrupted"


@attrs.define(eq=False)
class Measuring:
    """What is known so far; ``result`` can be asked at any moment."""

    trial: Trial
    failing: Failing
    """The finding, described: with its steps."""
    _along: dict[int, Likelihood] = attrs.field(factory=dict)
    _nearest: Neighbour | None = None
    _leftover: Leftover | None = None
    _done: bool = False

    def work(self) -> Iterator[CampaignEvent]:
        """All of it. Each part leaves what it has found out."""
        trial = self.trial
        if trial.identity.by_comparison:
            return
        nearest = Nearest(self.failing)
        whole = yield from self._walks(nearest)
        trial.grant(_CHANGES)
        for _ in nearest.changed(trial):
            pass
        if trial.in_time:
            self._nearest = nearest.neighbour(trial)
        finding = explain(trial, self.failing) if trial.in_time else None
        if finding is not None and trial.in_time:
            self._leftover = Leftover(trial, finding)
            yield from self._leftover.search(trial.until - trial.session.clock())
        self._done = whole and trial.in_time

    def _walks(self, nearest: Nearest) -> Generator[CampaignEvent, None, bool]:
        """Whether there was time for all of them."""
        clock, until = self.trial.session.clock, self.trial.until
        until -= (1 - _WALKS) * (until - clock())
        while steps := chosen(self._along, self.steps, STEPS):
            if clock() >= until or not self.trial.in_time:
                return False
            found = yield from walk(self.trial, self.failing.schedule, steps, until - clock(), nearest.add)
            self._along |= found
        return all(each.runs + each.strayed >= RUNS for each in self._along.values())

    @property
    def steps(self) -> int:
        """Of the finding's schedule."""
        return self.failing.outcome.steps

    def result(self) -> Measurement:
        """What is known by now."""
        along = tuple(self._along[step] for step in sorted(self._along))
        remaining: Remaining | None = self._leftover.remaining() if self._leftover is not None else None
        return Measurement(
            self.steps,
            along,
            no_return(along, self.failing.outcome.trace, self._nearest.common if self._nearest is not None else -1),
            self._nearest,
            remaining,
            self.trial.runs,
            self._notes(),
        )

    def _notes(self) -> tuple[str, ...]:
        if self.trial.identity.by_comparison:
            return (_COMPARED,)
        if self._done:
            return ()
        return (_STOPPED if self.trial.session.interrupted else _CUT,)
