"""Every verdict and every control, both ways, over toy programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import campaign_programs as programs
import pytest
from campaign_model import Fails, ModelRuntime, Op, Program, oracle

from redactfuzz.campaign import Options, ScenarioSpec, last_report
from redactfuzz.campaign.face.run import run
from redactfuzz.campaign.search.after_bug import AFTER_BUG, after_bug
from redactfuzz.campaign.session.spec import Settings, resolve
from redactfuzz.model.events import BatchEnded, CampaignEnded, CampaignStarted, FindingSeen, RuntimeEvent
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import BugKind, LeakKind, Problem, ProblemKind
from redactfuzz.model.plan import Budget, Plan
from redactfuzz.model.verdict import Verdict

HERE = Path(__file__)


def campaign(program: Program, folder: Path, runtime: ModelRuntime | None = None, **options: Any) -> list[Any]:
    spec = ScenarioSpec("toy", str(HERE), program)
    chosen = Options(**{"profile": "ci", "repro_dir": folder, **options})
    return list(run(spec, chosen, runtime or ModelRuntime(), oracle=oracle()))


def judged(program: Program, folder: Path, runtime: ModelRuntime | None = None, **options: Any) -> Report:
    return last_report(iter(campaign(program, folder, runtime, **options)))


def test_a_campaign_starts_and_ends_with_its_events(tmp_path: Path) -> None:
    events = campaign(programs.VULNERABLE, tmp_path)
    assert isinstance(events[0], CampaignStarted)
    assert [type(e) for e in events].count(CampaignEnded) == 1
    assert isinstance(events[-1], CampaignEnded)


def test_a_finding_is_told_and_on_disk_before_it_is_shrunk(tmp_path: Path) -> None:
    seen = 0
    spec = ScenarioSpec("toy", str(HERE), programs.VULNERABLE)
    for event in run(spec, Options(profile="ci", repro_dir=tmp_path), ModelRuntime(), oracle=oracle()):
        if isinstance(event, FindingSeen):
            seen += 1
            assert not event.finding.shrunk
            assert event.finding.steps
            assert Path(event.finding.repro).exists()
    assert seen == 1


def test_the_one_window_is_found_and_shrunk_to_one_preemption(tmp_path: Path) -> None:
    report = judged(programs.VULNERABLE, tmp_path)
    assert (report.verdict, report.preemptions) == (Verdict.LEAK, 1)
    finding = report.finding
    assert finding is not None
    assert (finding.kind, len(finding.schedule.deviations), finding.shrunk) == (LeakKind.TRANSIENT, 1, True)
    assert [leak.canary for leak in finding.leaks] == ["key"]
    assert report.first_leak_execution == finding.execution <= report.executions
    assert "self.clean = True" in finding.cause
    assert "not yet model.py:3 (`self.key = None`)" in finding.cause
    assert len(list(tmp_path.glob("*.rfz.json"))) == 1, "the file of the unshrunk finding is replaced"


def test_the_fixed_twin_passes_with_all_four_controls(tmp_path: Path) -> None:
    report = judged(programs.FIXED, tmp_path)
    assert report.verdict is Verdict.PROVED  # the model goes through all of it in place of a reduction
    assert len(report.controls) == 4
    assert all(control.passed for control in report.controls)
    assert report.certificate is not None
    assert not list(tmp_path.glob("*.rfz.json"))


def test_a_small_scenario_is_proved(tmp_path: Path) -> None:
    report = judged(programs.TINY, tmp_path)
    assert report.verdict is Verdict.PROVED
    assert report.certificate is not None
    assert (report.certificate.preemptions, report.certificate.granularity) == (None, "switches")


@pytest.mark.parametrize(("granularity", "verdict"), [("switches", Verdict.PROVED), ("calls", Verdict.NO_LEAK_FOUND)])
def test_a_bound_of_the_users_is_proved_only_at_switches_or_finer(
    tmp_path: Path, granularity: str, verdict: Verdict
) -> None:
    report = judged(programs.FIXED, tmp_path, preemptions=1, granularity=granularity)
    assert (report.verdict, report.preemptions) == (verdict, 1)


def test_an_opaque_call_rules_out_a_proof_and_is_listed(tmp_path: Path) -> None:
    opaque = Problem(ProblemKind.OPAQUE, "zlib.compress", "work", fatal=False)
    report = judged(programs.TINY, tmp_path, ModelRuntime(noticed=opaque))
    assert report.verdict is Verdict.NO_LEAK_FOUND
    assert report.certificate is not None
    assert report.certificate.opaque == ("zlib.compress at work",)


def test_a_leak_in_every_order_is_a_plain_bug(tmp_path: Path) -> None:
    report = judged(programs.SEQUENTIAL, tmp_path)
    assert report.verdict is Verdict.LEAK
    assert report.finding is not None
    assert (report.finding.kind, report.preemptions) == (LeakKind.SEQUENTIAL, 0)
    assert "a plain bug, not a race" in report.finding.cause
    assert not next(control for control in report.controls if control.name == "sequential").passed


def test_a_lost_update_is_permanent(tmp_path: Path) -> None:
    report = judged(programs.LOST_UPDATE, tmp_path)
    assert report.finding is not None
    assert (report.finding.kind, report.preemptions) == (LeakKind.PERMANENT, 1)
    assert "even after every thread had finished" in report.finding.cause


def test_a_scenario_without_a_crash_leaks_permanently(tmp_path: Path) -> None:
    threads = {**programs.VULNERABLE.threads, "log": (Op(programs.report, "log()"),)}
    report = judged(attrs.evolve(programs.VULNERABLE, threads=threads, crash=()), tmp_path)
    assert report.verdict is Verdict.LEAK
    assert report.finding is not None
    assert report.finding.kind is LeakKind.PERMANENT


def test_two_preemptions_are_found_where_two_are_needed(tmp_path: Path) -> None:
    report = judged(programs.TWO_PREEMPTIONS, tmp_path)
    assert (report.verdict, report.preemptions) == (Verdict.LEAK, 2)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (programs.NO_CANARY, "plants no canary"),
        (programs.NO_REDACTOR, "No redactor is declared"),
        (programs.NEVER_CALLED, "redactor was never called"),
        (programs.NEVER_SHOWN, "was called, but with it bypassed no dump ever showed 'spare'"),
        (programs.NO_DUMP, "No dump was made with the redactor on"),
        (programs.DESTROYS, "witness 'build'"),
    ],
)
def test_a_failed_control_makes_a_pass_vacuous_and_says_what_to_do(tmp_path: Path, program: Program, says: str) -> None:
    report = judged(program, tmp_path)
    assert report.verdict is Verdict.VACUOUS
    assert report.reason is not None
    assert says in report.reason.what
    assert report.reason.remedy
    assert report.executions <= 250, "what cannot pass is not searched to the end"


def test_a_control_that_only_a_race_can_pass_does_not_cut_the_search_short(tmp_path: Path) -> None:
    report = judged(programs.LATE_DUMP, tmp_path)
    assert report.verdict is Verdict.PROVED
    assert report.executions > 250


def test_a_leak_counts_even_where_a_control_failed(tmp_path: Path) -> None:
    program = attrs.evolve(programs.VULNERABLE, canaries=("key", "spare"), redactors=0)
    assert judged(program, tmp_path).verdict is Verdict.LEAK


def test_a_crash_handler_that_raises_is_a_bug(tmp_path: Path) -> None:
    report = judged(programs.HANDLER_RAISES, tmp_path)
    assert report.verdict is Verdict.BUG
    assert report.finding is not None
    assert report.finding.bug is not None
    assert report.finding.bug.kind is BugKind.HANDLER
    assert report.preemptions == 1


def test_a_leak_is_preferred_to_a_bug_that_came_first(tmp_path: Path) -> None:
    events = campaign(programs.BUG_THEN_LEAK, tmp_path)
    report = last_report(iter(events))
    assert report.verdict is Verdict.LEAK
    assert [e.finding.verdict for e in events if isinstance(e, FindingSeen)] == [Verdict.BUG, Verdict.LEAK]
    assert any("also seen" in note and "half clean" in note for note in report.notes)


@pytest.mark.parametrize("kind", [BugKind.SPIN, BugKind.DIED, BugKind.EXCEPTION])
@pytest.mark.parametrize("late", [True, False])
def test_a_bug_of_any_kind_leaves_the_search_for_a_leak_its_budget(tmp_path: Path, kind: BugKind, late: bool) -> None:
    """By number, since no schedule of a program that small comes late."""

    def fails(s: Any) -> None:
        if not s.redact() or (late and s.number > 300):
            s.emit("key")
        else:
            s.emit()
            raise Fails(kind)

    report = judged(programs.program("clean", "key", crash=(Op(fails, "report()"),)), tmp_path, executions=450)
    assert report.finding is not None
    if late:
        assert report.verdict is Verdict.LEAK, report.reason
        assert report.first_leak_execution is not None
        assert report.first_leak_execution > 100, "so long after the bug that a tenth of the budget would not do"
        assert any(f"also seen, at execution 1: {kind}" in note for note in report.notes)
    else:
        assert report.verdict is Verdict.BUG
        assert report.executions > 400, report.executions


def test_a_search_without_an_end_comes_to_tell_of_its_bug() -> None:
    nightly = resolve(Options(profile="nightly"), Settings())
    assert after_bug(nightly, nightly.executions) == 1_000
    assert after_bug(attrs.evolve(nightly, seconds=60.0), nightly.executions) == nightly.executions
    assert after_bug(attrs.evolve(nightly, executions=10), 3) == AFTER_BUG


def test_the_death_of_an_execution_that_leaks_is_told_beside_the_leak(tmp_path: Path) -> None:
    def dies(s: Any) -> None:
        s.redact()
        s.emit("key")
        raise Fails(BugKind.DIED)

    report = judged(programs.program("clean", "key", crash=(Op(dies, "report()"),)), tmp_path)
    assert report.verdict is Verdict.LEAK
    assert any("also seen, at execution 1: process died" in note for note in report.notes)


def test_a_deadlock_is_a_bug(tmp_path: Path) -> None:
    report = judged(programs.DEADLOCK, tmp_path)
    assert report.verdict is Verdict.BUG
    assert report.finding is not None
    assert report.finding.bug is not None
    assert report.finding.bug.kind is BugKind.DEADLOCK
    assert report.executions > 120, "the search goes on for a leak, which says more"


def test_a_scenario_that_raises_is_at_fault_itself(tmp_path: Path) -> None:
    report = judged(programs.BROKEN, tmp_path)
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert "no such file" in report.reason.what


def test_a_nondeterministic_scenario_is_inconclusive_and_says_where_it_diverged(tmp_path: Path) -> None:
    report = judged(programs.NONDETERMINISTIC, tmp_path)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "at step 1, thread" in report.reason.what
    assert "model.py:1" in report.reason.what


def test_where_a_rare_divergence_lies_is_looked_for_afterwards(tmp_path: Path) -> None:
    def rarely(s: Any) -> None:
        programs.started(s)
        s.flaky = s.run > 60 and s.run % 2 == 0

    noticed = Problem(ProblemKind.NONDETERMINISM, "the scenario is not deterministic", remedy="Seed it.")
    report = judged(attrs.evolve(programs.NONDETERMINISTIC, init=rarely), tmp_path, ModelRuntime(noticed=noticed))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "at step 1, thread" in report.reason.what


def test_a_divergence_whose_place_is_not_found_is_told_as_it_was_noticed(tmp_path: Path) -> None:
    noticed = Problem(ProblemKind.NONDETERMINISM, "the second run had other steps", remedy="Seed it.")
    report = judged(programs.TINY, tmp_path, ModelRuntime(noticed=noticed))
    assert report.reason is not None
    assert report.reason.what == "Nondeterminism: the second run had other steps."
    assert report.reason.remedy == "Seed it."


def test_a_finding_that_does_not_replay_is_inconclusive(tmp_path: Path) -> None:
    programs.SEEN[0] = 0
    report = judged(programs.UNCONFIRMED, tmp_path)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "could not be confirmed" in report.reason.what
    assert list(tmp_path.glob("*.rfz.json")), "nothing is lost"


def test_a_trace_that_depends_on_the_secret_pins_the_canaries(tmp_path: Path) -> None:
    runtime = ModelRuntime()
    report = judged(programs.DEPENDS_ON_SECRET, tmp_path, runtime)
    assert report.verdict is Verdict.NO_LEAK_FOUND
    assert report.certificate is not None
    assert any("depends on the bytes of the canaries" in note for note in report.certificate.notes)
    assert runtime.plans[-1].canary_number is not None


@pytest.mark.parametrize(
    ("program", "verdict"), [(programs.TINY, Verdict.INCONCLUSIVE), (programs.VULNERABLE, Verdict.LEAK)]
)
def test_what_is_not_controlled_is_inconclusive_unless_it_leaks(
    tmp_path: Path, program: Program, verdict: Verdict
) -> None:
    fork = Problem(ProblemKind.FORK, "thread 'work' started a fork", remedy="Leave it out.")
    report = judged(program, tmp_path, ModelRuntime(noticed=fork))
    assert report.verdict is verdict
    if verdict is Verdict.INCONCLUSIVE:
        assert report.reason is not None
        assert (report.reason.what, report.reason.remedy) == ("Thread 'work' started a fork.", "Leave it out.")


class OutOfRoom(ModelRuntime):
    """What is left of each tree found no room: its end is not the end of the space."""

    def explore(self, plan: Plan, budget: Budget) -> Iterator[RuntimeEvent]:
        for event in super().explore(plan, budget):
            if isinstance(event, BatchEnded):
                stages = tuple(attrs.evolve(each, truncated=True) for each in event.counters.stages)
                yield attrs.evolve(event, counters=attrs.evolve(event.counters, stages=stages))
            else:
                yield event


@pytest.mark.parametrize("strategy", ["default", "exhaustive", "dpor"])
def test_a_tree_that_found_no_room_is_no_proof(tmp_path: Path, strategy: str) -> None:
    assert judged(programs.FIXED, tmp_path, strategy=strategy).verdict is Verdict.PROVED
    report = judged(programs.FIXED, tmp_path, OutOfRoom(), strategy=strategy)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert report.certificate is not None
    assert any("room" in line for line in report.certificate.obstacles)


@pytest.mark.parametrize("after", [1, 4, 40])
def test_ctrl_c_ends_with_what_is_known(tmp_path: Path, after: int) -> None:
    report = judged(programs.FIXED, tmp_path, ModelRuntime(interrupt_after=after))
    assert (report.verdict, report.interrupted) == (Verdict.INCONCLUSIVE, True)
    assert report.reason is not None


def test_ctrl_c_after_a_finding_keeps_it(tmp_path: Path) -> None:
    spec = ScenarioSpec("toy", str(HERE), programs.VULNERABLE)
    runtime = ModelRuntime()
    report = None
    for event in run(spec, Options(profile="ci", repro_dir=tmp_path), runtime, oracle=oracle()):
        if isinstance(event, FindingSeen):
            runtime.interrupt_after = 0
        if isinstance(event, CampaignEnded):
            report = event.report
    assert report is not None
    assert (report.verdict, report.interrupted) == (Verdict.LEAK, True)
    assert report.finding is not None
    assert Path(report.finding.repro).exists()


def test_a_budget_that_ends_before_the_sequential_orders_is_no_pass(tmp_path: Path) -> None:
    report = judged(programs.FIXED, tmp_path, executions=1)
    assert report.verdict is Verdict.INCONCLUSIVE


def test_every_batch_is_closed(tmp_path: Path) -> None:
    for program in (programs.VULNERABLE, programs.FIXED, programs.HANDLER_RAISES, programs.NO_DUMP):
        runtime = ModelRuntime()
        judged(program, tmp_path, runtime)
        assert runtime.open == 0


def test_the_same_seed_gives_the_same_report(tmp_path: Path) -> None:
    one, two = (judged(programs.FIXED, tmp_path, seed=7) for _ in range(2))
    assert attrs.evolve(one, seconds=0, certificate=None) == attrs.evolve(two, seconds=0, certificate=None)
    assert one.certificate is not None
    assert two.certificate is not None
    assert one.certificate.covered == two.certificate.covered


def test_numbers_of_canaries_are_never_used_by_two_explorations(tmp_path: Path) -> None:
    numbers: list[int] = []
    watched = attrs.evolve(programs.FIXED, init=lambda s: (programs.started(s), numbers.append(s.number)))
    judged(watched, tmp_path)
    # The control that compares runs a number twice: two schedules, each once more. A reduction goes by one number.
    times = Counter(numbers)
    assert sum(count == 2 for count in times.values()) == 2
    assert sum(count > 2 for count in times.values()) <= 1


def test_executions_count_explorations_alone(tmp_path: Path) -> None:
    report = judged(programs.FIXED, tmp_path, executions=300)
    assert report.executions == 300
