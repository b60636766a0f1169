"""The control "does the dump depend on the secret?": schedules run again with other values, everything else equal.

Equal dumps tell nothing of the secret, in whatever form: that is stronger than any search for encodings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator

import attrs

from redactfuzz.campaign.comparison import Comparing, Comparison, Known
from redactfuzz.campaign.exploration import Exploration
from redactfuzz.campaign.session import Session
from redactfuzz.campaign.sight import Found
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.outcome import Outcome, Problem, ProblemKind
from redactfuzz.model.plan import Budget, Policy, Stage
from redactfuzz.model.recording import Recording
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Reason
from redactfuzz.schedule import portfolio

ORDERS = 24
"""Sequential orders at most."""
MOMENTS = 3
"""At which the crash strikes in a sequential order: late, early, in the middle."""
SHARE = 10
"""One of so many executions is spent on this,"""
LEAST = 40
"""and so many in any case."""
_SECONDS = 20.0
_STRIKES = (Stage(Policy.BOUNDED, Granularity.CALLS, bound=0, strike=True),)
_REMEDY = "Take it out of the dump; or say by allow_derived(...) of the canary what may be there, if it is harmless."


@attrs.define(eq=False)
class Dependence:
    """What the comparisons of one campaign have shown so far."""

    session: Session
    exploration: Exploration
    compared: int = 0
    runs: int = 0
    seconds: float = 0.0
    """Of the campaign, that were spent here."""
    strays: Counter[str] = attrs.field(factory=Counter)
    """Why schedules could not be compared."""
    noise: dict[str, int] = attrs.field(factory=dict)
    unsure: dict[str, None] = attrs.field(factory=dict)
    noted: dict[str, None] = attrs.field(factory=dict)
    _known: Known = attrs.field(factory=dict)

    def early(self) -> Iterator[CampaignEvent]:
        """The sequential orders: what they tell is no race."""
        began = self.session.clock()
        yield from self._batch(portfolio.opening(), ORDERS)
        self.seconds += self.session.clock() - began

    def late(self) -> Iterator[CampaignEvent]:
        """The crash early, late and between; then each schedule whose dump had a shape of its own; then a bug's own."""
        found, began = self.exploration, self.session.clock()
        if found.bug is not None:
            found.shapes.append(found.bug)
        yield from self._batch(_STRIKES, MOMENTS)
        yield from self._shapes()
        self.seconds += self.session.clock() - began

    def close(self) -> None:
        """Says what rules out a proof."""
        for told in self.noted:
            self.session.note(Problem(ProblemKind.DEPENDENT, told, "", _REMEDY, fatal=False))
        if self.applies and not self.compared:
            why = "; ".join(f"{count} of them: each {reason}" for reason, count in self.strays.items())
            told = "no schedule could be compared under other values of the secrets"
            self.session.note(Problem(ProblemKind.UNCOMPARED, f"{told} ({why})" if why else told, fatal=False))

    def inconclusive(self) -> Reason | None:
        """What depends on a secret, and nobody can say how much it tells."""
        if not self.unsure:
            return None
        first, *more = self.unsure
        told = f"{first[:1].upper()}{first[1:]}"
        return Reason(f"{told}{f' (and {len(more)} more)' if more else ''}.", _REMEDY)

    def checked(self) -> tuple[str, ...]:
        """What was compared, for the certificate."""
        if not self.compared:
            return ()
        schedules = "1 schedule" if self.compared == 1 else f"{self.compared} schedules"
        but = ", but for what is noted" if self.noted else ""
        told = [f"the dumps of {schedules}, run again with other secrets: they do not depend on them{but}"]
        if self.noise:
            sizes = ", ".join(f"at most {size} bytes of {name}" for name, size in self.noise.items())
            told.append(f"left out, since they differ of themselves: {sizes}")
        if self.strays.total():
            told.append(f"{self.strays.total()} schedules could not be compared: each {' or '.join(self.strays)}")
        return tuple(told)

    @property
    def applies(self) -> bool:
        """Whether there is something to ask."""
        found = self.exploration
        if self.session.spec.is_program or self.session.oracle.record is None:
            return False
        return bool(found.canaries) and found.dumps > 0

    @property
    def _more(self) -> bool:
        found = self.exploration
        allowed = max(LEAST, found.executions // SHARE)
        limits, session = self.session.limits, self.session
        in_time = session.seconds < limits.seconds + limits.shrink_seconds
        return in_time and not found.settled and self.runs < allowed

    def _batch(self, stages: tuple[Stage, ...], most: int) -> Iterator[CampaignEvent]:
        """The schedules of these stages, each with the dumps of its first run."""
        session = self.session
        if not self.applies or not self._more:
            return
        number = session.pinned or session.count_numbers(1) + 1
        batch = session.batch(
            stages,
            Budget(most, _SECONDS, stop_at_first=False),
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

    def _shapes(self) -> Iterator[CampaignEvent]:
        """The schedules whose dumps looked like none before."""
        shapes = self.exploration.shapes
        while shapes and self._more:
            yield from self._compare(shapes.pop(0), None)

    def _compare(self, seen: Found, base: Recording | None) -> Generator[CampaignEvent, None, None]:
        session = self.session
        with Comparing(session, seen.schedule, seed=seen.seed, number=seen.number, known=self._known) as comparing:
            said = comparing.compare(base)
        self._take(said)
        if said.leaks:
            yield from self.exploration.take(attrs.evolve(seen, outcome=attrs.evolve(seen.outcome, leaks=said.leaks)))

    def _take(self, said: Comparison) -> None:
        self.runs += said.runs
        if said.stray:
            self.strays[said.stray] += 1
        else:
            self.compared += 1
        for name, size in said.noise:
            self.noise[name] = max(size, self.noise.get(name, 0))
        self.unsure.update(dict.fromkeys(said.unsure))
        self.noted.update(dict.fromkeys(said.noted))
