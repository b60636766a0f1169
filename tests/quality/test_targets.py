"""Every vulnerable target leaks as it is meant to, and nothing is found in any fixed or known-good one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from redactfuzz import Report, Verdict, explore
from redactfuzz.model.outcome import LeakKind

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "ci" / "bench"))
import scenarios  # noqa: E402  (beside the benchmarks, which list the same targets)

TRANSIENT, PERMANENT = LeakKind.TRANSIENT, LeakKind.PERMANENT

# What is to be found: the kind, preemptions of the minimal finding at most, and executions until then at most.
LEAKS = {
    "dirty_publish::vulnerable": (PERMANENT, 1, 200),
    "double_buffer::vulnerable": (TRANSIENT, 3, 2000),
    "drain_once::vulnerable": (TRANSIENT, 2, 5000),
    "exception_locals::vulnerable": (TRANSIENT, 1, 50),
    "fail_open::vulnerable": (TRANSIENT, 2, 200),
    "late_renderings::vulnerable": (TRANSIENT, 1, 50),
    "lazy_reference::vulnerable": (TRANSIENT, 1, 50),
    "lost_update::vulnerable": (PERMANENT, 1, 100),
    "moved_page::vulnerable": (PERMANENT, 1, 100),
    "nested_crash::vulnerable": (TRANSIENT, 1, 50),
    "queued_raw::vulnerable": (TRANSIENT, 1, 50),
    "register_after_use::vulnerable": (TRANSIENT, 1, 100),
    "registry_eviction::vulnerable": (PERMANENT, 3, 1000),
    "rotation_forgets::vulnerable": (TRANSIENT, 2, 200),
    "scrub_then_dump::vulnerable": (TRANSIENT, 2, 200),
    "shared_record::vulnerable": (PERMANENT, 2, 500),
    "signal_reentry::vulnerable": (TRANSIENT, 1, 100),
    "sort_window::vulnerable": (TRANSIENT, 1, 50),
    "split_write::vulnerable": (PERMANENT, 1, 200),
    "stale_flag::vulnerable": (PERMANENT, 1, 100),
    "stale_matcher::vulnerable": (PERMANENT, 1, 100),
    "stolen_job::vulnerable": (PERMANENT, 1, 50),
    "stop_timeout::vulnerable": (TRANSIENT, 1, 100),
    "teardown::vulnerable": (PERMANENT, 2, 5000),
    "timeout_fail_open::vulnerable": (PERMANENT, 1, 50),
    "write_skew::vulnerable": (PERMANENT, 1, 100),
    "apache-airflow-task-sdk::lost_update": (PERMANENT, 1, 100),
    "apache-airflow-task-sdk::dirty_publish": (TRANSIENT, 3, 500),
    "loggingredactor::live_dict": (PERMANENT, 1, 100),
    "sentry-sdk::fail_open": (PERMANENT, 1, 2000),
    "sentry-sdk::scrub_then_serialize": (PERMANENT, 1, 200),
    "stdlib-logging::raising_formatter": (PERMANENT, 1, 500),
    "stdlib-logging::queued_record": (TRANSIENT, 1, 100),
    "storm0558::retired_key": (TRANSIENT, 2, 1500),
    "storm0558::unregistered_key": (TRANSIENT, 2, 1500),
    "storm0558::export_gate": (PERMANENT, 2, 500),
}

SHIPPED = {f"{path.parent.name}::{name}": (path, name) for path, name in scenarios.everything()}
FIXED = sorted(title for title in SHIPPED if not scenarios.vulnerable("/".join(SHIPPED[title][0].parts) + "::" + title))


def run(title: str, **limits: float) -> Report:
    return explore(scenarios.load(*SHIPPED[title]), seed=1, **limits)


def test_the_table_names_every_vulnerable_target() -> None:
    assert set(LEAKS) == set(SHIPPED) - set(FIXED)
    assert len(FIXED) > len(LEAKS)


@pytest.mark.parametrize("title", sorted(LEAKS))
def test_the_leak_is_found_within_its_budget_and_shrinks(
    title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    kind, preemptions, executions = LEAKS[title]
    report = run(title, executions=5000, seconds=300)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert report.finding.kind is kind
    assert report.finding.preemptions <= preemptions
    assert report.first_leak_execution is not None
    assert report.first_leak_execution <= executions
    assert Path(report.finding.repro).is_file()
    assert report.finding.cause


@pytest.mark.parametrize("title", FIXED)
def test_nothing_is_found_in_the_fixed_one_and_its_controls_pass(
    title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = run(title, executions=300, seconds=300)
    assert report.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), report.reason
    assert len(report.controls) == 4
    assert all(control.passed for control in report.controls)
    assert report.executions > 0
