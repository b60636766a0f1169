"""The search itself: sequential orders, the portfolio, and what is left of the budget afterwards."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import partial
from typing import Any

import attrs

from redactfuzz.campaign.files.proof import ProofFile
from redactfuzz.campaign.search import floor, needed, parts, whole
from redactfuzz.campaign.search.after_bug import after_bug
from redactfuzz.campaign.search.found import Found, distinct, first_found
from redactfuzz.campaign.search.novelty import Unlike
from redactfuzz.campaign.search.proving import proof_of, recorded
from redactfuzz.campaign.search.species import Met
from redactfuzz.campaign.session.covered import Covered, cover
from redactfuzz.campaign.session.spec import UNBOUNDED
from redactfuzz.campaign.session.state import Batch, Session
from redactfuzz.model.events import CampaignEvent, FindingSeen
from redactfuzz.model.finding import Finding
from redactfuzz.model.outcome import RESIDUE, UNTESTED, Bug, BugKind, Outcome
from redactfuzz.model.plan import Budget, Counters, Stage
from redactfuzz.model.schedule import DRAWN, Granularity
from redactfuzz.schedule import portfolio

BEGINNING = 2_000
"""Executions that are looked at before the plain build of a program is."""
_DISTINGUISHED = 100
"""Executions at most of which it is asked which leaks they are."""
_BEGINNING_SECONDS = 2.0


@attrs.define(eq=False)
class Exploration:
    """What the explorations of one campaign have met so far."""

    session: Session
    executions: int = 0
    first_leak_execution: int | None = None
    leak: Found | None = None
    """The worst one."""
    leaks: list[tuple[Found, Finding]] = attrs.field(factory=list)
    """Each distinct leak, as it was first seen."""
    elsewhere: bool = False
    """The plain build leaks in memory."""
    bug: Found | None = None
    described_bug: Bug | None = None
    """The bug, as its finding describes it."""
    beside: Found | None = None
    """An execution that leaked, and whose process died all the same."""
    finding: Finding | None = None
    """The leak, else the bug, as it was first seen."""
    error: Found | None = None
    """The scenario itself is at fault."""
    covered: list[Covered] = attrs.field(factory=list)
    length: int = 0
    """Scheduling points (between calls) of a sequential order, on average."""
    opened: bool = False
    """Every sequential order was run."""
    dumps: int = 0
    redactions: int = 0
    redactors: int = 0
    canaries: set[str] = attrs.field(factory=set)
    witnesses: set[str] = attrs.field(factory=set)
    held: set[tuple[str, str]] = attrs.field(factory=set)
    """Which dump held which witness in some execution, by name."""
    lacked: set[tuple[str, frozenset[str]]] = attrs.field(factory=set)
    """Witnesses that no dump of an execution held, with the names of its dumps."""
    left_out: int = 0
    entered: frozenset[str] = frozenset()
    """See Counters."""
    crashes: set[str] = attrs.field(factory=set)
    anywhere: set[str] = attrs.field(factory=set)
    """Crashes that can strike between any two instructions."""
    repeats: set[str] = attrs.field(factory=set)
    """Canaries that are the same in every execution, or come again."""
    any_byte: bool = False
    """A canary may hold bytes at which code stops."""
    counted: set[str] = attrs.field(factory=set)
    """Canaries that were forbidden in some dump."""
    kept: int = 0  # executions, for what comes after the search
    beyond: int = 0  # executions for a proof, which do not count against the profile's
    spared: float = 0.0  # seconds that are kept for it
    looks: dict[bool, int] = attrs.field(factory=lambda: {False: 0, True: 0})
    """At clocks, in the execution that took most; and among those that were each the first of a process."""
    sets: int = 0
    """A bit for the content of each set that an execution went through and whose order follows from the hash seed."""
    large_sets: bool = False
    """Some execution went through such a set with more than two members."""
    seconds: float = 0.0
    made: int = 0  # dumps, over ``executions``
    called: int = 0
    """How often the redactor was, over ``executions``."""
    struck: int = 0
    """Children of fork, by a crash, over ``executions``,"""
    calls: int = 0
    """and how many calls the one has that has most."""
    searched: int = 0
    """Executions of the portfolio."""
    afresh: int = 0
    """Executions that were each the first of a process."""
    all_done: bool = False
    """Every stage of the portfolio came to its end."""
    preemptible: set[int] = attrs.field(factory=set)
    """Numbers of the threads that could be preempted, with the focus that the search has now."""
    preemptible_before: set[int] = attrs.field(factory=set)
    """Numbers of the threads that could be preempted before the search chose its focus; empty where it chose none."""
    preempted: set[int] = attrs.field(factory=set)
    """Numbers of the threads that were preempted."""
    _asked: int = 0
    unlike: Unlike = attrs.field(factory=Unlike)
    """Clean executions whose dumps are to be compared under other secrets."""
    species: Met = attrs.field(factory=Met)
    written: ProofFile | None = None
    """The certificate of the last batch that has one."""
    hung: bool = False
    """An execution never came back: each run of the same would cost the whole hang limit."""

    @property
    def missing(self) -> set[str]:
        """Witnesses that were destroyed: the dumps of some execution lacked one, and no others are known to hold it."""
        holders: dict[str, set[str]] = {}
        for dump, witness in self.held:
            holders.setdefault(witness, set()).add(dump)
        return {name for name, dumps in self.lacked if name not in holders or holders[name] & dumps}

    @property
    def settled(self) -> bool:
        """Nothing more to look for, or nothing that is worth the hang limit for each execution."""
        if self.hung:
            return True
        hides = self.leak is not None and self.session.target.facts.leaks_hide
        return hides or self.error is not None or self.session.interrupted

    @property
    def may_pass(self) -> bool:
        """Whether a pass is still possible."""
        return not (self.settled or self.leaking) and self.bug is None and self.session.fatal is None

    @property
    def leaking(self) -> bool:
        """Whether a leak in memory is known: what is left in a register says little of another."""
        return self.elsewhere or any(found.identity.place != RESIDUE for found, _ in self.leaks)

    def open(self) -> Iterator[CampaignEvent]:
        """The sequential orders, every one of them looked at."""
        most = self.session.limits.executions
        batch = yield from self.run(portfolio.opening(), most, every=True, least=most)
        self.opened = batch.exhausted
        self.length = batch.counters.steps // max(batch.executions, 1)

    def begin(self) -> Iterator[CampaignEvent]:
        """The first executions of what ``go`` then starts anew."""
        before = self.mark()
        if not self.main or self.remaining <= 0:
            return
        few = min(self.remaining, BEGINNING)
        yield from self.run(self.main, few, seconds=_BEGINNING_SECONDS, until_bug=not self._after_bug)
        if not self.settled:
            self.rewind(before)

    def go(self, *, hopeless: bool) -> Iterator[CampaignEvent]:
        """The portfolio. ``hopeless``: the campaign cannot pass any more, so only a leak is still worth something."""
        limits, stages = self.session.limits, self.main
        remaining = self.remaining
        if hopeless:
            remaining = min(remaining, self._hopeless_budget)
        if self.bug is not None:
            remaining = min(remaining, self._after_bug)
        if not stages or remaining <= 0:
            return
        if not hopeless and self.bug is None and floor.displaces(stages):
            yield from whole.run_orders(self)
            remaining = min(remaining, self.remaining)
            if not self.may_pass:
                return
        before, known = self.mark(), self.bug is not None
        kept = 0 if hopeless or known else floor.reserve(stages, remaining)
        batch = yield from self.run(stages, remaining - kept, until_bug=not known, least=floor.LEAST)
        self.all_done = batch.exhausted
        if self.bug is not None and not known and self._after_bug and not self.settled:
            # The same batch from its beginning (it is deterministic), since one that is closed cannot be gone on with.
            again = min(remaining, self.bug.execution - before[0] + self._after_bug)
            self.rewind(before)
            yield from self.run(stages, again)
        elif not (hopeless or self.settled or self.bug or self.leaking):
            if (debt := self.debt) and self.remaining > 0:
                yield from self.run(debt.batch, self.remaining, until_bug=True, least=self.remaining)
            if limits.strategy == "default" and limits.preemptions is None:
                yield from whole.finish_search(self)

    @property
    def debt(self) -> floor.Debt:
        """What is missing of the floor under a pass."""
        stages = self.main
        if not floor.displaces(stages) or self.proved:
            return floor.Debt()
        reports = {c.space: c.report for c in self.covered}
        lowest = {stage: reports.get(Covered.space_of(stage)) for stage in floor.lowest(stages)}
        owed = [stage for stage, report in lowest.items() if not floor.served(report)]
        few = 0 if self.all_done or not self.remaining else max(floor.LEAST - self.searched, 0)
        threads = frozenset(self.preemptible - self.preempted)
        if lowest and all(report is not None and report.exhausted for report in lowest.values()):
            threads = frozenset()  # whoever was never displaced in all of these cannot be
        return floor.Debt(tuple(owed), threads, few, self.session.limits.preemptions)

    @property
    def rest(self) -> int:
        """Executions of what comes last: where seconds were given they are the limit."""
        return UNBOUNDED if self.session.limits.timed else self.remaining

    @property
    def main(self) -> Sequence[Stage]:
        """The portfolio."""
        limits = self.session.limits
        budget = limits.executions if limits.bounded else None
        swift = self.session.target.pace.swift
        asked = limits.strategy, limits.granularity, limits.preemptions
        stages = portfolio.main(*asked, budget, self.proof, swift=swift, reduces=whole.reduces(self.session))
        return parts.of_portfolio(self.session, stages)

    @property
    def proof(self) -> Granularity:
        """The coarsest granularity at which a search that came to its end proves something.

        The interpreter's switch sites bound where its threads are stopped, and so where a handler in a thread runs; an
        outside dumper or an exception strikes between them as well.
        """
        finest = self.anywhere or self.session.target.facts.in_pieces
        return Granularity.INSTRUCTIONS if finest else Granularity.SWITCHES

    @property
    def proved(self) -> bool:
        """A search of the whole space came to its end."""
        return any(c.stage.policy.whole and c.report.exhausted for c in self.covered)

    def mark(self) -> tuple[int, int, int, int, int]:
        """What ``rewind`` goes back to, before a batch that is then run anew from its beginning."""
        return self.executions, self.beyond, self.made, self.called, self.struck

    def rewind(self, mark: tuple[int, int, int, int, int]) -> None:
        """Forgets the counts since ``mark``."""
        self.executions, self.beyond, self.made, self.called, self.struck = mark

    @property
    def remaining(self) -> int:
        """Executions."""
        return max(self.session.limits.executions - (self.executions - self.beyond) - self.kept, 0)

    @property
    def _hopeless_budget(self) -> int:
        """Executions that are still run once the campaign cannot pass any more."""
        return self.session.target.pace.hopeless.of(apart=self.session.forked)

    @property
    def _after_bug(self) -> int:
        if not (self.canaries or self.session.target.facts.needs_canary):
            return 0  # it has no secret: nothing can leak
        return after_bug(self.session.limits, self.remaining)

    def run(
        self,
        stages: Sequence[Stage],
        executions: int,
        *,
        every: bool = False,
        until_bug: bool = False,
        seed: int | None = None,
        seconds: float = UNBOUNDED,
        least: int = 1,
        phase: str = "exploring",
        **fields: Any,
    ) -> Generator[CampaignEvent, None, Batch]:
        """One batch of the search, and what it found."""
        session, seconds = self.session, min(seconds, max(self.session.deadline.left - self.spared, 0.0))
        budget = Budget(executions, seconds, stop_at_first=False, least=least)
        fields |= {"after_leak": session.target.pace.after_leak.of(apart=session.forked), "leaking": self.leaking}
        fields["notable"] = partial(self.notable, stages=stages)
        seed = parts.seed_of(session, stages, fields) if any(stage.parts for stage in stages) else seed
        stages = recorded(session, stages, cold=False not in needed.processes(self))
        fields["proof"] = proof = proof_of(session, stages, self.written)
        self.written = proof or self.written
        batch = session.batch(stages, budget, phase, every=every, seed=seed, **fields)
        began, hopeless_at = session.clock(), UNBOUNDED
        try:
            for item in batch:
                if isinstance(item, Outcome):
                    for found in self._look(item, batch, stages, session.limits.seed if seed is None else seed):
                        yield from self.announce(found)
                    if self.settled or (until_bug and self.bug is not None and self.leak is None):
                        batch.stop()
                    elif session.fatal is not None or self.missing:
                        hopeless_at = min(hopeless_at, item.execution + self._hopeless_budget)
                else:
                    yield item
                if self.leaking and not session.deadline.left:
                    batch.stop()  # it will not pass, so it needs no floor
                if batch.executions >= hopeless_at:
                    batch.stop()
        finally:  # at Ctrl-C as well
            self.seconds += session.clock() - began
            self.executions += batch.executions
            if proof is not None:
                proof.end(next(iter(batch.counters.stages), None))
        self.add(batch.counters, cold=stages[0].cold)
        if stages[0].usual and not stages[0].first:
            self.searched = max(self.searched, batch.executions)
        cover(self.covered, stages, batch)
        return batch

    def add(self, counters: Counters, *, cold: bool = False) -> None:
        """Takes in what a batch has counted."""
        self.made += counters.dumps
        self.called += counters.redactions
        self.struck += counters.struck
        self.calls = max(self.calls, counters.calls)
        self.looks[cold] = max(self.looks[cold], counters.looks)
        self.sets |= counters.sets & DRAWN
        self.large_sets |= counters.sets > DRAWN
        self.dumps = max(self.dumps, counters.dumps)
        self.redactions = max(self.redactions, counters.redactions)
        self.left_out = max(self.left_out, counters.left_out)
        self.entered |= counters.entered
        self.counted |= counters.counted
        self.preemptible |= counters.preemptible
        self.preempted |= counters.preempted

    def _look(self, outcome: Outcome, batch: Batch, stages: Sequence[Stage], seed: int) -> list[Found]:
        """Takes in one execution. Gives what it found, as far as that is new."""
        self.canaries.update(outcome.canaries)
        self.witnesses.update(outcome.witnesses)
        self.crashes.update(outcome.crashes)
        self.anywhere.update(outcome.anywhere)
        self.repeats.update(outcome.repeats)
        self.any_byte |= outcome.any_byte
        self.counted.update(outcome.inspection.counted)
        self.held |= outcome.inspection.held
        self.lacked |= {(name, outcome.inspection.read) for name in outcome.inspection.missing_witnesses}
        self.redactors = max(self.redactors, outcome.redactors)
        self.redactions = max(self.redactions, outcome.redactions)
        self.dumps = max(self.dumps, outcome.dumps)
        self.hung |= outcome.state == "hang" or (outcome.bug is not None and outcome.bug.kind is BugKind.HANG)
        self.hung |= outcome.abandoned  # it cost the whole limit as well, and so does what follows
        failed = outcome.bug is not None and outcome.bug.kind in UNTESTED
        if not (failed or outcome.leaks or outcome.notable) and (outcome.bug is None or self.bug is not None):
            return []
        found = Found(
            outcome=outcome,
            stage=stages[outcome.stage] if outcome.stage < len(stages) else stages[0],
            execution=self.executions + outcome.execution,
            number=batch.plan.number_of(outcome.execution, outcome.stage),
            seed=seed,
        )
        if failed:
            self.error = found
            return []
        if found.stage.cold and not outcome.notable:
            self.session.only_fresh(cold=True)
        if outcome.notable:
            self.unlike.keep(found)
            return []
        if not outcome.leaks:
            self.bug = found
            return [found]
        if outcome.bug is not None and outcome.bug.kind in (BugKind.DIED, BugKind.HANG):
            self.beside = self.beside or found
        return self._distinct(found)

    def _distinct(self, found: Found) -> list[Found]:
        """Each leak of an execution that is not known."""
        self.first_leak_execution = self.first_leak_execution or found.execution
        if self.session.target.facts.leaks_hide:
            return [found]
        self._asked += 1
        known = {one.identity.key for one, _ in self.leaks}
        return distinct(self.session, found, known) if self._asked <= _DISTINGUISHED else []

    def met(self, found: Found) -> Iterator[CampaignEvent]:
        """An execution that leaks, of another batch than those of the search."""
        for each in self._distinct(found):
            yield from self.announce(each)

    def notable(self, outcome: Outcome, stages: Sequence[Stage]) -> bool:
        """Whether the dumps of a clean execution are to be compared under other secrets."""
        ran, limits = self.executions + outcome.execution, self.session.limits
        if self.session.target.facts.reports_new:
            return self.unlike.wants_reported(outcome)
        self.species.take(outcome, stages[outcome.stage])
        proves = stages[outcome.stage].policy.whole or limits.preemptions is not None
        spare = 0 if self.session.problems else max(limits.executions - ran, 0)
        return self.unlike.wants(outcome, ran, spare if proves else None)

    def take(self, found: Found) -> Iterator[CampaignEvent]:
        """A leak that was not met by the search itself."""
        self.first_leak_execution = self.first_leak_execution or found.execution
        yield from self.announce(found)

    def announce(self, found: Found) -> Iterator[CampaignEvent]:
        """What was found is known from now on."""
        finding = first_found(self.session, found)
        if finding.leaks:
            self.leaks.append((found, finding))
            self.leaks.sort(key=lambda each: each[1].rank)
            self.leak, self.finding = self.leaks[0]
        elif self.leak is None:
            self.finding = finding
        self.described_bug = finding.bug or self.described_bug
        yield FindingSeen(finding)
