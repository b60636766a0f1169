"""Runs schedules for one finding: with its canaries, its seed, and its own idea of "the same"."""

from __future__ import annotations

import attrs

from redactfuzz.campaign.compare.completed import completed
from redactfuzz.campaign.search.found import Found
from redactfuzz.campaign.session.deadline import OutOfTime
from redactfuzz.campaign.session.spec import FOREVER
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.outcome import Outcome, ProblemKind
from redactfuzz.model.plan import Counters
from redactfuzz.model.repro import Identity
from redactfuzz.model.schedule import Schedule


@attrs.define(eq=False)
class Trial:
    """Counts of executions end what is tried for one finding, so that a busy machine comes to the same end.

    ``until``, a time of the session's clock, is for what would take for ever, and never later than the campaign's end.
    """

    session: Session
    found: Found
    identity: Identity
    until: float
    enumerated: int
    """Executions that are left for enumerations."""
    runs: int = 0
    """Of single schedules."""
    confirmed: bool = False
    """By now; from here on what is asked when the campaign's time is over, or was interrupted, raises OutOfTime."""
    _limit: int = 0

    def run(self, schedule: Schedule) -> Outcome | None:
        """One execution, as the shrinker wants it."""
        return self._once(schedule)

    def described(self, schedule: Schedule) -> Outcome | None:
        """The same with every step recorded."""
        return self._once(schedule, describe=True)

    def compared(self, schedule: Schedule) -> Outcome | None:
        """The same with what a comparison with other secrets says of its leaks, which takes executions of its own."""
        return self._once(schedule, describe=True, quick=False)

    def crash_last(self, schedule: Schedule) -> Outcome | None:
        """The same with the crash kept until every thread has ended."""
        return self._once(schedule, crash_last=True)

    def fresh(self, schedule: Schedule) -> Outcome | None:
        """One execution where the scenario has never run; None where it did not come to its end."""
        session, fresh = self.session, self.session.fresh
        if fresh is None:
            return None
        seed, number = self.found.seed, self.found.number
        outcome = fresh.once(schedule, seed=seed, number=number, describe=True)
        return completed(session, outcome, self.identity, schedule, seed=seed, number=number, quick=True, fresh=fresh)

    def same(self, outcome: Outcome | None) -> bool:
        """Whether this execution shows the finding: where that gave a whole secret away, no part of it."""
        if outcome is None or not self.identity.matches(outcome.leaks, outcome.bug):
            return False
        return self._is_whole(outcome) or not self._is_whole(self.found.outcome)

    def _is_whole(self, outcome: Outcome) -> bool:
        return any(leak.canary == self.identity.primary and leak.part == "whole" for leak in outcome.leaks)

    def grant(self, runs: int) -> None:
        """From now on so many runs, whatever was spent before."""
        self._limit = self.runs + runs

    def more(self) -> bool:
        """Whether there is budget for another run."""
        return self.runs < self._limit and self.in_time

    @property
    def in_time(self) -> bool:
        """Whether it may go on at all."""
        return not self.session.interrupted and self.session.clock() < self.until

    @property
    def _is_over(self) -> bool:
        """Whether nothing more may be run; with no time asked for what follows, its kind alone is still found out."""
        session = self.session
        return session.interrupted or not (session.deadline.left or session.limits.after_seconds == 0)

    @property
    def counters(self) -> Counters:
        """For progress."""
        return Counters(executions=self.runs)

    def _once(
        self, schedule: Schedule, *, describe: bool = False, crash_last: bool = False, quick: bool = True
    ) -> Outcome | None:
        if self.confirmed and self._is_over:
            raise OutOfTime
        self.runs += 1
        seed, number = self.found.seed, self.found.number
        outcome = self.session.once(
            schedule,
            seed=seed,
            number=number,
            describe=describe,
            crash_last=crash_last,
            writers=bool(self.identity.place),
        )
        return completed(
            self.session,
            outcome,
            self.identity,
            schedule,
            seed=seed,
            number=number,
            crash_last=crash_last,
            quick=quick,
            seconds=self.session.deadline.left if self.confirmed else FOREVER,
        )


def diverged_where(outcome: Outcome | None) -> str | None:
    """Where a replay left its schedule; None when it did not, empty when nobody knows."""
    if outcome is None:
        return ""
    for problem in outcome.problems:
        if problem.kind in (ProblemKind.DIVERGED, ProblemKind.NONDETERMINISM):
            named = not problem.where or problem.where in problem.what
            return problem.what if named else f"{problem.what}, at {problem.where}"
    return None
