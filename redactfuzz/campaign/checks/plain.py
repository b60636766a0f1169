"""The build that users ship: without hooks, optimised as they say. The optimiser removes stores that ours keeps.

It is run in the sequential orders, and the crash strikes at the end of each thread: what a thread meant to have wiped
by then, and has not, is a leak that no schedule of the other build shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs

from redactfuzz.campaign.checks.confirmation import confirm, explain_unconfirmed
from redactfuzz.campaign.explain.cause import REMEDY
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.search.found import Found, finding_of, saved
from redactfuzz.campaign.session.native import native
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.events import CampaignEvent, FindingSeen
from redactfuzz.model.finding import Finding
from redactfuzz.model.outcome import RESIDUE, Leak, LeakKind, Outcome
from redactfuzz.model.plan import Budget, Policy, Stage
from redactfuzz.model.repro import Identity
from redactfuzz.model.schedule import Action, Granularity, Schedule
from redactfuzz.model.verdict import Reason
from redactfuzz.native.compile.compiler import BuildError

_ORDERS = Stage(Policy.SEQUENTIAL, first=True)
_MOST = 24
"""Executions for each thread: all orders of four."""
_THREADS = 8
_SECONDS = 10.0


@attrs.define(eq=False)
class PlainBuild:
    """The search of the plain build, where the other build has shown no leak in memory by then."""

    session: Session
    exploration: Exploration
    findings: list[Finding] = attrs.field(factory=list)
    """Confirmed leaks: for each canary one in memory, and one in registers."""
    unconfirmed: Reason | None = None
    confirmed: str = ""
    executions: int = 0
    same: str = ""
    """Whether it leaks where the other build does."""
    failed: str = ""
    """Why it could not be run."""
    _met: set[str] = attrs.field(factory=set)

    @property
    def wanted(self) -> bool:
        """Whether there is one, and something to look for in it."""
        session = self.session
        return session.target.facts.plain_build and bool(self.exploration.canaries) and not session.interrupted

    def search(self) -> Iterator[CampaignEvent]:
        """Each thread's end, until nothing is left that could leak."""
        runtime, program = native(self.session)
        # Where nothing crashes only the files count, and they are the same whoever comes to an end.
        ends = [""] if program.crash == "none" else runtime.thread_names(program)[:_THREADS]
        for name in ends:
            session = self.session.of_build(attrs.evolve(program, plain=True, struck=name))
            yield from self._orders(session, name)
            if self._all_leak or self.failed or self.session.interrupted or not name:
                return

    @property
    def _all_leak(self) -> bool:
        in_memory = {leak.canary for one in self.findings if one.kind is not LeakKind.RESIDUE for leak in one.leaks}
        return self.exploration.canaries <= in_memory

    def same_place(self, finding: Finding) -> str:
        """Whether the plain build leaks as well when the crash strikes at the line of a finding; empty: not known."""
        struck = next((step for step in finding.steps if step.action is Action.CRASH and step.file), None)
        if not self.session.target.facts.plain_build or struck is None or not finding.leaks:
            return ""
        _, program = native(self.session)
        place = f"{Path(struck.file).name}:{struck.line}"
        session = self.session.of_build(attrs.evolve(program, plain=True, struck=place))
        try:
            seen = confirm(session, Schedule(Granularity.CALLS), seed=finding.seed, number=finding.canary_number)
        except BuildError:
            return ""
        if not seen.dumps:
            return ""
        does = "leaks as well" if finding.leaks[0].canary in seen.leaked_canaries else "does not leak"
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
            elif item.leaks:
                yield from self._found(session, item, thread)
            if self._all_leak:
                batch.stop()
        self.executions += batch.executions
        if session.interrupted:
            self.session.interrupted = True

    def _found(self, session: Session, outcome: Outcome, thread: str) -> Iterator[CampaignEvent]:
        number = session.pinned or 1
        execution = self.exploration.executions + self.executions + outcome.execution
        known = self._met | {found.identity.key for found, _ in self.exploration.leaks}
        for identity in _identities(outcome.leaks):
            if identity.key in known:
                continue
            self._met.add(identity.key)
            found = Found(outcome, _ORDERS, execution, number, session.limits.seed, identity)
            seen = confirm(session, found.schedule, seed=found.seed, number=number)
            unsure = explain_unconfirmed(seen, identity, outcome.leaks)
            if unsure is not None:
                self.unconfirmed = self.unconfirmed or unsure
                continue
            self.confirmed = (
                f"confirmed: a process that really died left it in {seen.describe_dumps_with(identity.primary)}"
            )
            finding = finding_of(session, found, outcome, kind=_kind(identity))
            finding = attrs.evolve(finding, cause=_cause(finding, thread))
            self.findings.append(saved(session, finding, identity, outcome.trace_hash))
            self.exploration.elsewhere |= finding.kind is not LeakKind.RESIDUE
            self.exploration.first_leak_execution = self.exploration.first_leak_execution or execution
            yield FindingSeen(self.findings[-1])


_OF_THE_PLAIN_BUILD = "the plain build"
"""In place of the place of a last writer: without hooks nobody knows it."""


def _identities(leaks: tuple[Leak, ...]) -> list[Identity]:
    return Identity.distinct(
        tuple(leak if leak.residue else attrs.evolve(leak, place=_OF_THE_PLAIN_BUILD) for leak in leaks)
    )


def _kind(identity: Identity) -> LeakKind:
    return LeakKind.RESIDUE if identity.place == RESIDUE else LeakKind.SEQUENTIAL


def _cause(finding: Finding, thread: str) -> str:
    leak = finding.leaks[0]
    when = f"the crash strikes at the end of thread '{thread}'" if thread else "the program has come to its end"
    if finding.kind is LeakKind.RESIDUE:
        return f"Built with your flags, and no hooks: when {when}, '{leak.canary}' is in {leak.where}. {REMEDY}"
    return (
        f"Only the plain build leaks, built with your flags: when {when}, '{leak.canary}' is still there"
        f" ({leak.where}). The build with hooks, which keeps every store, has shown no leak in memory by then: a wipe"
        " removed by the optimiser, or a copy that it made."
    )
