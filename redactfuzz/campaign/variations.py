"""After the search: executions in which something else is otherwise than who has its turn.

Other outcomes of what is drawn by chance; a machine that stalls, where clocks are looked at; a process in which the
scenario has never run, where one execution leaves something for the next; secrets that hold bytes at which code stops.
Each gets a part of the budget.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from redactfuzz.campaign import floor
from redactfuzz.campaign.exploration import Exploration
from redactfuzz.campaign.sight import Found
from redactfuzz.campaign.stops import Stops
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule import portfolio

_TURNED = 250
"""Executions at most with sets of text in the other order."""
_APART = 100
"""Executions at most that are each the first of their process: a fork costs as much as ten others."""


@attrs.define(eq=False)
class Variations:
    """Those of one campaign."""

    exploration: Exploration
    chances: int = 0
    """Executions for each of two ways,"""
    stalls: int = 0
    turned: int = 0
    apart: int = 0
    stops: Stops = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Nothing is kept yet."""
        self.stops = Stops(self.exploration)

    def keep(self, *, hopeless: bool) -> None:
        """Keeps a part of the budget, by what the sequential orders have shown."""
        found, session = self.exploration, self.exploration.session
        found.kept = self.chances = self.stalls = self.turned = self.apart = self.stops.each = 0
        if hopeless:
            return
        self.chances = portfolio.chances(found.remaining) if session.drew_chance else 0
        part = portfolio.chances(max(found.remaining - floor.LEAST, 0))
        self.stalls = part if found.looks else 0
        self.turned = min(part, _TURNED) if found.sets else 0
        self.apart = min(part, _APART) if session.note_carried() else 0
        found.kept = 2 * self.chances + self.stalls + self.turned + self.apart + self.stops.keep()

    def run(self) -> Iterator[CampaignEvent]:
        """All of them, until something is found."""
        self.exploration.kept = 0
        yield from self.stops.run(self._bound)
        yield from self._by_chance()
        if self._undecided:
            yield from self._stalling()
        if self._undecided:
            yield from self._turned()
        if self._undecided and self.apart:
            yield from self._afresh()

    @property
    def _undecided(self) -> bool:
        return not self.exploration.settled and self.exploration.bug is None

    @property
    def _bound(self) -> int | None:
        """Of preemptions; none where only sequential orders were asked for."""
        found = self.exploration
        return found.session.limits.preemptions if floor.displaces(found.main) else 0

    def _by_chance(self) -> Iterator[CampaignEvent]:
        """Sequential orders, then any schedules, each with another outcome of what is drawn."""
        found, few = self.exploration, self.chances
        until, ran = found.executions + few, few
        while ran and found.executions < until and not found.settled:
            ran = (yield from found.run(portfolio.opening(), until - found.executions, canary_number=None)).executions
        if few and not found.settled:
            yield from found.run(portfolio.by_chance(self._bound), few, canary_number=None)

    def _stalling(self) -> Iterator[CampaignEvent]:
        """What is bounded by time comes late; all that was proved once more, so that it still is."""
        found = self.exploration
        proved = self._proved()
        few = max(self.stalls, found.remaining - self.turned - self.apart) if proved else self.stalls
        if found.looks and few > 0:
            yield from found.run(portfolio.stalling(self._bound, proved), few)

    def _turned(self) -> Iterator[CampaignEvent]:
        """Sets of text in the order that they have under other hash seeds; all that was proved once more."""
        found, proved = self.exploration, self._proved()
        few = max(self.turned, found.remaining - self.apart) if proved else self.turned
        if found.sets and few > 0:
            yield from found.run(portfolio.turned(self._bound, proved), few)

    def _proved(self) -> tuple[Stage, ...]:
        """What was gone through to its end, on the usual machine."""
        done = [c.stage for c in self.exploration.covered if c.report.exhausted and self._proves(c.stage)]
        return tuple(stage for stage in done if not stage.stalls)

    def _proves(self, stage: Stage) -> bool:
        asked = self.exploration.session.limits.preemptions
        within = asked is not None and stage.policy is Policy.BOUNDED and stage.bound >= asked
        return stage.policy is Policy.EXHAUSTIVE or within

    def _afresh(self) -> Iterator[CampaignEvent]:
        """What an earlier execution has left may hide a leak, such as a record that is masked by then."""
        found, session = self.exploration, self.exploration.session
        stages = portfolio.few(self._bound)
        outcomes, counters = session.afresh(stages, self.apart)
        for outcome in outcomes[:1]:
            execution, seed = found.executions + outcome.execution, session.limits.seed
            session.only_fresh()
            yield from found.take(Found(outcome, stages[outcome.stage], execution, outcome.execution, seed))
        found.executions += counters.executions
        found.afresh += counters.executions
        found.add(counters)
