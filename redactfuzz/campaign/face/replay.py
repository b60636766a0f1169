"""Runs one finding again, exactly, and says what came of it."""

from __future__ import annotations

import platform
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz.campaign.checks import certificate
from redactfuzz.campaign.checks.only_hooked import confirm_leak
from redactfuzz.campaign.compare.completed import completed
from redactfuzz.campaign.compare.equal_part import equal_part, keep_equal_error
from redactfuzz.campaign.explain.cause import cause, still_quotes
from redactfuzz.campaign.explain.nearby import nearby
from redactfuzz.campaign.explain.reachable import settled_label
from redactfuzz.campaign.face.measuring import SECONDS, Measuring
from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.search import focus
from redactfuzz.campaign.search.found import Found, label_of
from redactfuzz.campaign.search.trial import Trial, diverged_where
from redactfuzz.campaign.session.deadline import Deadline
from redactfuzz.campaign.session.oracle import Oracle, default_oracle
from redactfuzz.campaign.session.runtime import Runtime
from redactfuzz.campaign.session.spec import FOREVER, Options, ScenarioSpec
from redactfuzz.campaign.session.started import command
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.events import CampaignEnded, CampaignEvent, CampaignStarted, Measured, Replayed, ReplayResult
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.outcome import UNTESTED, Outcome
from redactfuzz.model.plan import Isolation, Policy, Stage
from redactfuzz.model.repro import Repro
from redactfuzz.model.schedule import Granularity, Step
from redactfuzz.model.verdict import Label, Reason, Verdict
from redactfuzz.schedule.shrink import Failing


def replay(
    repro: Repro,
    body: Any,
    runtime: Runtime,
    times: int = 1,
    *,
    spec: ScenarioSpec | None = None,
    options: Options | None = None,
    path: str = "",
    oracle: Oracle | None = None,
    measures: bool = False,
) -> Iterator[CampaignEvent]:
    """Runs ``repro`` over ``body`` ``times`` times: Replayed for each, then CampaignEnded.

    The report's verdict is the finding's when every run reproduced it; INCONCLUSIVE when one diverged or they
    disagree; ERROR when the scenario is at fault; else the pass of a search that covered this schedule alone. ``path``
    is where the repro file lies. ``measures``: what it did is Measured before the end. Raises OptionError.
    """
    spec = spec or ScenarioSpec(repro.scenario, repro.path, body)
    spec = attrs.evolve(spec, body=spec.target.from_json(spec.body, repro.program))
    options = attrs.evolve(options or Options(), seed=repro.seed, focus=repro.schedule.focus)
    if options.isolation is None and repro.isolation in list(Isolation):
        options = attrs.evolve(options, isolation=Isolation(repro.isolation))
    session = Session(spec, spec.limits(options), runtime, Store(options.repro_dir), oracle or default_oracle())
    session.deadline = Deadline(FOREVER)  # it takes as long as the runs that were asked for
    return Replay(session, repro, max(times, 1), path, measures).events()


@attrs.define(eq=False)
class Replay:
    """The runs of one repro file."""

    session: Session
    repro: Repro
    times: int
    path: str
    measures: bool = False
    results: Counter[ReplayResult] = attrs.field(factory=Counter)
    where: str = ""
    shown: Outcome | None = None
    error: Reason | None = None
    unreal: Reason | None = None
    """Why what was seen again is no finding."""
    label: Label | None = None
    moved: str = ""
    """That the schedule is not quite the recorded one."""

    def events(self) -> Iterator[CampaignEvent]:
        """Runs them."""
        session, repro = self.session, self.repro
        yield CampaignStarted(
            session.spec.title, repro.seed, session.limits.profile, self.times, session.limits.seconds
        )
        other = self._other_interpreter()
        self.error = focus.absent(session)
        measuring: Measuring | None = None
        try:
            if self.measures:
                session.begin()
            if other and self.error is None and self._met_nearby():
                other = ""
            for number in range(1, self.times + 1 if self.error is None else 1):
                result, where = (ReplayResult.DIVERGED, other) if other else self._once(number)
                if self.error is not None or session.interrupted:
                    break
                self.results[result] += 1
                self.where = self.where or where
                yield Replayed(session.spec.title, number, self.times, result, where)
                if other:
                    break
            yield from self._settle_label()
            measuring = self._measuring()
            if measuring is not None:
                yield from measuring.work()
        except KeyboardInterrupt:
            session.interrupted = True
        finally:
            if self.measures:
                session.end()
        if measuring is not None:
            yield Measured(session.spec.title, measuring.result())
        yield CampaignEnded(self._report())

    def _settle_label(self) -> Iterator[CampaignEvent]:
        """What the campaign said of this interpreter, or, on another one, what it would say."""
        session, repro, outcome = self.session, self.repro, self.shown
        if outcome is None or session.interrupted:
            return
        if repro.label is not None and repro.python == platform.python_version():
            self.label = repro.label
            return
        trial = self._trial(outcome)
        self.label = yield from settled_label(trial, Failing(repro.schedule, outcome), label_of(outcome))

    def _measuring(self) -> Measuring | None:
        """Where it was asked for, and every run has shown the finding."""
        repro, outcome = self.repro, self.shown
        again = self.results[ReplayResult.REPRODUCED] == sum(self.results.values())
        if not self.measures or outcome is None or not again or self.session.interrupted:
            return None
        trial = self._trial(outcome)
        trial.until = self.session.clock() + SECONDS
        return Measuring(trial, Failing(repro.schedule, outcome))

    def _other_interpreter(self) -> str:
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        needed = self.repro.schedule.python
        if self.repro.schedule.granularity is Granularity.CALLS or not needed or needed == here:
            return ""
        return (
            f"the schedule is finer than calls and belongs to Python {needed}, this is {platform.python_version()}"
            f" (instruction counts differ): replay it with python{needed}"
        )

    def _met_nearby(self) -> bool:
        """Whether the finding is met near where it was recorded; its schedule is then that of this interpreter."""
        repro = self.repro
        schedule = attrs.evolve(repro.schedule, python=f"{sys.version_info.major}.{sys.version_info.minor}")
        trial = self._trial(Outcome(1, 0))
        near = nearby(trial, schedule)
        if near is None:
            return False
        self.repro = attrs.evolve(repro, schedule=near.schedule, cause="", label=None)
        self.moved = (
            f"recorded on Python {repro.python}, whose instructions have other numbers: met near the same places,"
            f" after {trial.runs} executions"
        )
        return True

    def _trial(self, outcome: Outcome) -> Trial:
        repro, stage = self.repro, Stage(Policy.REPLAY, self.repro.schedule.granularity)
        found = Found(outcome, stage, 1, repro.canary_number, repro.seed)
        return Trial(self.session, found, repro.identity, FOREVER, 0)

    def _once(self, number: int) -> tuple[ReplayResult, str]:
        repro = self.repro
        outcome = self.session.once(
            repro.schedule,
            seed=repro.seed,
            number=repro.canary_number,
            seconds=60.0,
            describe=number == 1,
            writers=True,
        )
        outcome = completed(
            self.session,
            outcome,
            repro.identity,
            repro.schedule,
            seed=repro.seed,
            number=repro.canary_number,
        )
        if outcome is not None and outcome.bug is not None and outcome.bug.kind in UNTESTED:
            shown = keep_equal_error(self.session, outcome, repro.schedule, seed=repro.seed, number=repro.canary_number)
            self.error = Reason(shown.summary, shown.detail)
            return ReplayResult.DIVERGED, ""
        if outcome is not None and repro.identity.matches(outcome.leaks, outcome.bug, moved=True):
            if self.shown is None:
                self.shown = outcome
                failing = Failing(repro.schedule, outcome)
                self.unreal, _ = confirm_leak(
                    self.session, repro.identity, failing, seed=repro.seed, number=repro.canary_number
                )
            return ReplayResult.REPRODUCED, ""
        where = diverged_where(outcome)
        if where is None and outcome is not None and (outcome.leaks or outcome.bug):
            return ReplayResult.DIVERGED, f"the schedule now ends in another finding, {_described(outcome)}"
        if where is None and outcome is not None:
            for problem in outcome.problems:  # it may be why nothing was seen
                self.session.note(problem)
        if where is None:
            return ReplayResult.NOT_REPRODUCED, ""
        return ReplayResult.DIVERGED, where or "no execution came out of it"

    def _report(self) -> Report:
        session = self.session
        report = Report(
            scenario=session.spec.title,
            verdict=Verdict.INCONCLUSIVE,
            executions=sum(self.results.values()),
            seconds=session.seconds,
            seed=self.repro.seed,
            strategy="replay",
            interrupted=session.interrupted,
            notes=self._notes(),
        )
        return self._judged(report)

    def _judged(self, report: Report) -> Report:
        again, runs = self.results[ReplayResult.REPRODUCED], sum(self.results.values())
        if self.error is not None:
            return attrs.evolve(report, verdict=Verdict.ERROR, reason=self.error)
        if again and again == runs and self.unreal is not None:
            return attrs.evolve(report, reason=self.unreal)
        if again and again == runs:
            finding = self._finding()
            return attrs.evolve(
                report,
                verdict=finding.verdict,
                finding=finding,
                preemptions=finding.preemptions,
                first_leak_execution=1 if finding.leaks else None,
            )
        if again:
            what = f"Reproduced {again} of {runs} times: the {self.session.target.name} is nondeterministic"
            what += f"; it diverged at: {self.where}." if self.where else "."
            return attrs.evolve(report, reason=Reason(what, self.session.target.advice.where_to_look))
        if self.results[ReplayResult.DIVERGED]:
            remedy = "The program is not the one that was recorded; run the scenario again to search it anew."
            return attrs.evolve(report, reason=Reason(f"Diverged: {self.where}.", remedy))
        if self.session.interrupted or not runs:
            return attrs.evolve(report, reason=Reason("Interrupted before the first run had ended.", "Run it again."))
        if self.session.fatal is not None:
            problem = self.session.fatal
            return attrs.evolve(report, reason=Reason(f"{problem.kind}: {problem.what}", problem.remedy))
        verdict, record = certificate.replayed(self.session, self.repro, runs)
        return attrs.evolve(report, verdict=verdict, certificate=record)

    def _finding(self) -> Finding:
        repro, outcome = self.repro, self.shown
        assert outcome is not None
        finding = Finding(
            scenario=self.session.spec.title,
            verdict=repro.identity.verdict,
            schedule=repro.schedule,
            execution=1,
            canary_number=repro.canary_number,
            seed=repro.seed,
            kind=repro.kind,
            label=self.label or label_of(outcome) or repro.label,
            leaks=repro.identity.own(outcome.leaks),
            bug=None if outcome.leaks else outcome.bug,
            preemptions=outcome.preemptions,
            switches=outcome.switches,
            steps=tuple(outcome.trace),
            shrunk=True,
            repro=self.path,
            item=repro.item,
            program=self.session.spec.pytest if repro.item else command("redactfuzz"),
        )
        finding = equal_part(self.session, finding, outcome.canaries)
        return attrs.evolve(finding, cause=self._cause(finding))

    def _cause(self, finding: Finding) -> str:
        """As it was recorded, with the whole window, unless lines have moved since: the table shows those of today."""
        recorded = self.repro.cause
        return recorded if recorded and still_quotes(recorded, finding.steps) else cause(finding, self._ahead())

    def _ahead(self) -> Step | None:
        """What would have come next, had the last deviation not struck."""
        repro, outcome = self.repro, self.shown
        if outcome is None or not repro.schedule.deviations:
            return None
        without = attrs.evolve(repro.schedule, deviations=repro.schedule.deviations[:-1])
        base = self.session.once(without, seed=repro.seed, number=repro.canary_number, seconds=60.0, describe=True)
        last = max((step.index for step in outcome.trace if step.deviation), default=-1)
        return next((step for step in base.trace if step.index == last), None) if base is not None else None

    def _notes(self) -> tuple[str, ...]:
        runs = sum(self.results.values())
        notes = [f"{result.value}: {self.results[result]} of {runs}" for result in ReplayResult if self.results[result]]
        if self.moved:
            notes.append(self.moved)
        if self.repro.workload_note:
            notes.append(self.repro.workload_note)
        return tuple(notes)


def _described(outcome: Outcome) -> str:
    if outcome.leaks:
        names = " and ".join(dict.fromkeys(f"'{leak.canary}'" for leak in outcome.leaks))
        return f"a leak of {names}"
    if outcome.bug is None:
        return "one that is not known"
    return f"{outcome.bug.kind}: {outcome.bug.summary.partition(': ')[0]}"  # what follows may quote a secret
