"""A search that met nothing passes only when it has had its floor, however slow its executions are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import campaign_programs as programs
import pytest
from campaign_model import ModelRuntime, Program, oracle

from redactfuzz.campaign import Options, ScenarioSpec, last_report
from redactfuzz.campaign.face.run import Campaign
from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.search.floor import LEAST, TASTE, Debt, lowest, reserve, served
from redactfuzz.campaign.session.deadline import PATIENCE
from redactfuzz.campaign.session.spec import resolve
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.finding import Report
from redactfuzz.model.plan import Policy, Stage, StageReport
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict
from redactfuzz.schedule import portfolio


@attrs.define
class Limited:
    """A budget that may end before its executions."""

    budget: Any
    executions: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.budget, name)


class Clock(ModelRuntime):
    """Executions of so many seconds each, on a clock of its own; batches keep to their budgets."""

    def __init__(self, each: float) -> None:
        super().__init__()
        self.each, self.now = each, 0.0

    def clock(self) -> float:
        return self.now

    def explore(self, plan: Any, budget: Any) -> Any:
        began, done, limited = self.now, 0, Limited(budget, budget.executions)
        for event in super().explore(attrs.evolve(plan, every=True), limited):
            self.now += self.each * hasattr(event, "outcome")
            done += hasattr(event, "outcome")
            yield event
            spent = self.now - began
            if done and (spent >= budget.patience or (spent >= budget.seconds and done >= budget.least)):
                limited.executions = 0


def slow(program: Program, folder: Path, each: float, **options: Any) -> tuple[Report, Clock]:
    runtime, spec = Clock(each), ScenarioSpec("toy", "toy.py", program)
    limits = resolve(Options(**{"executions": 5_000, "seconds": 3.0, "shrink_seconds": 1.0, **options}), spec.settings)
    session = Session(spec, limits, runtime, Store(folder), oracle(), clock=runtime.clock)
    return last_report(Campaign(session).events()), runtime


def test_a_slow_search_goes_on_until_it_has_had_its_floor(tmp_path: Path) -> None:
    report, _ = slow(programs.FIXED, tmp_path, 0.2)
    assert report.verdict is Verdict.NO_LEAK_FOUND
    assert report.executions >= LEAST
    assert slow(programs.VULNERABLE, tmp_path, 0.2)[0].verdict is Verdict.LEAK


@pytest.mark.parametrize("each", [2.0, 20.0])
def test_a_floor_that_is_out_of_reach_ends_inconclusive_within_a_multiple_of_the_time(
    tmp_path: Path, each: float
) -> None:
    report, runtime = slow(programs.FIXED, tmp_path, each)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "budget ended before" in report.reason.what
    assert "Raise" in report.reason.remedy
    assert "canary" not in report.reason.remedy
    assert runtime.now <= max(PATIENCE * 3.0, 30.0) + 1.0 + 14 * each, "one execution a batch, and it ends"


def test_a_pass_needs_every_schedule_of_one_preemption_and_says_what_helps(tmp_path: Path) -> None:
    long = programs.program(*["key"], *(60 * ["pad"]), "clean")
    report, _ = slow(long, tmp_path, 0.2)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "before every schedule of at most 1 preemption between calls was run" in report.reason.what
    assert "Raise seconds" in report.reason.remedy
    assert slow(long, tmp_path, 0.2, seconds=300.0)[0].verdict.passed
    assert slow(long, tmp_path, 0.2, strategy="pos")[0].verdict.passed, "it was asked for"
    assert slow(long, tmp_path, 0.001, executions=60)[0].verdict.passed, "so many were asked for"


def test_a_user_who_asks_for_no_preemption_gets_none(tmp_path: Path) -> None:
    for options in ({"strategy": "sequential"}, {"preemptions": 0}):
        assert slow(programs.FIXED, tmp_path, 0.0, **options)[0].verdict.passed


def test_the_floor_is_what_displaces_with_the_lowest_bound() -> None:
    stages = portfolio.main(executions=500)
    assert [stage.granularity for stage in lowest(stages)] == list(Granularity)
    assert {stage.bound for stage in lowest(portfolio.main(preemptions=2))} == {2}
    assert lowest(portfolio.main("sequential")) == lowest(portfolio.main(preemptions=0)) == ()
    assert reserve(stages, 5_000) == 3 * TASTE
    assert reserve(stages, 8) == 2


def test_a_stage_is_served_when_it_displaced_a_thread_or_found_none_to_displace() -> None:
    assert not served(None)
    assert not served(StageReport(9, 0.0, False, False))
    assert served(StageReport(9, 0.0, False, False, preempted=1))
    assert served(StageReport(1, 0.0, True, False))


def test_a_debt_says_what_is_missing_and_what_pays_it() -> None:
    stage = Stage(Policy.BOUNDED, Granularity.SWITCHES, share=80, after=3, bound=1)
    debt = Debt((stage,), frozenset({4, 7}), 12)
    assert str(debt) == (
        "12 executions more; one preemption at granularity switches; a preemption of each thread (2 had none)"
    )
    assert [(s.policy, s.after, s.limit) for s in debt.batch] == [
        (Policy.BOUNDED, -1, TASTE),
        (Policy.POS, -1, TASTE),
    ]
    assert not Debt()
