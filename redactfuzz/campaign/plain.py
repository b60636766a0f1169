"""The build that users ship: without hooks, optimised as they say. The optimiser removes stores that ours keeps.

It is run in the sequential orders, and the crash strikes at the end of each thread: what a thread meant to have wiped
by then, and has not, is a leak that no schedule of the other build shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs

from redactfuzz.campaign.confirmation import Seen, can_confirm, confirm, unconfirmed
from redactfuzz.campaign.exploration import Exploration
from redactfuzz.campaign.session import Session
from redactfuzz.campaign.sight import Found, finding_of, saved
from redactfuzz.model.events import CampaignEvent, FindingSeen
from redactfuzz.model.finding import Finding
from redactfuzz.model.outcome import LeakKind, Outcome
from redactfuzz.model.plan import Budget, Policy, Stage
from redactfuzz.model.schedule import Action, Granularity, Schedule
from redactfuzz.model.verdict import Reason
from redactfuzz.native.compiler import BuildError
from redactfuzz.native.program import Program
from redactfuzz.native.runtime import NativeRuntime

_ORDERS = Stage(Policy.SEQUENTIAL, first=True)
_MOST = 24
"""Executions for each thread: all orders of four."""
_THREADS = 8
_SECONDS = 10.0


@attrs.define(eq=False)
class PlainBuild:
    """The search of the plain build, where the other build has shown no leak by then."""

    session: Session
    exploration: Exploration
    finding: Finding | None = None
    unconfirmed: Reason | None = None
    confirmed: str = ""
    executions: int = 0
    same: str = ""
    """Whether it leaks where the other build does."""
    failed: str = ""
    """Why it could not be run."""

    @property
    def leaks(self) -> bool:
        """Whether a leak was found, and confirmed."""
        return self.finding is not None and self.unconfirmed is None

    @property
    def wanted(self) -> bool:
        """Whether there is one, and something to look for in it."""
        return can_confirm(self.session) and bool(self.exploration.canaries) and not self.session.interrupted

    def search(self) -> Iterator[CampaignEvent]:
        """Each thread's end, until something leaks."""
        program, runtime = self.session.spec.body, self.session.runtime
        assert isinstance(program, Program)
        assert isinstance(runtime, NativeRuntime)
        # Where nothing crashes only the files count, and they are the same whoever comes to an end.
        ends = [""] if program.crash == "none" else runtime.thread_names(program)[:_THREADS]
        for name in ends:
            session = _session_of(self.session, attrs.evolve(program, plain=True, struck=name))
            yield from self._orders(session, name)
            if self.finding is not None or self.failed or self.session.interrupted or not name:
                return

    def same_place(self, finding: Finding) -> str:
        """Whether the plain build leaks as well when the crash strikes at the line of a finding; empty: not known."""
        program = self.session.spec.body
        struck = next((step for step in finding.steps if step.action is Action.CRASH and step.file), None)
        if not can_confirm(self.session) or struck is None or not isinstance(program, Program) or not finding.leaks:
            return ""
        place = f"{Path(struck.file).name}:{struck.line}"
        session = _session_of(self.session, attrs.evolve(program, plain=True, struck=place))
        try:
            seen = confirm(session, Schedule(Granularity.CALLS), seed=finding.seed, number=finding.canary_number)
        except BuildError:
            return ""
        if not seen.dumps:
            return ""
        does = "leaks as well" if finding.leaks[0].canary in _leaked(seen) else "does not leak"
        return f"the plain build, its threads in order and struck at {place}, {does}"

    def _orders(self, session: Session, thread: str) -> Iterator[CampaignEvent]:
        budget = Budget(_MOST, _SECONDS, stop_at_first=False)
        batch = session.batch((_ORDERS,), budget, "exploring", every=True, describe=True)
        for item in batch:
            if not isinstance(item, Outcome):
                yield item
                continue
            if item.bug is not None and not item.execution:
                self.failed = f"the plain build could not be run: {item.bug.summary}"
                batch.stop()
            elif item.leaks and self.finding is None:
                batch.stop()
                yield from self._found(session, item, thread)
        self.executions += batch.executions
        if session.interrupted:
            self.session.interrupted = True

    def _found(self, session: Session, outcome: Outcome, thread: str) -> Iterator[CampaignEvent]:
        number = session.pinned or 1
        execution = self.exploration.executions + self.executions + outcome.execution
        found = Found(outcome, _ORDERS, execution, number, session.limits.seed)
        seen = confirm(session, found.schedule, seed=found.seed, number=number)
        self.unconfirmed = unconfirmed(seen, found.identity.primary)
        if self.unconfirmed is None:
            self.confirmed = f"confirmed: a process that really died left it in {seen.where}"
        leak = outcome.leaks[0]
        when = f"the crash strikes at the end of thread '{thread}'" if thread else "the program has come to its end"
        finding = finding_of(
            session,
            found,
            outcome,
            kind=LeakKind.SEQUENTIAL,
            cause=(
                f"Only the plain build leaks, built with your flags: when {when}, '{leak.canary}' is still there"
                f" ({leak.where}). The build with hooks, which keeps every store, has shown no leak by then: a wipe"
                " removed by the optimiser, or a copy that it made."
            ),
        )
        self.finding = saved(session, finding, found.identity, outcome.trace_hash)
        if self.leaks:
            self.exploration.first_leak_execution = found.execution
        yield FindingSeen(self.finding)


def _leaked(seen: Seen) -> set[str]:
    return {leak.canary for leak in seen.inspection.leaks}


def _session_of(session: Session, program: Program) -> Session:
    """Another session over the same, for another build."""
    spec = attrs.evolve(session.spec, body=program)
    made = Session(spec, session.limits, session.runtime, session.store, session.oracle, session.clock)
    made.started = session.started
    return made
