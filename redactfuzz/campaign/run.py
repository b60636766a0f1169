"""A campaign: many executions of one scenario, and the verdict."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import attrs

from redactfuzz.campaign import certificate, floor
from redactfuzz.campaign.confirmation import can_confirm, prepare
from redactfuzz.campaign.controls import Controls
from redactfuzz.campaign.exploration import Exploration
from redactfuzz.campaign.neighbours import unshared
from redactfuzz.campaign.plain import PlainBuild
from redactfuzz.campaign.runtime import Runtime
from redactfuzz.campaign.session import Oracle, Session, default_oracle
from redactfuzz.campaign.settle import Settling
from redactfuzz.campaign.spec import Options, ScenarioSpec, resolve
from redactfuzz.campaign.store import Store
from redactfuzz.model.events import CampaignEnded, CampaignEvent, CampaignStarted
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import Problem, ProblemKind
from redactfuzz.model.verdict import Reason, Verdict


def run(
    spec: ScenarioSpec,
    options: Options,
    runtime: Runtime,
    oracle: Oracle | None = None,
) -> Iterator[CampaignEvent]:
    """Explores a scenario. The last event is CampaignEnded. Raises OptionError at once."""
    limits = resolve(options, spec.settings, program=spec.is_program)
    session = Session(spec, limits, runtime, Store(options.repro_dir), oracle or default_oracle())
    return Campaign(session).events()


@attrs.define(eq=False)
class Campaign:
    """The phases of a campaign, in order. What each has found survives Ctrl-C in the next."""

    session: Session
    exploration: Exploration = attrs.field(init=False)
    controls: Controls = attrs.field(init=False)
    plain: PlainBuild = attrs.field(init=False)
    settling: Settling | None = None

    def __attrs_post_init__(self) -> None:
        """Nothing is known yet."""
        self.exploration = Exploration(self.session)
        self.controls = Controls(self.session, self.exploration)
        self.plain = PlainBuild(self.session, self.exploration)

    def events(self) -> Iterator[CampaignEvent]:
        """Runs it."""
        session = self.session
        limits = session.limits
        yield CampaignStarted(session.spec.title, limits.seed, limits.profile, limits.executions, limits.seconds)
        try:
            if can_confirm(session):
                yield from prepare(session)
            yield from self._phases()
        except KeyboardInterrupt:
            session.interrupted = True
        yield CampaignEnded(self._report())

    def _phases(self) -> Iterator[CampaignEvent]:
        found, controls, session = self.exploration, self.controls, self.session
        yield from found.open()
        if not found.settled:
            yield from controls.early()
        if not found.settled and self.plain.wanted:
            # Early, for it takes a second, but after a look for races: of the two, a race is explained better.
            yield from found.begin()
            if not found.settled and not session.fatal:
                yield from self.plain.search()
        if not found.settled and not self.plain.leaks:
            before, hopeless = found.mark(), self._hopeless
            yield from found.go(hopeless=hopeless)
            if hopeless and not found.settled and found.bug is None:
                yield from controls.persist()
            if hopeless and not found.settled and not self._hopeless:
                # What was missing (a dump, where no sequential order yields one) came up: the same batch, whole.
                found.rewind(before)
                yield from found.go(hopeless=False)
        if self.plain.leaks:
            return
        if found.error is not None or found.finding is None:
            if session.nondeterministic and not session.interrupted:
                yield from controls.locate()
            return
        first = found.leak or found.bug
        assert first is not None
        self.settling = Settling(session, first, found.finding, found.covered)
        if not (session.interrupted or found.hung):
            yield from self.settling.work()
            if self.settling.unconfirmed is None:
                self.plain.same = self.plain.same_place(self.settling.finding)

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
            executions=found.executions + (self.plain.executions if self.plain.leaks else 0),
            first_leak_execution=found.first_leak_execution,
            seconds=found.seconds,
            seed=session.limits.seed,
            strategy=session.limits.strategy,
            interrupted=session.interrupted,
            notes=tuple(self._notes()),
        )
        return self._judged(report)

    def _judged(self, report: Report) -> Report:
        """The first of these that holds is the verdict; the order says which answer helps most."""
        found, session, settling = self.exploration, self.session, self.settling
        if found.error is not None:
            remedy = "Correct the scenario: it raised before there was anything to test."
            return attrs.evolve(
                report, verdict=Verdict.ERROR, reason=Reason(found.error.summary, found.error.detail or remedy)
            )
        finding = settling.finding if settling is not None else found.finding
        if self.plain.leaks:
            finding = self.plain.finding
        elif settling is not None and settling.unconfirmed is not None and not session.interrupted:
            return attrs.evolve(report, reason=settling.unconfirmed)
        if finding is not None:
            return attrs.evolve(report, verdict=finding.verdict, finding=finding, preemptions=finding.preemptions)
        if self.plain.unconfirmed is not None:
            return attrs.evolve(report, reason=self.plain.unconfirmed)
        if session.interrupted:
            return attrs.evolve(report, reason=Reason("Interrupted before the search had ended.", "Run it again."))
        if session.nondeterministic and self.controls.diverged:
            return attrs.evolve(report, reason=Reason(self.controls.diverged, self.controls.remedy))
        if session.fatal is not None:
            return attrs.evolve(report, reason=_problem(session.fatal))
        if not found.executions:
            return attrs.evolve(report, reason=Reason("No execution was run.", "Raise executions or seconds."))
        vacuous = self.controls.vacuous()
        if vacuous is not None:
            return attrs.evolve(report, verdict=Verdict.VACUOUS, reason=vacuous)
        unsure = self.controls.inconclusive()
        if unsure is not None:
            return attrs.evolve(report, reason=unsure)
        if found.debt:
            return attrs.evolve(report, reason=_short(session, found))
        vacuous = self.controls.uncounted()
        if vacuous is not None:
            return attrs.evolve(report, verdict=Verdict.VACUOUS, reason=vacuous)
        checked = self.controls.sampled, self.plain.executions
        verdict, record = certificate.passed(session, found, report.controls, _checked(*checked))
        return attrs.evolve(report, verdict=verdict, certificate=record, preemptions=record.preemptions)

    def _notes(self) -> Iterator[str]:
        yield from unshared()
        if self.session.store.note:
            yield self.session.store.note
        if self.plain.same:
            yield self.plain.same
        if self.plain.failed:
            yield self.plain.failed
        if self.plain.confirmed:
            yield self.plain.confirmed
        if self.settling is not None and self.settling.confirmed:
            yield self.settling.confirmed
        if self.exploration.bug is not None and self.exploration.leak is not None:
            bug = self.exploration.bug.outcome.bug
            if bug is not None:
                yield f"also seen, at execution {self.exploration.bug.execution}: {bug.kind}: {bug.summary}"
        if self.exploration.finding is not None:
            # A finding that was confirmed by replays was deterministic, whatever happened elsewhere.
            told = (p for p in self.session.problems if p.fatal and p.kind is not ProblemKind.NONDETERMINISM)
            yield from (str(_problem(problem)) for problem in told)


def _checked(sampled: list[str], plain: int) -> tuple[str, ...]:
    """What else was looked at of a program, for the certificate."""
    died = "1 process" if len(sampled) == 1 else f"{len(sampled)} processes"
    found = [f"clean executions confirmed by {died} that really died"] if sampled else []
    found += [f"{plain} executions of the plain build, in sequential orders"] if plain else []
    return tuple(found)


def _short(session: Session, found: Exploration) -> Reason:
    """The budget ended before the search had its floor."""
    limits = session.limits
    spent = f"{found.executions:,} executions took {session.seconds:.1f} s of {limits.seconds:g}"
    least = f"executions to {100 * floor.LEAST} or more" if found.executions >= limits.executions else "seconds"
    return Reason(
        f"The budget ended before the search had its floor ({spent}); still needed: {found.debt}.",
        f"Raise {least}: a pass after less would mean nothing.",
    )


def _problem(problem: Problem) -> Reason:
    told = problem.what if str(problem.kind) in problem.what else f"{problem.kind}: {problem.what}"
    where = f" (at {problem.where})" if problem.where and problem.where not in told else ""
    return Reason(f"{told[:1].upper()}{told[1:].removesuffix('.')}{where}.", problem.remedy)


def last_report(events: Iterator[CampaignEvent]) -> Report:
    """Runs a campaign to its end and gives its report."""
    report = None
    with contextlib.closing(events) if hasattr(events, "close") else contextlib.nullcontext():  # type: ignore[type-var]
        for event in events:
            if isinstance(event, CampaignEnded):
                report = event.report
    assert report is not None
    return report
