"""What a pass needs, and what its record says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import campaign_programs as programs
import pytest
from campaign_model import ModelRuntime, Op, Program, oracle
from test_campaign_verdicts import HERE, judged

from redactfuzz.campaign import Options, ScenarioSpec
from redactfuzz.campaign.face.run import Campaign, last_report
from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.session.spec import resolve
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.finding import Report
from redactfuzz.model.plan import Policy
from redactfuzz.model.verdict import Verdict
from redactfuzz.report.certificate import whole
from redactfuzz.report.json_lines import json_line
from redactfuzz.report.lines import plain

OUTSIDE = {"anywhere": ("crash",)}


def test_with_a_crash_that_strikes_anywhere_only_a_search_of_every_instruction_proves(tmp_path: Path) -> None:
    program = attrs.evolve(programs.TINY, **OUTSIDE)
    report = judged(program, tmp_path)
    assert report.verdict is Verdict.PROVED
    assert report.certificate is not None
    assert report.certificate.granularity == "instructions"


@pytest.mark.parametrize(("fields", "verdict"), [(OUTSIDE, Verdict.NO_LEAK_FOUND), ({}, Verdict.PROVED)])
@pytest.mark.parametrize("options", [{}, {"strategy": "exhaustive"}, {"preemptions": 1}], ids=str)
def test_all_of_the_switch_sites_prove_nothing_of_a_crash_that_strikes_between_them(
    tmp_path: Path, fields: dict[str, Any], verdict: Verdict, options: dict[str, Any]
) -> None:
    report = judged(attrs.evolve(programs.TINY, **fields), tmp_path, granularity="switches", **options)
    assert report.verdict is verdict


def _dump(*, allowed: tuple[str, ...]) -> Op:
    return Op(lambda s: s.emit(*(() if s.redact() else ("key",)), allowed=allowed), "report()")


def test_a_canary_that_every_dump_may_hold_makes_a_pass_vacuous(tmp_path: Path) -> None:
    report = judged(attrs.evolve(programs.TINY, crash=(_dump(allowed=("key",)),)), tmp_path)
    assert report.verdict is Verdict.VACUOUS
    assert report.reason is not None
    assert "'key' was allowed in every dump" in report.reason.what
    assert "forbid()" in report.reason.remedy


def test_a_canary_that_one_dump_of_the_search_may_not_hold_is_enough(tmp_path: Path) -> None:
    def dump(s: Any) -> None:
        shown = () if s.redact() else ("key",)
        s.emit(*shown, allowed=("key",) if s.key else ())

    report = judged(attrs.evolve(programs.TINY, crash=(Op(dump, "report()"),)), tmp_path)
    assert report.verdict is Verdict.PROVED


def test_a_dump_that_only_the_bypassed_redactor_lets_through_is_told_from_none_at_all(tmp_path: Path) -> None:
    none = judged(attrs.evolve(programs.NO_DUMP, crash=(Op(lambda s: s.redact() and None, "report()"),)), tmp_path)
    assert none.reason is not None
    assert none.reason.what == "No dump was made at all: the crash handler returned None."
    no_crash = judged(attrs.evolve(programs.NO_DUMP, crash=()), tmp_path)
    assert no_crash.reason is not None
    assert "declares no crash" in no_crash.reason.what
    only_bypassed = judged(programs.NO_DUMP, tmp_path)
    assert only_bypassed.reason is not None
    assert "bypassed, there were some" in only_bypassed.reason.what


THIRDS = 20
"""Steps of each third of a thread's life."""


def _shown_while(s: Any) -> None:
    s.redact()
    third = ("early", "middle", "late")[min(s.at // THIRDS, 2)]
    s.emit(*((third,) if s.bypass else ()))


def _step(s: Any) -> None:
    s.at += 1


LIFE = Program(
    threads={"work": tuple(Op(_step, f"step {n}") for n in range(3 * THIRDS))},
    crash=(Op(_shown_while, "report()"),),
    init=lambda s: setattr(s, "at", 0),
    canaries=("early", "middle", "late"),
)


def test_each_canary_is_looked_for_early_in_the_middle_and_late_with_the_redactor_bypassed(tmp_path: Path) -> None:
    report = judged(LIFE, tmp_path)
    assert report.verdict.passed
    assert "3 of 3 canaries shown" in report.controls[0].detail


def test_a_canary_that_no_moment_shows_is_named_and_the_others_are_not(tmp_path: Path) -> None:
    report = judged(attrs.evolve(LIFE, canaries=(*LIFE.canaries, "never")), tmp_path)
    assert report.verdict is Verdict.VACUOUS
    assert report.reason is not None
    assert "no dump ever showed 'never' either," in report.reason.what


def certified(program: Program, folder: Path, **fields: Any) -> Report:
    spec = ScenarioSpec("toy", str(HERE), program, workload={"size": 7, "names": ["a"]}, **fields)
    limits = resolve(Options(profile="ci", seed=5), spec.settings)
    session = Session(spec, limits, ModelRuntime(), Store(folder), oracle())
    return last_report(Campaign(session).events())


def test_a_certificate_holds_every_field_that_is_promised_in_its_text_and_in_json(tmp_path: Path) -> None:
    report = certified(programs.TINY, tmp_path)
    certificate = report.certificate
    assert certificate is not None
    assert report.verdict is Verdict.PROVED
    text = " ".join(plain(whole(report, 100)).split())
    record = json.loads(json_line(report))["certificate"]
    promised = {
        "bounds": ("granularity", "every schedule at granularity switches"),
        "counts": ("counts", "calls of the redactor"),
        "controls": ("controls", "✓ same schedule, same trace"),
        "build": ("build", certificate.build),
        "interpreter": ("python", f"CPython {certificate.python}"),
        "GIL": ("gil", "with the GIL"),
        "hash seed": ("hash_seed", f"hash seed {certificate.hash_seed}"),
        "inputs": ("inputs", 'size=7, names=["a"], other canaries in each execution'),
        "seed": ("seed", "seed 5"),
        "memory model": ("memory_model", "sequentially consistent"),
        "opaque calls": ("opaque", ""),
        "assumptions": ("assumptions", "gc is off during an execution"),
    }
    for name, (field, shown) in promised.items():
        assert field in record, name
        assert shown in text, name
    assert record["executions"] == report.executions
    assert record["preemptions"] is None
    assert len(record["controls"]) == 4
    for about in ("gc", "time", "random", "hash seed", "one thread at a time"):
        assert any(about in line for line in record["assumptions"])


def test_the_counts_of_a_certificate_are_those_of_the_whole_search(tmp_path: Path) -> None:
    report = certified(programs.TINY, tmp_path)
    assert report.certificate is not None
    assert report.certificate.counts[0] == f"{report.executions:,} dumps", "every execution makes one here"


def test_a_drawn_value_is_cut_where_it_is_long(tmp_path: Path) -> None:
    spec = ScenarioSpec("toy", str(HERE), programs.TINY, workload={"text": "x" * 500})
    limits = resolve(Options(profile="ci"), spec.settings)
    report = last_report(Campaign(Session(spec, limits, ModelRuntime(), Store(tmp_path), oracle())).events())
    assert report.certificate is not None
    assert len(report.certificate.inputs[0]) < 80


@pytest.mark.parametrize("repeats", [("key",), ()])
def test_a_canary_that_comes_again_cannot_be_told_from_one_carried_over_and_the_note_says_so(
    tmp_path: Path, repeats: tuple[str, ...]
) -> None:
    report = judged(attrs.evolve(programs.TINY, repeats=repeats), tmp_path)
    assert report.verdict is Verdict.PROVED
    told = "'key' is the same in other executions: state that carries it over from one could not be noticed"
    assert (told in " ".join(plain(whole(report, 100)).split())) is bool(repeats)


class Slow(ModelRuntime):
    """A second an execution, on a clock of its own; batches keep to their budgets."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def explore(self, plan: Any, budget: Any) -> Any:
        began = self.now
        for event in super().explore(attrs.evolve(plan, every=True), budget):
            self.now += hasattr(event, "outcome")
            yield event
            spent = self.now - began
            if spent >= budget.patience or (spent >= budget.seconds and spent >= budget.least):
                return


@pytest.mark.parametrize("program", [programs.FIXED, programs.VULNERABLE, programs.TWO_PREEMPTIONS, programs.DEADLOCK])
def test_a_campaign_of_slow_executions_ends_when_its_times_are_over(tmp_path: Path, program: Program) -> None:
    runtime, spec = Slow(), ScenarioSpec("toy", str(HERE), program)
    limits = resolve(Options(executions=100_000, seconds=100.0, shrink_seconds=50.0), spec.settings)
    session = Session(spec, limits, runtime, Store(tmp_path), oracle(), clock=runtime.clock)
    last_report(Campaign(session).events())
    # The batches of controls; a label's search; what is done once, whatever the time.
    controls, label, last = 4 * 20 + 6, 20, 30
    assert runtime.runs <= 100 + 50 + controls + label + last


def test_shrinking_stops_when_its_time_is_over_but_keeps_the_finding(tmp_path: Path) -> None:
    runtime, spec = Slow(), ScenarioSpec("toy", str(HERE), programs.TWO_PREEMPTIONS)
    limits = resolve(Options(executions=100_000, seconds=10_000.0, shrink_seconds=0.0), spec.settings)
    session = Session(spec, limits, runtime, Store(tmp_path), oracle(), clock=runtime.clock)
    report = last_report(Campaign(session).events())
    assert report.verdict is Verdict.LEAK
    assert report.finding is not None
    assert Path(report.finding.repro).exists()
    after = [plan for plan in runtime.plans if plan.schedule is not None]
    assert len(after) <= 12, "confirmed, classified, described: nothing is tried any more"
    assert all(stage.policy is not Policy.BOUNDED for plan in runtime.plans[-3:] for stage in plan.stages)
