"""A campaign: many executions of one scenario, and the verdict."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from functools import partial

import attrs

from redactfuzz.campaign.checks import budget, certificate
from redactfuzz.campaign.checks.controls import Controls
from redactfuzz.campaign.checks.dependence import DependenceCheck
from redactfuzz.campaign.checks.neighbours import unshared
from redactfuzz.campaign.checks.plain import PlainBuild
from redactfuzz.campaign.compare.equal_part import keep_equal_error
from redactfuzz.campaign.corpus.seeds import Seeds
from redactfuzz.campaign.face.regressions import Known
from redactfuzz.campaign.face.settle import Settling
from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.search import cold, focus, whole
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.search.found import Found
from redactfuzz.campaign.search.proving import finer, note_of
from redactfuzz.campaign.search.variations import Variations
from redactfuzz.campaign.session.covered import explored
from redactfuzz.campaign.session.isolated import after_warm_up
from redactfuzz.campaign.session.oracle import Oracle, default_oracle
from redactfuzz.campaign.session.runtime import Runtime
from redactfuzz.campaign.session.spec import Limits, Options, ScenarioSpec, relative
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.events import CampaignEnded, CampaignEvent, CampaignStarted
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.outcome import Bug, BugKind, ProblemKind
from redactfuzz.model.plan import Isolation
from redactfuzz.model.verdict import Reason, Verdict

_SLOW_SECONDS = 1.0
"""Seconds of an average execution from which the report says how long it took."""
_MOST = 8
"""Leaks that are settled and reported."""


def run(
    spec: ScenarioSpec,
    options: Options,
    runtime: Runtime,
    oracle: Oracle | None = None,
) -> Iterator[CampaignEvent]:
    """Explores a scenario. The last event is CampaignEnded. Raises OptionError at once."""
    limits, known = spec.limits(options), Known.of(spec, options, runtime, oracle)
    return known.before(lambda: Campaign(_session(spec, limits, options, runtime, oracle)).events())


def _session(spec: ScenarioSpec, limits: Limits, options: Options, runtime: Runtime, oracle: Oracle | None) -> Session:
    return Session(spec, limits, runtime, Store(options.repro_dir), oracle or default_oracle())


@attrs.define(eq=False)
class Campaign:
    """The phases of a campaign, in order. What each has found survives Ctrl-C in the next."""

    session: Session
    exploration: Exploration = attrs.field(init=False)
    variations: Variations = attrs.field(init=False)
    controls: Controls = attrs.field(init=False)
    dependence: DependenceCheck = attrs.field(init=False)
    plain: PlainBuild = attrs.field(init=False)
    seeds: Seeds = attrs.field(init=False)
    settlings: list[Settling] = attrs.field(factory=list)
    error: Bug | None = None
    """What is at fault in the scenario itself."""
    given: Report | None = None
    """What the same campaign has said in another process, after a warm-up."""
    skipped: int = 0
    """Leaks for whose confirmation there was no time, after others."""

    def __attrs_post_init__(self) -> None:
        """Nothing is known yet."""
        self.exploration = Exploration(self.session)
        self.variations = Variations(self.exploration)
        self.controls = Controls(self.session, self.exploration)
        self.dependence = self.session.target.dependence(self.session, self.exploration)
        self.plain = PlainBuild(self.session, self.exploration)
        self.seeds = Seeds(self.session, self.exploration)
        self.session.cold = partial(cold.explored, self.exploration)

    def events(self) -> Generator[CampaignEvent, None, None]:
        """Runs it."""
        session = self.session
        limits = session.limits
        yield CampaignStarted(session.spec.title, limits.seed, limits.profile, limits.executions, limits.seconds)
        try:
            yield from session.target.prepare(session)
            session.begin()
            if (strange := focus.absent(session)) is not None:
                self.error = Bug(BugKind.SCENARIO, strange.what, detail=strange.remedy)
            else:
                yield from self._phases()
        except KeyboardInterrupt:
            session.interrupted = True
        finally:
            session.end()
            self.seeds.release()  # where the search was interrupted
            if (written := self.exploration.written) is not None:
                if self.exploration.finding is not None:
                    written.withhold("for the campaign has found something")
                written.place()
        yield CampaignEnded(self.given or self._report())

    def _phases(self) -> Iterator[CampaignEvent]:
        found, controls, session = self.exploration, self.controls, self.session
        yield from found.open()
        if session.warms is not None and not (found.settled or found.leaking or session.fatal):
            self.given = yield from after_warm_up(session, lambda other: Campaign(other).events())
            if self.given is not None:
                return
        if not (found.settled or found.leaking or session.fatal):
            yield from focus.choose_aside(session, found)
            yield from self.seeds.run()
        if not (found.settled or found.leaking):
            yield from controls.early()
        # What no dump ever showed may be there in a form that is not listed.
        if not found.settled and (controls.unseen or not self._hopeless):
            yield from self.dependence.early()
        if not found.settled and self.plain.wanted:
            # Early, for it takes a second, but after a look for races: of the two, a race is explained better.
            yield from found.begin()
            if not (found.settled or found.leaking or session.fatal):
                yield from self.plain.search()
        if not found.settled:
            before, hopeless = found.mark(), self._hopeless
            yield from self._search(hopeless=hopeless)
            if hopeless and not found.settled and found.bug is None:
                yield from controls.persist()
            if hopeless and not found.settled and not self._hopeless:
                # What was missing (a dump, where no sequential order yields one) came up: the same batch, whole.
                found.rewind(before)
                yield from self._search(hopeless=False)
            if not found.settled and session.pin_values():
                found.rewind(before)
                yield from self._search(hopeless=False)
            if not found.settled and not session.fatal:
                yield from self.variations.run()
                if not self._hopeless:
                    yield from whole.complete_bound(found, session.deadline.patience)
        if not found.settled and not self._hopeless:
            yield from self.dependence.late()
        self.dependence.close()
        self.seeds.release()
        self.seeds.keep()
        session.deadline.follow()
        yield from self._settle()

    def _search(self, *, hopeless: bool) -> Iterator[CampaignEvent]:
        self.variations.keep(hopeless=hopeless)
        yield from self.exploration.go(hopeless=hopeless)

    def _settle(self) -> Iterator[CampaignEvent]:
        """Each leak that was found, the worst first; where there is none, the bug."""
        found, session = self.exploration, self.session
        if found.error is not None:
            error = found.error
            self.error = keep_equal_error(session, error.outcome, error.schedule, seed=error.seed, number=error.number)
            return
        if not self._met:
            if session.nondeterministic and not (session.interrupted or self.plain.findings):
                yield from self.controls.locate()
            return
        for first, finding in self._met:
            if session.interrupted:
                return
            after, left = len(self._met) - len(self.settlings) - 1, session.deadline.left
            if not left and any(each.unconfirmed is None for each in self.settlings):
                self.skipped = after + 1
                break
            share = 0.5 / (len(self._met) - 1) if self.settlings else 1.0  # half as long again for all that follow
            seconds = left / (after + 1 if self.settlings else min(after + 1, 2))
            self.settlings.append(Settling(session, first, finding, found.covered, share, seconds, found.struck > 0))
            try:
                if found.hung:
                    self.settlings[-1].briefly()
                else:
                    yield from self.settlings[-1].work()
            finally:
                session.deadline.turn()
        worst = next((each.finding for each in self.settlings if each.unconfirmed is None), None)
        if worst is not None and not session.interrupted and session.deadline.left:
            self.plain.same = self.plain.same_place(worst)

    @property
    def _met(self) -> list[tuple[Found, Finding]]:
        """Leaks as they were first seen, else the bug; not more than anybody reads."""
        found = self.exploration
        if found.leaks:
            return found.leaks[:_MOST]
        return [(found.bug, found.finding)] if found.bug is not None and found.finding is not None else []

    @property
    def _findings(self) -> list[Finding]:
        """What is known about each of them now, and what the plain build gave, the worst first."""
        settled = [each.finding for each in self.settlings if each.unconfirmed is None or self.session.interrupted]
        unsettled = [] if self.skipped else [finding for _, finding in self._met[len(self.settlings) :]]
        return sorted([*settled, *unsettled, *self.plain.findings], key=lambda finding: finding.rank)

    @property
    def _unconfirmed(self) -> list[Reason]:
        reasons = [*(each.unconfirmed for each in self.settlings), self.plain.unconfirmed]
        return [reason for reason in dict.fromkeys(reasons) if reason is not None]

    @property
    def _hopeless(self) -> bool:
        """Whether the campaign cannot pass, as far as it is known by now."""
        return bool(self.controls.vacuous() or self.controls.diverged or self.session.fatal)

    def _report(self) -> Report:
        found, session = self.exploration, self.session
        report = Report(
            scenario=session.spec.title,
            verdict=Verdict.INCONCLUSIVE,
            controls=self.controls.results() if found.executions else (),
            executions=found.executions + (self.plain.executions if self.plain.findings else 0),
            first_leak_execution=found.first_leak_execution,
            seconds=found.seconds,
            after=tuple(session.deadline.took.items()),
            seed=session.limits.seed,
            strategy=session.limits.strategy,
            interrupted=session.interrupted,
            notes=tuple(self._notes()),
            stages=explored(found.covered),
            species=found.species.counted,
            seeds=self.seeds.counted,
            uncertified=found.written is not None and bool(found.written.failed),
        )
        report = self._judged(report)
        slow = session.isolation_reason if session.isolation in (Isolation.PROCESS, Isolation.WARM) else ""
        notes = report.notes if report.verdict.passed or not slow else (*report.notes, slow)
        return attrs.evolve(report, notes=notes)

    def _judged(self, report: Report) -> Report:
        """The first of these that holds is the verdict; the order says which answer helps most."""
        found, session = self.exploration, self.session
        if self.error is not None and self.error.kind in (BugKind.SKIPPED, BugKind.XFAILED):
            said, at = self.error.summary.partition(": ")[2] or self.error.summary, self.error.raised_at
            xfailed = self.error.kind is BugKind.XFAILED
            does, call = ("says that it fails", "xfail") if xfailed else ("skips itself", "skip")
            place = f" at {relative(at)}" if at else ""
            why = Reason(f"The scenario {does}{place} ({said}).", f"Nothing was tested: take the {call} away.")
            # One that does so in some executions alone is at fault.
            alone = said if found.executions <= 1 else ""
            return attrs.evolve(
                report, verdict=Verdict.ERROR, reason=why, skipped=alone, skipped_at=at, xfailed=xfailed
            )
        if self.error is not None:
            remedy = self.error.detail or session.target.advice.at_fault
            return attrs.evolve(report, verdict=Verdict.ERROR, reason=Reason(self.error.summary, remedy))
        findings, unconfirmed = self._findings, self._unconfirmed
        if findings:
            first, *others = findings
            return attrs.evolve(
                report, verdict=first.verdict, finding=first, others=tuple(others), preemptions=first.preemptions
            )
        if unconfirmed and not session.interrupted:
            return attrs.evolve(report, reason=unconfirmed[0])
        if session.interrupted:
            return attrs.evolve(report, reason=Reason("Interrupted before the search had ended.", "Run it again."))
        if session.nondeterministic and self.controls.diverged:
            return attrs.evolve(report, reason=Reason(self.controls.diverged, self.controls.remedy))
        if session.fatal is not None:
            return attrs.evolve(report, reason=session.fatal.reason)
        if not found.executions:
            return attrs.evolve(report, reason=Reason("No execution was run.", "Raise executions or seconds."))
        vacuous = self.controls.vacuous()
        if vacuous is not None:
            what = " ".join((vacuous.what, *self.dependence.sentences)) if self.controls.unseen else vacuous.what
            return attrs.evolve(report, verdict=Verdict.VACUOUS, reason=attrs.evolve(vacuous, what=what))
        unsure = self.controls.inconclusive() or self.dependence.inconclusive()
        if unsure is not None:
            return attrs.evolve(report, reason=unsure)
        if (short := budget.explain_shortfall(session, found)) is not None:
            return attrs.evolve(report, reason=short)
        vacuous = self.controls.uncounted() or focus.unmet(session, found)
        if vacuous is not None:
            return attrs.evolve(report, verdict=Verdict.VACUOUS, reason=vacuous)
        checked = (*self.variations.stops.checked(), *_checked(self.controls.sampled, self.plain.executions))
        compared = self.dependence.checked()
        passed = certificate.passed(session, found, report.controls, checked, compared, focus.checked(session, found))
        record = passed.certificate
        return attrs.evolve(
            report, verdict=passed.verdict, certificate=record, preemptions=record.preemptions, part=passed.part
        )

    @property
    def _confirmed(self) -> Iterator[str]:
        yield from (each.confirmed for each in self.settlings)

    def _notes(self) -> Iterator[str]:
        yield from unshared()
        if self.exploration.written is not None:
            yield note_of(self.exploration.written)
        elif self.session.limits.proof is not None:
            yield "certificate: none, since the search that it would be of was not begun"
        yield from self.seeds.said()
        if said := finer(self.session, self.exploration.covered):
            yield said
        if self.session.store.note:
            yield self.session.store.note
        if self.plain.same:
            yield self.plain.same
        if self.plain.failed:
            yield self.plain.failed
        yield from dict.fromkeys(each for each in (self.plain.confirmed, *self._confirmed) if each)
        if self._findings:
            yield from (reason.what for reason in self._unconfirmed)
        if self.exploration.seconds >= _SLOW_SECONDS * self.exploration.executions > 0:
            yield _explain_slowness(self.session, self.exploration)
        for what in dict.fromkeys(what for each in self.settlings for what in each.cut):
            yield f"{what} ended by the time limit"
        more = max(len(self.exploration.leaks) - _MOST, 0) + self.skipped
        if more > 0:
            why = ", because the time was over" if self.skipped else " yet"
            yield f"{more} more {'leak was' if more == 1 else 'leaks were'} met, which nobody has looked into{why}"
        seen = self.exploration.bug or self.exploration.beside
        if seen is not None and self.exploration.leak is not None:
            bug = self.exploration.described_bug or seen.outcome.bug
            if bug is not None:
                yield f"also seen, at execution {seen.execution}: {bug.kind}: {bug.summary}"
        if self.exploration.finding is not None:
            # A finding that was confirmed by replays was deterministic, whatever happened elsewhere.
            fatal = (p for p in self.session.problems if p.fatal and p.kind is not ProblemKind.NONDETERMINISM)
            yield from (str(problem.reason) for problem in fatal)


def _checked(sampled: list[str], plain: int) -> tuple[str, ...]:
    """What else was looked at of a program, for the certificate."""
    died = "1 process" if len(sampled) == 1 else f"{len(sampled)} processes"
    found = [f"clean executions confirmed by {died} that really died"] if sampled else []
    found += [f"{plain} executions of the plain build, in sequential orders"] if plain else []
    return tuple(found)


def _explain_slowness(session: Session, found: Exploration) -> str:
    """Say how long one execution took on average, and what makes an execution shorter."""
    each = f"{found.seconds / found.executions:.1f} s on average, counting the runs that record its steps"
    points = f", and has {found.length:,} scheduling points between calls" if found.length else ""
    focus = ", or use --focus to stop threads in fewer modules" if session.target.no_focus(()) is None else ""
    return f"an execution took {each}{points}. To make it faster, give the scenario less to do{focus}"


def last_report(events: Iterator[CampaignEvent]) -> Report:
    """Runs a campaign to its end and gives its report."""
    report = None
    with contextlib.closing(events) if hasattr(events, "close") else contextlib.nullcontext():  # type: ignore[type-var]
        for event in events:
            if isinstance(event, CampaignEnded):
                report = event.report
    assert report is not None
    return report
