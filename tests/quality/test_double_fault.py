"""A second crash inside the handler of the first is a kind of its own, looked for after all that needs one crash."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from redactfuzz import Race, Report, Verdict, explore
from redactfuzz.model.outcome import LeakKind
from redactfuzz.model.schedule import Action


def reporter(race: Race, *, gated: bool = False, late: bool = False, crashes: int = 2) -> None:
    """A handler that tells who comes second what it has; ``late``: for a while the redactor does not know the key."""
    key = race.canary("key").text
    report, known, gate = [""], [] if late else [key], threading.Lock()

    def scrub(text: str) -> str:
        for each in known:
            text = text.replace(each, "[key]")
        return text

    redact = race.redactor(scrub)

    def crashed() -> str | None:
        if gated and not gate.acquire(blocking=False):
            return None
        if report[0]:
            return report[0]
        report[0] = f"signing with {key}"
        report[0] = redact(report[0])
        return report[0]

    def start() -> None:
        len("first")
        if late:
            known.append(key)

    race.thread(start)
    for _ in range(crashes):
        race.crash(crashed)


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def explored(body: Callable[..., None], executions: int = 600, **given: bool | int) -> Report:
    def scenario(race: Race) -> None:
        body(race, **given)

    return explore(scenario, seed=1, executions=executions, seconds=60.0)


def test_a_leak_that_needs_a_second_crash_is_a_double_fault() -> None:
    report = explored(reporter)
    assert report.verdict is Verdict.LEAK, report.reason
    finding = report.finding
    assert finding is not None
    assert finding.kind is LeakKind.DOUBLE_FAULT
    assert finding.schedule.double
    assert "a double fault" in finding.cause
    assert sum(step.action is Action.CRASH for step in finding.steps) == 2


def test_nothing_is_found_where_who_comes_second_reports_nothing() -> None:
    report = explored(reporter, gated=True)
    assert report.verdict.passed, report.reason
    assert report.certificate is not None
    assert any("a second crash in the handler of the first" in line for line in report.certificate.covered)


def test_what_needs_one_crash_is_told_first_and_with_one() -> None:
    report = explored(reporter, late=True)
    finding = report.finding
    assert finding is not None
    assert finding.kind is not LeakKind.DOUBLE_FAULT
    assert not finding.schedule.double
    assert sum(step.action is Action.CRASH for step in finding.steps) == 1


def test_with_one_crash_there_is_no_double_fault() -> None:
    report = explored(reporter, crashes=1)
    assert report.verdict.passed, report.reason
    assert report.certificate is not None
    assert not any("second crash" in line for line in report.certificate.covered)


def hidden(race: Race, *, leaks: bool) -> None:
    """Two threads that take two locks in the wrong order: a deadlock; in few schedules the key is shown as well."""
    key = race.canary("key").text
    first, second = threading.Lock(), threading.Lock()
    redact = race.redactor(lambda text: "[key]")
    shown, at = [redact(key)], [0]

    def one() -> None:
        with first, second:
            pass

    def other() -> None:
        with second, first:
            pass

    def climb(odd: int) -> None:
        for rung in range(odd, 6, 2):
            len("up")
            if at[0] == rung:
                at[0] += 1
        if at[0] == 6 and leaks:
            shown.append(key)

    for call in (one, other, partial(climb, 0), partial(climb, 1)):
        race.thread(call)
    race.crash(lambda: " ".join(shown))


@pytest.mark.parametrize(("leaks", "verdict"), [(True, Verdict.LEAK), (False, Verdict.BUG)])
def test_a_bug_does_not_hide_a_leak_that_is_met_later(leaks: bool, verdict: Verdict) -> None:
    report = explored(hidden, 3_000, leaks=leaks)
    assert report.verdict is verdict, report.reason
    if leaks:
        assert any("deadlock" in note for note in report.notes), "the bug is told as well"
        assert report.first_leak_execution is not None
        assert report.first_leak_execution > 300, "so long after the bug that a tenth of the budget would not do"


def test_of_a_double_fault_the_sentence_counts_the_crashes() -> None:
    finding = explored(reporter).finding
    assert finding is not None
    assert "second crash struck" in finding.cause
