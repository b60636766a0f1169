"""One clock for all of a campaign: what follows a finding has an allowance, and what it cut short is said."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import campaign_programs as programs
import pytest
from campaign_model import Program, oracle
from test_campaign_floor import Clock, slow

from redactfuzz.campaign.face.run import Campaign, last_report
from redactfuzz.campaign.face.scenario import ScenarioSpec
from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.search import whole
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.search.variations import Variations
from redactfuzz.campaign.session.deadline import ALLOWANCE, LEAST_PATIENCE, PATIENCE, Deadline
from redactfuzz.campaign.session.fresh import Fresh
from redactfuzz.campaign.session.spec import PACE, UNBOUNDED, Options, Settings, resolve
from redactfuzz.campaign.session.state import Session
from redactfuzz.campaign.targets.program import ProgramTarget
from redactfuzz.model.events import BatchEnded
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Counters, Plan
from redactfuzz.model.schedule import Schedule
from redactfuzz.model.verdict import Verdict

ONCE = 14
"""Executions at most that are run whatever time it is: the floor of each batch, a finding's confirmation, its steps."""
SHRINKING = "shrinking ended by the time limit"


class Hands:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("spent", "given", "allowance"), [(2.0, None, ALLOWANCE), (90.0, None, 30.0), (90.0, 5.0, 5.0), (2.0, 50.0, 50.0)]
)
def test_what_follows_the_search_has_ten_seconds_or_a_third_of_it_or_what_is_given(
    spent: float, given: float | None, allowance: float
) -> None:
    clock = Hands()
    deadline = Deadline(100.0, clock, given)
    assert deadline.left == 100.0
    assert deadline.patience == max(PATIENCE * 100.0, LEAST_PATIENCE)
    clock.now += spent
    assert (deadline.spent, deadline.left) == (spent, 100.0 - spent)
    deadline.follow()
    assert deadline.left == deadline.patience == allowance
    clock.now += 1_000.0
    assert deadline.left == 0.0


def test_a_search_that_was_patient_leaves_the_whole_allowance() -> None:
    clock = Hands()
    deadline = Deadline(12.0, clock)
    clock.now += 25.0
    assert deadline.left == 0.0
    assert deadline.patience == 48.0 - 25.0
    deadline.follow()
    assert deadline.left == ALLOWANCE


@pytest.mark.parametrize("each", [0.4, 2.0])
@pytest.mark.parametrize("program", [programs.VULNERABLE, programs.LOST_UPDATE], ids=["torn", "lost"])
def test_a_finding_of_slow_executions_is_told_when_the_allowance_is_over(
    tmp_path: Path, program: Program, each: float
) -> None:
    report, runtime = slow(program, tmp_path, each, strategy="surw", seconds=30.0, shrink_seconds=15.0)
    assert report.verdict is Verdict.LEAK
    assert report.finding is not None
    assert Path(report.finding.repro).exists()
    assert [what for what, _ in report.after] == ["confirming", "shrinking", "explaining"]
    after = sum(seconds for _, seconds in report.after)
    assert 0.0 < after <= max(ALLOWANCE, (runtime.now - after) / 3) + ONCE * each
    assert runtime.now <= 30.0 + ALLOWANCE + ONCE * each
    again = [plan for plan in runtime.plans if plan.schedule == report.finding.schedule]
    assert len(again) >= 2, "confirmed"


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> list[Schedule]:
    """What is run where the scenario has never run: in another process, which has a clock of its own."""
    ran, once = list[Schedule](), Fresh.once

    def counted(self: Fresh, schedule: Schedule, **how: Any) -> Outcome | None:
        ran.append(schedule)
        return once(self, schedule, **how)

    monkeypatch.setattr(Fresh, "once", counted)
    return ran


@pytest.mark.parametrize(("allowed", "most"), [(1.0, 1), (50.0, 6), (300.0, 31)])
def test_each_execution_asks_for_the_time_that_is_left_and_none_but_the_confirmation_overruns_it(
    tmp_path: Path, fresh: list[Schedule], allowed: float, most: int
) -> None:
    each = 10.0
    options: dict[str, Any] = {"strategy": "surw", "seconds": 900.0, "shrink_seconds": 60.0, "after_seconds": allowed}
    report, _ = slow(programs.TWO_PREEMPTIONS, tmp_path, each, **options)
    assert report.verdict is Verdict.LEAK
    assert report.finding is not None
    assert len(fresh) == 1, "confirmed"
    assert each <= sum(seconds for _, seconds in report.after) <= most * each
    assert Path(report.finding.repro).exists()
    assert report.finding.cause
    assert SHRINKING in report.notes


class Interrupted(Clock):
    """Ctrl-C in the first execution that describes what was found."""

    def explore(self, plan: Any, budget: Any) -> Any:
        if plan.schedule is None:
            yield from super().explore(plan, budget)
            return
        self.plans.append(plan)
        yield BatchEnded(Counters(), exhausted=False, interrupted=True)


@pytest.mark.parametrize("kind", [Interrupted, Clock])
def test_after_ctrl_c_no_execution_is_begun(tmp_path: Path, kind: type[Clock]) -> None:
    runtime, spec = kind(0.01), ScenarioSpec("toy", "toy.py", programs.VULNERABLE)
    limits = resolve(Options(executions=5_000, seconds=30.0, strategy="surw"), spec.settings)
    session = Session(spec, limits, runtime, Store(tmp_path), oracle(), clock=runtime.clock)
    report = last_report(Campaign(session).events())
    assert report.finding is not None
    assert report.interrupted is (kind is Interrupted)
    single = [plan for plan in runtime.plans if plan.schedule is not None]
    assert (len(single) == 1) is (kind is Interrupted)


def test_what_the_time_cut_short_is_said_and_what_came_to_its_own_end_is_not(tmp_path: Path) -> None:
    def of(each: float, shrink_seconds: float) -> Report:
        options = {"strategy": "surw", "seconds": 12.0, "shrink_seconds": shrink_seconds}
        return slow(programs.TWO_PREEMPTIONS, tmp_path, each, **options)[0]

    cut, whole, none = of(0.5, 15.0), of(0.001, 15.0), of(0.001, 0.0)
    assert [report.verdict for report in (cut, whole, none)] == [Verdict.LEAK] * 3
    assert SHRINKING in cut.notes
    assert not any("time limit" in note for report in (whole, none) for note in report.notes)


def test_with_after_0_nothing_but_the_confirmation_follows_and_the_finding_is_told(
    tmp_path: Path, fresh: list[Schedule]
) -> None:
    report, _ = slow(programs.TWO_PREEMPTIONS, tmp_path, 0.001, strategy="surw", after_seconds=0.0)
    whole, _ = slow(programs.TWO_PREEMPTIONS, tmp_path, 0.001, strategy="surw", shrink_seconds=15.0)
    assert report.verdict is whole.verdict is Verdict.LEAK
    assert report.finding is not None
    assert whole.finding is not None
    assert [what for what, _ in report.after] == ["confirming"]
    assert [what for what, _ in whole.after] == ["confirming", "shrinking", "explaining"]
    assert not report.finding.shrunk
    assert report.finding.kind is not None
    assert report.finding.switches >= whole.finding.switches
    assert report.finding.steps
    assert report.finding.cause
    assert len(fresh) == 2, "each was confirmed once"
    assert Path(report.finding.repro).exists()


def test_controls_and_search_share_the_seconds(tmp_path: Path) -> None:
    """The twin of the floor's tests: where nothing is owed, the search is over when its seconds are."""
    report, runtime = slow(programs.FIXED, tmp_path, 0.02, seconds=12.0, shrink_seconds=15.0, executions=100_000)
    assert report.verdict.passed
    assert runtime.now <= 12.0 + 1.0


@pytest.mark.parametrize(
    ("given", "program", "all_of_them"),
    [
        ({"seconds": 60.0}, True, True),
        ({"seconds": 60.0, "executions": 500}, True, False),
        ({}, True, False),
        ({"seconds": 60.0}, False, False),
    ],
)
def test_a_program_uses_all_seconds_that_are_given_unless_executions_are(
    given: dict[str, Any], program: bool, all_of_them: bool
) -> None:
    limits = resolve(Options(**given), Settings(), ProgramTarget.pace if program else PACE)
    rest = Exploration(cast(Session, SimpleNamespace(limits=limits))).rest
    assert (rest == UNBOUNDED) is all_of_them
    assert rest >= min(limits.executions, 500)


# -- the search of a whole space

LEFT = 50.0
"""Seconds: at ten microseconds for each execution four million fit into the four fifths that count."""


def with_time_left() -> Any:
    session = SimpleNamespace(deadline=SimpleNamespace(left=LEFT), limits=SimpleNamespace(part=None))
    return SimpleNamespace(seconds=2.0, executions=200_000, session=session)


def begun(estimate: float, *, truncated: bool = False) -> Any:
    return SimpleNamespace(report=SimpleNamespace(estimate=estimate, truncated=truncated))


@pytest.mark.parametrize(
    ("estimate", "tried"),
    [(3_000_000.0, True), (8_365_458.0, True), (3_900_000_000.0, True), (4_100_000_000.0, False), (0.0, False)],
)
def test_a_tree_is_tried_up_to_a_thousand_times_what_there_is_time_for(estimate: float, tried: bool) -> None:
    assert whole.is_worth_a_try(with_time_left(), begun(estimate)) is tried


def test_a_search_that_had_no_room_is_not_tried_again() -> None:
    assert not whole.is_worth_a_try(with_time_left(), begun(3_000_000.0, truncated=True))


class Timed(Clock):
    """It keeps when each batch began, and how many executions it had."""

    def __init__(self, each: float) -> None:
        super().__init__(each)
        self.batches: list[tuple[Plan, float, int]] = []

    def explore(self, plan: Any, budget: Any) -> Any:
        began, before = self.now, self.runs
        try:
            yield from super().explore(plan, budget)
        finally:
            self.batches.append((plan, began, self.runs - before))


def test_a_second_crash_has_its_part_though_the_time_is_what_ends_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A night gives seconds: there the executions that were kept for what comes last never had their turn."""
    monkeypatch.setattr(Variations, "_possible", lambda _: iter(("double",)))
    runtime, spec = Timed(0.01), ScenarioSpec("toy", "toy.py", programs.FIXED)
    options = Options(executions=10_000_000, seconds=30.0, shrink_seconds=1.0, strategy="pos")
    session = Session(spec, resolve(options, spec.settings), runtime, Store(tmp_path), oracle(), clock=runtime.clock)
    assert last_report(Campaign(session).events()).verdict.passed
    double = [(began, ran) for plan, began, ran in runtime.batches if any(stage.double for stage in plan.stages)]
    assert double
    assert all(began < 30.0 for began, _ in double)
    assert sum(ran for _, ran in double) >= 200
    assert runtime.now <= 30.0 + ALLOWANCE


def test_a_search_that_begins_anew_has_a_third_of_its_seconds_at_least() -> None:
    clock = Hands()
    deadline = Deadline(90.0, clock)
    clock.now += 20.0
    deadline.again()
    assert deadline.left == 70.0
    clock.now += 60.0
    deadline.again()
    assert deadline.left == 30.0
    clock.now += 500.0
    deadline.again()
    assert deadline.left == 30.0


def test_slow_executions_that_show_a_canary_in_no_order_are_vacuous_and_not_inconclusive(tmp_path: Path) -> None:
    report, _ = slow(programs.NEVER_SHOWN, tmp_path, 6.0, seconds=30.0)
    assert report.verdict is Verdict.VACUOUS
    assert report.reason is not None
    assert "no dump ever showed 'spare'" in report.reason.what


@pytest.mark.parametrize(("each", "told"), [(2.0, 1), (0.1, 0)])
@pytest.mark.parametrize("program", [programs.VULNERABLE, programs.FIXED], ids=["leaky", "right"])
def test_an_execution_that_takes_seconds_is_told_as_such(
    tmp_path: Path, program: Program, each: float, told: int
) -> None:
    report, _ = slow(program, tmp_path, each, strategy="surw", seconds=30.0)
    notes = [note for note in report.notes if note.startswith("an execution took 2.")]
    assert len(notes) == told
    assert all("--focus" in note for note in notes)
