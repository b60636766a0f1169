"""Every vulnerable target leaks as it is meant to, and nothing is found in any fixed or known-good one.

The same options are used for both twins: a fixed one is searched at least twice as far as its vulnerable twin needs.
"""

from __future__ import annotations

import functools
import sys
import threading
from pathlib import Path
from typing import Any

import attrs
import pytest
import twins

from redactfuzz import Report, Verdict
from redactfuzz.campaign.face.run import last_report
from redactfuzz.campaign.face.run import run as campaign
from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.campaign.session.runtime import default_runtime
from redactfuzz.campaign.session.spec import Options
from redactfuzz.model.finding import Finding
from redactfuzz.model.outcome import LeakKind
from redactfuzz.model.schedule import Action, Granularity
from redactfuzz.model.verdict import Label

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "ci" / "bench"))
from shared import scenarios  # noqa: E402  (beside the benchmarks, which list the same targets)

TRANSIENT, PERMANENT, DOUBLE_FAULT = LeakKind.TRANSIENT, LeakKind.PERMANENT, LeakKind.DOUBLE_FAULT
REACHABLE, FINER = Label.REACHABLE, Label.FINER

# What is to be found: the kind, preemptions of the minimal finding exactly, executions until then at most (twice the
# most that 3.11, 3.12 and 3.13 need, and never less than 20), and whether this interpreter can really switch there.
LEAKS = {
    "dirty_publish::vulnerable": (PERMANENT, 1, 100, REACHABLE),
    "double_buffer::vulnerable": (TRANSIENT, 3, 320, FINER),
    "drain_once::vulnerable": (TRANSIENT, 2, 5200, REACHABLE),
    "exception_locals::vulnerable": (TRANSIENT, 1, 20, REACHABLE),
    "fail_open::vulnerable": (TRANSIENT, 2, 80, REACHABLE),
    "late_renderings::vulnerable": (TRANSIENT, 1, 26, REACHABLE),
    "lazy_reference::vulnerable": (TRANSIENT, 1, 20, REACHABLE),
    "lost_update::vulnerable": (PERMANENT, 1, 50, REACHABLE),
    "moved_page::vulnerable": (PERMANENT, 1, 22, REACHABLE),
    "nested_crash::vulnerable": (DOUBLE_FAULT, 1, 500, REACHABLE),
    "protect_after_fill::vulnerable": (TRANSIENT, 1, 26, REACHABLE),
    "queued_raw::vulnerable": (TRANSIENT, 1, 20, REACHABLE),
    "register_after_use::vulnerable": (TRANSIENT, 1, 34, REACHABLE),
    "registry_eviction::vulnerable": (PERMANENT, 2, 650, REACHABLE),
    "rotation_forgets::vulnerable": (TRANSIENT, 2, 100, REACHABLE),
    "scrub_then_dump::vulnerable": (TRANSIENT, 2, 86, REACHABLE),
    "shared_record::vulnerable": (PERMANENT, 2, 300, REACHABLE),
    "signal_reentry::vulnerable": (TRANSIENT, 1, 26, REACHABLE),
    "sort_window::vulnerable": (TRANSIENT, 1, 20, REACHABLE),
    "split_write::vulnerable": (PERMANENT, 1, 166, REACHABLE),
    "stale_flag::vulnerable": (PERMANENT, 1, 20, REACHABLE),
    "stale_matcher::vulnerable": (PERMANENT, 1, 22, REACHABLE),
    "stale_region_list::vulnerable": (PERMANENT, 1, 22, REACHABLE),
    "stolen_job::vulnerable": (PERMANENT, 1, 20, REACHABLE),
    "stop_timeout::vulnerable": (TRANSIENT, 1, 26, REACHABLE),
    "teardown::vulnerable": (PERMANENT, 2, 3800, REACHABLE),
    "timeout_fail_open::vulnerable": (PERMANENT, 0, 20, REACHABLE),
    "torn_copy::vulnerable": (PERMANENT, 1, 84, REACHABLE),
    "unprotect_before_wipe::vulnerable": (TRANSIENT, 1, 68, REACHABLE),
    "write_skew::vulnerable": (PERMANENT, 1, 36, REACHABLE),
    "apache-airflow-task-sdk::lost_update": (PERMANENT, 1, 22, REACHABLE),
    "apache-airflow-task-sdk::dirty_publish": (TRANSIENT, 2, 140, REACHABLE),
    "loggingredactor::live_dict": (PERMANENT, 1, 20, REACHABLE),
    "sentry-sdk::fail_open": (PERMANENT, 1, 900, REACHABLE),
    "sentry-sdk::scrub_then_serialize": (PERMANENT, 1, 20, REACHABLE),
    "stdlib-logging::raising_formatter": (PERMANENT, 1, 206, REACHABLE),
    "stdlib-logging::queued_record": (TRANSIENT, 1, 20, REACHABLE),
    "storm0558::retired_key": (TRANSIENT, 2, 590, REACHABLE),
    "storm0558::unregistered_key": (TRANSIENT, 2, 710, REACHABLE),
    "storm0558::export_gate": (PERMANENT, 2, 82, REACHABLE),
    "access_log::unlogged_read": (TRANSIENT, 1, 60, REACHABLE),
    "gate::appended": (PERMANENT, 1, 20, REACHABLE),
    "gate::renamed": (PERMANENT, 1, 20, REACHABLE),
    "gate::replaced": (PERMANENT, 1, 20, REACHABLE),
    "gate::open_writer": (PERMANENT, 1, 20, REACHABLE),
    "gate::cut_off": (PERMANENT, 1, 20, REACHABLE),
    "gate::two_gates": (PERMANENT, 1, 60, REACHABLE),
}

SHIPPED = {f"{path.parent.name}::{name}": (path, name) for path, name in scenarios.everything()}
FIXED = sorted(title for title in SHIPPED if not scenarios.vulnerable("/".join(SHIPPED[title][0].parts) + "::" + title))
KNOWN_GOOD = {
    "elastic-apm::headers_copied": "sentry-sdk::scrub_then_serialize",
    "elastic-apm::event_dropped_on_error": "sentry-sdk::fail_open",
}
"""What has no vulnerable twin, and the target of which it is the right way."""
PYTHON = sorted(title for title in LEAKS if SHIPPED[title][0].parent.parent.name == "python")

NO_DUMP_IN_ORDER = {"storm0558::export_gate"}
"""Nothing leaves at all when one thread runs after the other: the gate comes too early, or finds the key."""

REAL_CORES = {"protect_after_fill", "stale_region_list", "torn_copy", "unprotect_before_wipe"}
"""Each execution writes a core of the whole process: see test_core_targets.py, where that process is a small one."""
HERE = sorted(title for title in LEAKS if title.partition("::")[0] not in REAL_CORES)
FIXED_HERE = [title for title in FIXED if title.partition("::")[0] not in REAL_CORES]

FIX_LINES = 11
"""The fix of a target takes at most so many lines, those that go and those that come."""
SHRINK_SECONDS = {
    # Each run is in a fresh process, where a real package begins anew: on a busy machine it needs more patience.
    "apache-airflow-task-sdk::dirty_publish": 20.0,
    # Found as small as it is; the schedules of a real package that shrinking tries would fill any time.
    "apache-airflow-task-sdk::lost_update": 0.0,
    "sentry-sdk::scrub_then_serialize": 0.0,
}
"""Where shrinking is given other than ``SHRINK`` seconds, of which counts of executions follow."""
SHRINK = 10.0


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(title: str, executions: int, shrink_seconds: float = 0.0, **more: Any) -> Report:
    options = Options(seed=1, executions=executions, seconds=300.0, shrink_seconds=shrink_seconds)
    spec = spec_of(scenarios.load(*SHIPPED[title]))
    return last_report(campaign(spec, attrs.evolve(options, **more), default_runtime()))


def budget(title: str) -> int:
    """Executions for both twins: twice the stated limit of the vulnerable one, and at least 300."""
    return max(300, 2 * LEAKS[title][2])


def vulnerable_of(fixed: str) -> str:
    """The vulnerable twin of a target that is not, or what stands for it."""
    folder, _, name = fixed.partition("::")
    twin = twins.vulnerable_twin(name)
    return KNOWN_GOOD[fixed] if twin is None else f"{folder}::{twin}"


@functools.cache
def searched(title: str) -> Report:
    """A vulnerable target with its finding made small: once, for all that is asked about it."""
    report = run(title, budget(title), SHRINK_SECONDS.get(title, SHRINK))
    assert report.finding is None or Path(report.finding.repro).is_file()
    return report


def found(title: str) -> Finding:
    report = searched(title)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    return report.finding


def test_the_table_names_every_vulnerable_target() -> None:
    assert set(LEAKS) == set(SHIPPED) - set(FIXED)
    assert {vulnerable_of(title) for title in FIXED} == set(LEAKS)


@pytest.mark.parametrize("title", HERE)
def test_the_leak_is_found_within_its_budget_and_shrinks(title: str) -> None:
    kind, preemptions, executions, label = LEAKS[title]
    finding, report = found(title), searched(title)
    assert finding.kind is kind
    assert finding.preemptions == preemptions
    assert finding.label is label
    assert report.first_leak_execution is not None
    assert report.first_leak_execution <= executions
    assert finding.cause


@pytest.mark.parametrize("title", FIXED_HERE)
def test_nothing_is_found_in_the_fixed_one_at_twice_what_its_twin_may_take_under_the_same_options(title: str) -> None:
    """That its twin leaks within that is the test above."""
    twin = vulnerable_of(title)
    report = run(title, budget(twin) + 100)  # of which the floor under a pass may keep some
    assert report.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), report.reason
    assert len(report.controls) == 4
    assert all(control.passed for control in report.controls)
    assert report.verdict is Verdict.PROVED or report.executions >= 2 * LEAKS[twin][2]


@pytest.mark.once
@pytest.mark.parametrize(
    "title", [pytest.param(one, marks=pytest.mark.wide) if one.startswith("sentry-sdk") else one for one in HERE]
)
def test_one_after_the_other_the_threads_of_a_target_leak_only_where_no_preemption_is_needed(title: str) -> None:
    report = run(title, 300, strategy="sequential")
    if title in NO_DUMP_IN_ORDER:
        assert report.verdict is Verdict.VACUOUS
        assert report.reason is not None
        assert "No dump was made at all" in report.reason.what
        return
    if LEAKS[title][1] == 0:  # a wait that expires makes another order, without a preemption
        assert report.verdict is Verdict.LEAK
        return
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert report.certificate is not None
    assert report.certificate.covered[0].startswith("sequential orders: all")


@pytest.mark.once
@pytest.mark.parametrize("title", [title for title in HERE if LEAKS[title][1] > 0])
def test_with_one_preemption_fewer_there_is_no_leak(title: str) -> None:
    """Every schedule with fewer preemptions is run: it really needs them all."""
    _, preemptions, _, label = LEAKS[title]
    finest = Granularity.INSTRUCTIONS if label is FINER else Granularity.SWITCHES
    executions = 1_000 if title.startswith("storm0558") else 10_000  # a process each, and few schedules
    report = run(title, executions, preemptions=preemptions - 1, granularity=finest)
    assert report.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), report.reason
    assert report.certificate is not None
    assert report.certificate.preemptions == preemptions - 1  # the bound that was exhausted


def test_at_least_two_targets_need_two_preemptions_each_kind_of_label_is_there_and_every_kind_of_leak() -> None:
    assert sum(LEAKS[title][1] >= 2 for title in PYTHON) >= 2
    assert {LEAKS[title][3] for title in PYTHON} == set(Label) - {Label.UNCONFIRMED}
    assert {LEAKS[title][0] for title in PYTHON} == {TRANSIENT, PERMANENT, DOUBLE_FAULT}


# -- what the table of targets/README.md says


def table() -> dict[str, dict[str, str]]:
    """The rows of targets/README.md by target, each by column."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "targets" / "README.md").read_text("utf-8").splitlines()
        if line.startswith("|")
    ]
    return {row[0].partition("]")[0].lstrip("["): dict(zip(rows[0], row, strict=True)) for row in rows[2:]}


ROWS = table()


def marked(column: str) -> list[str]:
    return sorted(target for target, row in ROWS.items() if row[column])


def test_the_table_in_the_readme_says_what_is_found() -> None:
    told = {f"{name}::vulnerable": (row["kind"], int(row["preemptions"])) for name, row in ROWS.items()}
    assert told == {title: (str(LEAKS[title][0]), LEAKS[title][1]) for title in PYTHON}
    for column in ("timed wait", "Condition", "lock from import"):
        assert len(marked(column)) >= 2


LOCKS = (type(threading.Lock()), type(threading.RLock()))
COUNTS = ("no preemption", "one preemption", "two preemptions", "three preemptions")


@pytest.mark.parametrize("target", sorted(ROWS))
def test_the_readme_of_a_target_agrees_with_the_table(target: str) -> None:
    text = (ROOT / "targets" / "python" / target / "README.md").read_text("utf-8")
    row = ROWS[target]
    (line,) = [line for line in text.splitlines() if line.startswith("Catalogue")]
    assert f"{row['catalogue']}. Crash: {row['crash']}. Minimal finding: {COUNTS[int(row['preemptions'])]}" in line
    assert ("a timed wait that expires" in line) == bool(row["timed wait"])
    assert all(part in text for part in ("**What it is.**", "**What leaks.**", "**The fix.**"))


@pytest.mark.once
@pytest.mark.parametrize("target", sorted(set(ROWS) - REAL_CORES))
def test_only_those_that_are_marked_need_a_timed_wait_that_expires(target: str) -> None:
    finding = found(f"{target}::vulnerable")
    expires = any(deviation.action is Action.EXPIRE for deviation in finding.schedule.deviations)
    assert expires == bool(ROWS[target]["timed wait"])


@pytest.mark.once
@pytest.mark.parametrize("target", marked("timed wait"))
def test_without_its_time_limit_the_wait_leaks_nothing(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin in which the thing is absent: every wait of the module is for ever."""
    wait = threading.Condition.wait
    monkeypatch.setattr(threading.Condition, "wait", lambda condition, timeout=None: wait(condition))
    report = run(f"{target}::vulnerable", budget(f"{target}::vulnerable"))
    assert report.verdict is not Verdict.LEAK
    assert report.executions >= 20


@pytest.mark.once
@pytest.mark.parametrize("target", marked("Condition"))
def test_its_threads_wait_in_a_condition(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []
    wait = threading.Condition.wait

    def counted(condition: threading.Condition, timeout: float | None = None) -> bool:
        waits.append(1)
        return wait(condition, timeout)

    monkeypatch.setattr(threading.Condition, "wait", counted)
    run(f"{target}::vulnerable", 50, isolation="none")
    assert waits


@pytest.mark.once
@pytest.mark.parametrize("target", sorted(ROWS))
def test_those_that_are_marked_hold_a_lock_that_their_module_made(target: str) -> None:
    """And without it they leak in another way, or take it for nothing: see the diff of the twins."""
    module = sys.modules[scenarios.load(*SHIPPED[f"{target}::vulnerable"]).__module__]
    locks = [name for name, value in vars(module).items() if isinstance(value, LOCKS)]
    assert bool(locks) == bool(ROWS[target]["lock from import"])


@pytest.mark.once
@pytest.mark.parametrize("target", marked("lock from import"))
def test_a_lock_that_was_there_before_is_taken_on_the_way_to_the_leak(target: str) -> None:
    finding = found(f"{target}::vulnerable")
    assert any("_LOCK" in step.source for step in finding.steps)


# -- the twins


def test_every_fixed_target_has_a_twin_or_is_known_good() -> None:
    assert sorted(KNOWN_GOOD) == [title for title in FIXED if twins.vulnerable_twin(SHIPPED[title][1]) is None]


@pytest.mark.parametrize("title", [title for title in FIXED if title not in KNOWN_GOOD])
def test_twins_differ_by_the_fix_alone(title: str) -> None:
    path, fixed = SHIPPED[title]
    vulnerable = twins.vulnerable_twin(fixed)
    assert vulnerable is not None
    difference = twins.difference(path, vulnerable, fixed)
    assert len(difference.stages) == 2, "the stages differ in the one line that names what is under test"
    assert 1 <= len(difference.fix) <= FIX_LINES, difference.fix


TWINS = '''
class Base:
    def __init__(self): self.secrets = []

class Vulnerable(Base):
    """Scrubs."""
    def scrub(self, text): return text

class Fixed(Base):
    """Scrubs, better."""
    def scrub(self, text): {fix}

def vulnerable(race):
    """Leaks."""
    stage(race, Vulnerable)

def fixed(race):
    """Does not."""
    stage(race, {kind}){more}
'''


@pytest.mark.parametrize(
    ("fix", "kind", "more", "stages", "lines"),
    [
        ("return mask(text)", "Fixed", "", 2, 2),
        ("return text", "Fixed", "", 2, 0),
        ("return mask(text)", "Vulnerable", "", 0, 0),
        ("return mask(text)", "Fixed", "\n    race.witness('x')", 3, 2),
    ],
    ids=["the fix", "no fix", "the same class", "another stage"],
)
def test_the_comparison_of_twins_sees_what_differs(
    tmp_path: Path, fix: str, kind: str, more: str, stages: int, lines: int
) -> None:
    file = tmp_path / "scenario.py"
    file.write_text(TWINS.format(fix=fix, kind=kind, more=more))
    difference = twins.difference(file, "vulnerable", "fixed")
    assert (len(difference.stages), len(difference.fix)) == (stages, lines)
