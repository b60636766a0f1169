"""Executions whose secrets hold the bytes at which code stops that takes a key for text.

The canaries of a program are the same in each execution, those of a scenario drawn: a redactor that wipes up to the
first zero byte, or up to a line's end, would do its work in all of them. What leaks with such a value alone is a leak.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from redactfuzz.campaign.search import floor
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.search.found import Found
from redactfuzz.campaign.session.spec import FOREVER
from redactfuzz.model.canary import stops
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.outcome import Outcome, Problem, ProblemKind
from redactfuzz.model.plan import Budget
from redactfuzz.schedule import portfolio

_EACH = 64
"""Executions with each of these values at most,"""
_SHARE = 20
"""of one in so many for all of them together."""
_LEAST = 4
"""Although the time is over."""


@attrs.define(eq=False)
class Stops:
    """Those of one campaign."""

    exploration: Exploration
    each: int = 0
    """Executions that are kept for each value."""
    ran: int = 0

    def keep(self) -> int:
        """How many executions of the budget to keep."""
        found, values = self.exploration, len(stops.NUMBERS)
        spare = max(found.remaining - floor.LEAST, 0)
        self.each = min(_EACH, max(spare // (_SHARE * values), min(spare // values, 1))) if found.any_byte else 0
        return self.each * values

    def run(self, bound: int | None) -> Iterator[CampaignEvent]:
        """The sequential orders with each value, then schedules of few preemptions: at most ``bound``."""
        found = self.exploration
        for number in stops.NUMBERS if self.each else ():
            if found.settled or found.leaking or found.bug is not None:
                return
            yield from self._with(number, bound)

    def checked(self) -> Iterator[str]:
        """What ran with such secrets, for the certificate."""
        if self.ran:
            yield f"executions with secrets that {stops.meaning_of_all()}: {self.ran:,}"

    def _with(self, number: int, bound: int | None) -> Iterator[CampaignEvent]:
        found, session = self.exploration, self.exploration.session
        stages = (*portfolio.opening(), *portfolio.few(bound))
        budget = Budget(self.each, FOREVER, stop_at_first=False, least=_LEAST)
        batch = session.batch(stages, budget, "exploring", keep_problems=False, canary_number=number)
        leak: Found | None = None
        for item in batch:
            if not isinstance(item, Outcome):
                yield item
            elif item.leaks:
                stage = stages[min(item.stage, len(stages) - 1)]
                leak = Found(item, stage, found.executions + item.execution, number, session.limits.seed)
                batch.stop()
            elif not item.clean:
                self._note(item, number)
                batch.stop()
        found.executions += batch.executions
        self.ran += batch.executions
        if leak is not None:
            yield from found.met(leak)

    def _note(self, outcome: Outcome, number: int) -> None:
        """Of code that is written for text such a secret is none: what goes wrong then, but for a leak, is no bug."""
        bug = outcome.bug
        kind = bug.kind if bug is not None else next(one.kind for one in outcome.problems if one.fatal)
        what = f"with a secret that {stops.meaning(number)}: {kind}"
        self.exploration.session.note(Problem(ProblemKind.UNCOMPARED, what, fatal=False))
