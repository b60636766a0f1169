"""Turns an execution that leaked into a finding: confirms, minimises, classifies, explains and saves it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from typing import Any

import attrs

from redactfuzz.campaign.checks.only_hooked import confirm_leak, only_hooked
from redactfuzz.campaign.explain.cause import cause
from redactfuzz.campaign.explain.classify import classify
from redactfuzz.campaign.explain.reachable import at_switch_sites, settled_label
from redactfuzz.campaign.explain.smaller import Space, smaller
from redactfuzz.campaign.explain.window import Moved, find_window
from redactfuzz.campaign.search.found import Found, finding_of, label_of, saved
from redactfuzz.campaign.search.trial import Trial, diverged_where
from redactfuzz.campaign.session.covered import Covered
from redactfuzz.campaign.session.deadline import OutOfTime
from redactfuzz.campaign.session.spec import FOREVER
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.events import CampaignEvent, CampaignProgress
from redactfuzz.model.finding import Finding
from redactfuzz.model.outcome import BugKind, Outcome
from redactfuzz.model.verdict import Reason
from redactfuzz.schedule.shrink import Failing, shrink

CONFIRMATIONS = 2
"""Runs of its schedule, each of which has to show a finding again: where one does not, it counts as nondeterminism."""
_PATIENCE = 8.0
"""Times the seconds of shrinking that it may take, since counts of executions are to end it; the campaign's end comes
first."""
_TO_EXPLAIN = 0.3
"""Of the time of a finding, that is kept for what follows shrinking."""
_SHRINKING, _SITES, _WINDOW = 1_000, 100, 500
"""Runs of single schedules: to make it small, to move it to where this interpreter switches, to find the window."""
_COMPARED, _ENDLESS = 10, 50
"""So many times fewer where each run is a comparison of dozens of executions, or does not come to an end."""


@attrs.define(eq=False)
class Settling:
    """What is known about one finding so far; ``finding`` can be reported at any moment."""

    session: Session
    found: Found
    finding: Finding
    covered: Sequence[Covered] = ()
    share: float = 1.0
    """Of the time for shrinking,"""
    seconds: float = FOREVER
    """and how many there are at most for all that follows its confirmation."""
    forks: bool = False
    """A program that does, so that an execution costs as much as one with a process of its own."""
    cut: tuple[str, ...] = ()
    """What the time ended before it had come to its own end."""
    unconfirmed: Reason | None = None
    confirmed: str = ""
    """The dumps of the process that really died, if they hold the leak; else empty."""
    _fresh_outcome: Outcome | None = None
    """Outcome of its schedule in a process where the scenario had not run before, if that shows the finding."""

    def work(self) -> Iterator[CampaignEvent]:
        """Confirms, shrinks, classifies, describes. Each step leaves a better ``finding``."""
        session, found = self.session, self.found
        session.deadline.turn("confirming")
        seconds = session.limits.shrink_seconds * self.share
        end = session.clock() + min(_PATIENCE * seconds, self.seconds)
        trial = Trial(session, found, found.identity, end, round(self._enumerated() * seconds))
        seen = Failing(found.schedule, found.outcome)
        yield self._progress("confirming", trial)
        if not self._fresh_outcome_process(trial, seen):
            return
        failing = self._confirm(trial, seen, self._confirmations)
        if failing is None or not self._really(failing):
            return
        trial.confirmed = True
        with suppress(OutOfTime):
            self.finding = attrs.evolve(self.finding, kind=classify(trial, failing))
        if session.limits.after_seconds == 0:
            self._describe(trial, failing, shrunk=False)
            return
        trial.until -= _TO_EXPLAIN * max(end - session.clock(), 0.0)
        session.deadline.turn("shrinking")
        small = yield from self._shrink(trial, failing)
        self._say_cut("shrinking", trial)
        if small is not failing and self._only_hooked(small):
            return
        session.deadline.turn("explaining")
        trial.until = end
        trial.grant(_SITES // self._costly)
        moved = None
        with suppress(OutOfTime):
            small = at_switch_sites(trial, small)
            moved = yield from self._window(trial, small)
        if moved is not None:
            small = moved.failing
        try:
            yield from self._explain(trial, small, failing, moved)
        except OutOfTime:
            self._describe(trial, small, shrunk=True)
        self._say_cut("explaining", trial)
        self.finding = attrs.evolve(self.finding, cut=not trial.in_time)

    def briefly(self) -> None:
        """Confirms it, and no more: where an execution does not come back each further one may cost the hang limit."""
        session, found = self.session, self.found
        session.deadline.turn("confirming")
        trial = Trial(session, found, found.identity, session.clock() + self.seconds, 0)
        bug, schedule = found.outcome.bug, found.schedule
        hangs = bug is not None and bug.kind is BugKind.HANG
        again = trial.fresh(schedule)
        if again is None:  # there is no such process, it did not come back, or it died: a run here says which
            again = trial.described(schedule)
        if again is None or not trial.same(again):
            self.unconfirmed = _nondeterminism(session, again, self.finding.repro, "hang" if hangs else "finding")
            return
        self._describe(trial, Failing(schedule, found.outcome if hangs else again), shrunk=False)

    def _say_cut(self, what: str, trial: Trial) -> None:
        """With no seconds given for it nothing was cut short: that was asked for."""
        if not trial.in_time and not self.session.interrupted and self.session.limits.shrink_seconds:
            self.cut = (*self.cut, what)

    def _fresh_outcome_process(self, trial: Trial, seen: Failing) -> bool:
        """Whether the finding is met where the scenario has never run; True as well where that cannot be decided."""
        session = self.session
        if session.fresh is None:
            return True
        outcome = trial.fresh(seen.schedule)
        if not trial.same(outcome):
            if outcome is None or diverged_where(outcome) is not None:  # what is loaded lazily takes another way
                return True
            names = session.fresh.carried()
            if not names and not trial.same(trial.run(seen.schedule)):
                return True  # it comes and goes as it likes
            self.unconfirmed = _carried_over(names, self.finding)
            return False
        self._fresh_outcome = outcome
        if session.deadline.left and not trial.same(trial.run(seen.schedule)):
            session.only_fresh()  # what earlier executions left hides it here
        return True

    @property
    def _confirmations(self) -> int:
        """How many runs confirm a finding: one if dumps of processes that die are compared as well."""
        compared = self.found.identity.by_comparison and self.session.target.facts.dies
        return 1 if compared else CONFIRMATIONS

    def _enumerated(self) -> float:
        """Executions of enumerations for a second of shrinking."""
        apart = self.forks or self.session.forked or self.found.stage.cold
        return self.session.target.pace.enumerated.of(apart=apart) / self._costly

    @property
    def _costly(self) -> int:
        """How many times more a run costs than one execution that ends."""
        bug = self.found.outcome.bug
        if bug is not None and bug.kind is BugKind.SPIN:
            return _ENDLESS
        return _COMPARED if self.found.identity.by_comparison else 1

    def _confirm(self, trial: Trial, failing: Failing, times: int) -> Failing | None:
        outcome = self._fresh_outcome
        for _ in range(times):
            if outcome is not None and not self.session.deadline.left:
                break  # the run in a fresh process confirmed it, and no time is left for more runs
            outcome = trial.described(failing.schedule)
            if not trial.same(outcome) and self.found.identity.by_comparison:
                outcome = trial.compared(
                    failing.schedule
                )  # of fewer positions there are fewer bits than it was found by
            if not trial.same(outcome):
                self.unconfirmed = _nondeterminism(self.session, outcome, self.finding.repro)
                return None
        assert outcome is not None
        return Failing(failing.schedule, outcome)

    def _really(self, failing: Failing) -> bool:
        """Whether a leak is seen on disk as well, where a process can really die of it, and in what users ship."""
        found = self.found
        self.unconfirmed, where = confirm_leak(
            self.session, found.identity, failing, seed=found.seed, number=found.number
        )
        if where:
            self.confirmed = f"confirmed: a process that really died left it in {where}"
        return self.unconfirmed is None

    def _only_hooked(self, failing: Failing) -> bool:
        """Whether the program as it is shipped does not show it."""
        found = self.found
        self.unconfirmed = only_hooked(self.session, found.identity, failing, seed=found.seed, number=found.number)
        if self.unconfirmed is not None:
            self.confirmed = ""
        return self.unconfirmed is not None

    def _shrink(self, trial: Trial, failing: Failing) -> Generator[CampaignEvent, None, Failing]:
        """Leaving out first: it takes tens of runs, and an enumeration the more the more preemptions there are."""
        tried: set[Space] = set()
        best = failing
        with suppress(OutOfTime):
            best = yield from self._local(trial, _as_usual(trial, failing))
            while (other := (yield from smaller(trial, best, self.covered, tried))) is not best:
                best = yield from self._local(trial, other)
        return best

    def _local(self, trial: Trial, failing: Failing) -> Generator[CampaignEvent, None, Failing]:
        best = failing
        trial.grant(_SHRINKING // self._costly)
        with suppress(OutOfTime):
            for best in shrink(failing, trial.run, trial.same, trial.more):  # noqa: B007  the last one is the result
                yield self._progress("shrinking", trial)
        return best

    def _window(self, trial: Trial, failing: Failing) -> Generator[CampaignEvent, None, Moved | None]:
        moved = None
        trial.grant(_WINDOW // self._costly)
        for moved in find_window(trial, failing):  # noqa: B007  the last one is the result
            yield self._progress("explaining", trial)
        return moved

    def _explain(self, trial: Trial, small: Failing, original: Failing, moved: Moved | None) -> Iterator[CampaignEvent]:
        for failing in (small, original):
            if self._again(trial, failing) is None:
                moved = None
                continue
            described = trial.compared(failing.schedule)
            if described is None or not trial.same(described):
                described = failing.outcome
                moved = None
            label = yield from settled_label(trial, failing, label_of(described))
            finding = finding_of(
                self.session,
                self.found,
                failing.outcome,
                schedule=failing.schedule,
                leaks=self.found.identity.own(described.leaks),
                bug=None if described.leaks else described.bug,
                label=label,
                steps=tuple(described.trace),
                kind=classify(trial, failing),
                window=moved.window if moved else None,
                shrunk=failing is small,
            )
            ahead, beyond = (moved.ahead, moved.beyond) if moved else (None, None)
            finding = attrs.evolve(finding, cause=cause(finding, ahead, beyond))
            self.finding = saved(self.session, finding, self.found.identity, described.trace_hash)
            return

    def _describe(self, trial: Trial, failing: Failing, *, shrunk: bool) -> None:
        """The finding as it is by now, where there is no time to ask again."""
        session, found, trace = self.session, self.found, failing.outcome.trace
        if not trace:
            steps = session.once(failing.schedule, seed=found.seed, number=found.number, describe=True)
            trace = steps.trace if steps is not None else ()
        finding = finding_of(
            session,
            found,
            failing.outcome,
            schedule=failing.schedule,
            steps=trace,
            kind=self.finding.kind,
            shrunk=shrunk,
        )
        finding = attrs.evolve(finding, cause=cause(finding, None, None))
        self.finding = saved(session, finding, trial.identity, failing.outcome.trace_hash)

    def _again(self, trial: Trial, failing: Failing) -> Failing | None:
        """The failing execution, if its schedule shows it once more."""
        outcome = trial.run(failing.schedule)
        return Failing(failing.schedule, outcome) if outcome is not None and trial.same(outcome) else None

    def _progress(self, phase: str, trial: Trial) -> CampaignProgress:
        return CampaignProgress(self.session.spec.title, phase, trial.counters)


def _as_usual(trial: Trial, failing: Failing) -> Failing:
    """The same with one crash, sets in their order and a machine that does not stall, if that is enough."""
    changes: dict[str, Any] = {name: type(value)() for name, value in failing.schedule.otherwise.items()}
    if not any(failing.schedule.otherwise.values()):
        return failing
    schedule = attrs.evolve(failing.schedule, **changes)
    outcome = trial.run(schedule)
    return Failing(schedule, outcome) if outcome is not None and trial.same(outcome) else failing


def _carried_over(names: Sequence[str], finding: Finding) -> Reason:
    kept = f" The finding is in {finding.repro}." if finding.repro else ""
    where = f" in {', '.join(names)}" if names else ", in an object that could not be told"
    what = "leak" if finding.leaks else "bug"
    return Reason(
        f"State is carried over: a {what} that was found is gone in a process where the scenario has not run before."
        f" One execution leaves something for the next{where}.",
        f"Make it anew in the scenario's body, or use isolation='process'.{kept}",
    )


def _nondeterminism(session: Session, outcome: Outcome | None, repro: str, what: str = "finding") -> Reason:
    where = diverged_where(outcome)
    if where is None:
        how = "the same schedule ran to its end without it"
    else:
        how = f"its replay diverged: {where}" if where else "its replay gave no execution"
    kept = f" The unconfirmed finding is in {repro}." if repro else ""
    return Reason(f"A {what} could not be confirmed: {how}.", session.target.advice.nondeterministic + kept)
