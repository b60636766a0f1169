"""The control "does the dump depend on the secret?": schedules run again with other values, everything else equal.

Equal dumps reveal nothing of the secret, in whatever form: that is stronger than any search for encodings.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any

import attrs

from redactfuzz.campaign.compare.answer import Comparison, Noted
from redactfuzz.campaign.compare.completed import can_compare, comparing
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.search.found import Found
from redactfuzz.campaign.search.novelty import Why
from redactfuzz.campaign.session.deadline import OutOfTime
from redactfuzz.campaign.session.recurring import Again
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.outcome import Inspection, Problem, ProblemKind
from redactfuzz.model.recording import Recording
from redactfuzz.model.verdict import Reason

ORDERS = 24
"""Sequential orders at most."""
SHARE = 10
"""One of so many executions, or of so many seconds, is spent on this,"""
LEAST_OF_PROOF = 400
"""and so many executions in any case where every schedule was run."""
LEAST_ORDERS, LEAST_MOMENTS = 2, 12
"""Schedules that are compared however much of the time that takes."""
SECONDS = 20.0
"""For a batch."""
_RAISE = "Raise executions, or seconds where these ended it: what the search leaves of them is spent on comparisons."
_REMEDY_OF_DECLARED = "Declare only what is harmless: a digest, a few characters. Where the secret may be, say allow()."


@attrs.define(eq=False)
class DependenceCheck(ABC):
    """What the comparisons of one campaign have shown so far. How schedules are chosen for them is for the target."""

    session: Session
    exploration: Exploration
    compared: int = 0
    runs: int = 0
    seconds: float = 0.0
    """Of the campaign, that were spent here."""
    drawn: int = 0
    """Of those compared: schedules that were drawn among those whose dumps held what was never the same."""
    strays: Counter[str] = attrs.field(factory=Counter)
    """Why schedules could not be compared."""
    noise: dict[str, int] = attrs.field(factory=dict)
    unsure: dict[str, None] = attrs.field(factory=dict)
    noted: dict[tuple[str, ...], Noted] = attrs.field(factory=dict)
    few: dict[str, None] = attrs.field(factory=dict)
    hidden: dict[str, None] = attrs.field(factory=dict)
    declared: dict[str, None] = attrs.field(factory=dict)
    """What was let through, as it was declared."""
    _known: dict[Any, Any] = attrs.field(factory=dict)
    _leaked: set[str] = attrs.field(factory=set)
    """Canaries that can be read off: one finding each, which lists all places."""
    _began: float = 0.0
    _due: int = 0
    """Schedules that are still to be compared whatever share of the time it costs."""
    _short: bool = False
    """The time ended before all was compared that was to be."""

    def early(self) -> Iterator[CampaignEvent]:
        """The sequential orders: what they reveal needs no race."""
        self._began, self._due = self.session.clock(), LEAST_ORDERS
        yield from self._orders()
        self.seconds += self.session.clock() - self._began

    def late(self) -> Iterator[CampaignEvent]:
        """The crash early, late and between; then each schedule whose dump had a shape of its own; then a bug's own."""
        found, self._began, self._due = self.exploration, self.session.clock(), LEAST_MOMENTS
        if found.bug is not None:
            found.unlike.keep(found.bug, Why.SHAPE)
        limits = self.session.limits
        # A crash that displaces somebody is a preemption.
        if limits.preemptions != 0 and limits.strategy != "sequential":
            yield from self._moments()
        if self._complete:
            self._due = LEAST_OF_PROOF
        yield from self._shapes()
        self.seconds += self.session.clock() - self._began

    def close(self) -> None:
        """Says what rules out a proof."""
        for noted in self.noted.values():
            self.session.note(Problem(ProblemKind.DEPENDENT, noted.text, "", self._remedy, fatal=False))
        for text in self.hidden:
            self.session.note(Problem(ProblemKind.UNCOMPARED, text, fatal=False))
        if self.applies and self.compared and (left := self._left):
            text = f"those of {left:,} executions look like none that were compared"
            self.session.note(Problem(ProblemKind.UNCOMPARED, text, "", _RAISE, fatal=False))
        if self.applies and not self.compared:
            why = "; ".join(f"{count} of them: each {reason}" for reason, count in self.strays.items())
            text = "no schedule could be compared under other values of the secrets"
            self.session.note(Problem(ProblemKind.UNCOMPARED, f"{text} ({why})" if why else text, fatal=False))

    def inconclusive(self) -> Reason | None:
        """What depends on a secret, where it cannot be decided how much that reveals."""
        if not self.unsure:
            if not (self._short and self.applies) or self.compared:
                return None
            return Reason("The time ended before any schedule was run again with other secrets.", "Raise seconds.")
        first, *more = self.unsure
        text = f"{first[:1].upper()}{first[1:]}"
        return Reason(f"{text}{f' (and {len(more)} more)' if more else ''}.", self._remedy)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What depends on a secret, as sentences."""
        seen = (*(noted.text for noted in self.noted.values()), *self.few, *self.unsure)
        return tuple(f"{each[:1].upper()}{each[1:]}." for each in dict.fromkeys(seen))

    def checked(self) -> tuple[str, ...]:
        """What was compared, for the certificate."""
        if not self.compared:
            return ()
        schedules = "1 schedule" if self.compared == 1 else f"{self.compared} schedules"
        drawn = f" ({self.drawn} of them drawn at random)" if self.drawn else ""
        but = ", but for what is noted" if self.noted or self.hidden else ", but for what follows" if self.few else ""
        but += f", but for what is declared ({', '.join(self.declared)})" if self.declared else ""
        ran = self.exploration.executions
        of = f", of {ran:,} executions," if ran > self.compared else ","
        lines = [f"the dumps of {schedules}{drawn}{of} run again with other secrets: they do not depend on them{but}"]
        lines += self.few
        if self.noise:
            sizes = ", ".join(f"at most {size} bytes of {name}" for name, size in self.noise.items())
            lines.append(f"left out, since they differ of themselves: {sizes}")
        if self.strays.total():
            lines.append(f"{self.strays.total()} schedules could not be compared: each {' or '.join(self.strays)}")
        return tuple(lines)

    @property
    def _remedy(self) -> str:
        return self.session.target.advice.depends

    @property
    def applies(self) -> bool:
        """Whether there is something to ask."""
        found = self.exploration
        return can_compare(self.session) and bool(found.canaries) and found.dumps > 0

    @abstractmethod
    def _orders(self) -> Iterator[CampaignEvent]:
        """Compares the sequential orders."""

    @abstractmethod
    def _moments(self) -> Iterator[CampaignEvent]:
        """Compares schedules in which the crash strikes early, late and between."""

    @property
    @abstractmethod
    def _more(self) -> bool:
        """Whether there is something to find, and budget to look for it."""

    @property
    @abstractmethod
    def _owed(self) -> bool:
        """Whether so few were compared that a pass needs more."""

    @property
    @abstractmethod
    def _left(self) -> int:
        """Executions whose dumps had something new, as far as it matters that they are not compared."""

    @property
    def _complete(self) -> bool:
        """Whether every schedule was run, so that what is not compared is all that a proof lacks."""
        return self.exploration.proved or self.exploration.all_done

    @property
    def _in_time(self) -> bool:
        in_time = self._seconds > 0
        self._short |= not in_time
        return in_time

    @property
    def _seconds(self) -> float:
        """What is left for comparisons: while few were made, what is left for the floor under a pass."""
        deadline = self.session.deadline
        return max(deadline.left, deadline.patience) if self._owed else deadline.left

    def _shapes(self) -> Iterator[CampaignEvent]:
        """The schedules whose dumps looked like none before, and those that were drawn."""
        while self._more and (kept := self.exploration.unlike.pop()) is not None:
            why, found = kept
            before = self.compared
            yield from self._compare(found, None)
            self.drawn += why is Why.DRAWN and self.compared > before

    def _compare(self, seen: Found, base: Recording | None) -> Generator[CampaignEvent, None, None]:
        self._due -= 1
        said = self._said(seen, base)
        self._take(said)
        leaks = tuple(leak for leak in said.leaks if leak.canary not in self._leaked)
        if leaks:
            self._leaked.update(leak.canary for leak in leaks)
            yield from self.exploration.take(attrs.evolve(seen, outcome=attrs.evolve(seen.outcome, leaks=leaks)))

    def _said(self, seen: Found, base: Recording | None) -> Comparison:
        """What comparing it says; where its dumps come no more, in a process where no execution has left anything."""
        session, inspection = self.session, seen.outcome.inspection if seen.outcome.dumps else None
        if seen.stage.cold:
            return self._cold(seen)
        said = self._compared(seen, base, inspection)
        if said.lost and session.fresh and not session.apart:
            apart = self._compared(seen, base, inspection, fresh=session.fresh)
            said = apart if apart.lost is None else said
        if said.lost is None or self._is_carried_over(said.lost):
            return said
        return self._compared(seen, base, None)

    def _cold(self, seen: Found) -> Comparison:
        """The same of an execution that was the first of its process."""
        fresh = self.session.fresh
        gone = Comparison("was the first of a process, and there is none any more where it would be")
        return gone if fresh is None else self._compared(seen, None, None, fresh=fresh.cold())

    def _compared(self, seen: Found, base: Recording | None, inspection: Inspection | None, **how: Any) -> Comparison:
        known = {"seed": seen.seed, "number": seen.number, "known": self._known, "seconds": self._seconds}
        with comparing(self.session, seen.schedule, **known, **how) as context:
            try:
                said = context.compare(base, seen=inspection)
            except OutOfTime:
                self._short = True
                said = Comparison("takes longer to compare than there was time for", runs=context.runs)
        self.runs += said.runs
        return said

    def _is_carried_over(self, came: Again) -> bool:
        """Whether dumps that the search saw come no more for what executions leave behind, and not by an address."""
        noisy = came.alike and self.noise
        names = self.session.fresh.carried() if self.session.fresh is not None and came.steady and not noisy else []
        text = "the dumps of a schedule were others when it was run again with the same secrets"
        if names:
            what = f"{text}: one execution leaves something for the next in {', '.join(names)}"
            remedy = "Make it anew in the scenario's body, or use isolation='process'."
            self.session.note(Problem(ProblemKind.CARRIED_OVER, what, "", remedy))
        elif not came.alike:
            self.session.note(Problem(ProblemKind.UNCOMPARED, text, fatal=False))
        return bool(names)

    def _take(self, said: Comparison) -> None:
        if said.stray:
            self.strays[said.stray] += 1
        else:
            self.compared += 1
        for name, size in said.noise:
            self.noise[name] = max(size, self.noise.get(name, 0))
        self.unsure.update(dict.fromkeys(said.unsure))
        for noted in said.noted:
            known = self.noted.get(noted.about)
            self.noted[noted.about] = noted if known is None or noted.size > known.size else known
        self.few.update(dict.fromkeys(said.few))
        self.declared.update(dict.fromkeys(said.declared))
        for text in said.admitted:
            self.session.note(Problem(ProblemKind.DEPENDENT, text, "", _REMEDY_OF_DECLARED))
        self.hidden.update(dict.fromkeys(said.hidden))
