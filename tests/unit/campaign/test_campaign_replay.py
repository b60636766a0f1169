"""A repro file over toy programs: it happens again, it does not, or it says where it diverged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import campaign_programs as programs
import pytest
from campaign_model import ModelRuntime, Program, oracle

from redactfuzz.campaign import Options, ScenarioSpec, last_report, load
from redactfuzz.campaign.face.replay import replay
from redactfuzz.campaign.face.run import run
from redactfuzz.campaign.search.trial import diverged_where
from redactfuzz.model.events import CampaignEnded, Replayed, ReplayResult
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import Outcome, Problem, ProblemKind
from redactfuzz.model.repro import Repro
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Site
from redactfuzz.model.verdict import Verdict

LOOSE = [
    programs.VULNERABLE,
    programs.LOST_UPDATE,
    programs.TWO_PREEMPTIONS,
    programs.HANDLER_RAISES,
    programs.DEADLOCK,
]


def found(program: Program, folder: Path) -> Repro:
    spec = ScenarioSpec("toy", __file__, program)
    report = last_report(run(spec, Options(profile="ci", repro_dir=folder), ModelRuntime(), oracle=oracle()))
    assert report.finding is not None
    return load(Path(report.finding.repro))


def again(repro: Repro, program: Program, times: int = 1) -> tuple[list[Replayed], Report]:
    # A toy program stands where the function is in real life.
    body: Any = program
    events = list(replay(repro, body, ModelRuntime(), times, path="x.rfz.json", oracle=oracle()))
    assert isinstance(events[-1], CampaignEnded)
    return [event for event in events if isinstance(event, Replayed)], events[-1].report


@pytest.mark.parametrize("program", LOOSE)
def test_a_finding_happens_again_100_times_of_100(tmp_path: Path, program: Program) -> None:
    repro = found(program, tmp_path)
    runs, report = again(repro, program, 100)
    assert [run.result for run in runs] == [ReplayResult.REPRODUCED] * 100
    assert report.verdict is repro.identity.verdict
    assert report.finding is not None
    assert report.finding.steps
    assert report.finding.repro == "x.rfz.json"
    assert report.finding.preemptions == repro.preemptions
    assert report.notes == ("REPRODUCED: 100 of 100",)


def test_fixed_code_runs_to_its_end_without_the_finding(tmp_path: Path) -> None:
    fixed = attrs.evolve(
        programs.VULNERABLE,
        crash=tuple(attrs.evolve(op, do=lambda s: (s.redact(), s.emit())) for op in programs.VULNERABLE.crash),
    )
    runs, report = again(found(programs.VULNERABLE, tmp_path), fixed)
    assert [run.result for run in runs] == [ReplayResult.NOT_REPRODUCED]
    assert report.verdict is Verdict.NO_LEAK_FOUND
    assert report.certificate is not None
    assert report.certificate.covered == ("the recorded schedule alone, 1 time",)


def test_changed_code_says_where_it_diverged_and_does_not_pass(tmp_path: Path) -> None:
    repro = found(programs.LOST_UPDATE, tmp_path)
    place = repro.schedule.deviations[0]
    # The thread that went on is not there any more.
    changed = attrs.evolve(programs.LOST_UPDATE, threads={place.thread: programs.LOST_UPDATE.threads[place.thread]})
    runs, report = again(repro, changed)
    assert [run.result for run in runs] == [ReplayResult.DIVERGED]
    assert str(place.site) in runs[0].where
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert str(place.site) in report.reason.what


def test_a_schedule_finer_than_calls_is_looked_for_near_its_places_on_another_interpreter(tmp_path: Path) -> None:
    fine = on_another_interpreter(found(programs.VULNERABLE, tmp_path))
    runs, report = again(fine, programs.VULNERABLE, 5)
    assert [run.result for run in runs] == [ReplayResult.REPRODUCED] * 5
    assert report.verdict is Verdict.LEAK
    assert any("recorded on Python 3.1.4" in note for note in report.notes)


def test_what_is_not_met_near_them_diverged(tmp_path: Path) -> None:
    fixed = attrs.evolve(programs.VULNERABLE, crash=())
    runs, report = again(on_another_interpreter(found(programs.VULNERABLE, tmp_path)), fixed, 5)
    assert [run.result for run in runs] == [ReplayResult.DIVERGED]
    assert "python3.1" in runs[0].where
    assert report.verdict is Verdict.INCONCLUSIVE


def on_another_interpreter(repro: Repro) -> Repro:
    schedule = attrs.evolve(repro.schedule, granularity=Granularity.INSTRUCTIONS, python="3.1")
    return attrs.evolve(repro, schedule=schedule, python="3.1.4")


def test_a_schedule_of_calls_replays_whatever_interpreter_wrote_it(tmp_path: Path) -> None:
    repro = attrs.evolve(found(programs.VULNERABLE, tmp_path), python="3.99.0")
    assert repro.schedule.granularity is Granularity.CALLS
    assert again(repro, programs.VULNERABLE)[1].verdict is Verdict.LEAK


def test_another_canary_is_another_finding(tmp_path: Path) -> None:
    repro = found(programs.VULNERABLE, tmp_path)
    identity = attrs.evolve(
        repro.identity, canaries=tuple(attrs.evolve(shown, canary="other") for shown in repro.identity.canaries)
    )
    runs, _ = again(attrs.evolve(repro, identity=identity), programs.VULNERABLE)
    assert [run.result for run in runs] == [ReplayResult.DIVERGED], "nor is it a pass"
    assert "ends in another finding, a leak of" in runs[0].where


def test_a_scenario_that_raises_is_told_so(tmp_path: Path) -> None:
    runs, report = again(found(programs.VULNERABLE, tmp_path), programs.BROKEN)
    assert runs == []
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert "no such file" in report.reason.what


def test_a_replay_runs_that_schedule_alone(tmp_path: Path) -> None:
    repro = found(programs.VULNERABLE, tmp_path)
    runtime = ModelRuntime()
    spec = ScenarioSpec("toy", __file__, programs.VULNERABLE)
    report = last_report(replay(repro, spec.body, runtime, spec=spec, options=Options(), oracle=oracle()))
    assert (report.verdict, report.executions, runtime.runs) == (Verdict.LEAK, 1, 1)


def test_a_schedule_that_was_written_by_hand_runs(tmp_path: Path) -> None:
    repro = found(programs.VULNERABLE, tmp_path)
    strike = Deviation("scrub", Site("model", "scrub", "+2:0"), 1, Action.CRASH, "crash", "crash")
    by_hand = attrs.evolve(repro, schedule=Schedule(Granularity.CALLS, (strike,)))
    assert again(by_hand, programs.VULNERABLE)[1].verdict is Verdict.LEAK


def test_a_place_that_the_problem_names_is_not_said_twice() -> None:
    def told(what: str) -> str | None:
        return diverged_where(Outcome(0, 0, problems=(Problem(ProblemKind.DIVERGED, what, "a.c:f+1:1"),)))

    assert told("there is no a.c:f+1:1") == "there is no a.c:f+1:1"
    assert told("it waits") == "it waits, at a.c:f+1:1"
