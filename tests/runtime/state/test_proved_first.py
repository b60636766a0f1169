"""Where one execution leaves something for the next, first executions of a process make a proof."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from redactfuzz import Race, explore
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Certificate, Verdict


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are kept in a folder of the test."""
    monkeypatch.chdir(tmp_path)


@functools.cache
def made_once() -> object:
    """What an agent's client is: made at its first use, and kept."""
    return object()


LEFT: list[int] = []
"""How often a scenario has run in this process."""


def agent(race: Race, shows: Callable[[], bool], looks: int) -> None:
    """Two threads of one record, which is masked in one step; ``shows``: whether the secret is there in between."""
    made_once()
    shown = shows()
    key = race.canary("key").text
    record = {"line": ""}
    mask = race.redactor(lambda text: text.replace(key, "[key]"))

    def sends() -> None:
        for _ in range(looks):
            time.monotonic()
        if shown:
            record["line"] = key
        record["line"] = mask(key)

    race.thread(sends)
    race.crash(lambda: dict(record))


def report_of(shows: Callable[[], bool], looks: int = 0) -> Report:
    return explore(lambda race: agent(race, shows, looks), strategy="dpor", seconds=60.0, seed=1)


def certificate_of(report: Report) -> Certificate:
    assert report.verdict is Verdict.PROVED, report.reason
    assert report.certificate is not None
    return report.certificate


def test_the_right_twin_is_proved_and_the_certificate_says_how() -> None:
    """It looks at a clock twice, so a machine stalls in it in three ways."""
    made_once.cache_clear()
    certificate = certificate_of(report_of(bool, looks=2))
    cold = [line for line in certificate.covered if line.startswith("one") and "each the first of a process" in line]
    assert all(": all" in line for line in cold)
    assert len(cold) == 3
    assert any(line.endswith("is of executions that are each the first of a process") for line in certificate.notes)


def first() -> bool:
    LEFT.append(1)
    return len(LEFT) == 1


def test_a_leak_that_only_the_first_execution_of_a_process_has_is_found() -> None:
    LEFT.clear()
    made_once.cache_clear()
    assert report_of(first).verdict is Verdict.LEAK


def test_without_time_for_them_it_is_no_proof_and_the_problem_is_told() -> None:
    made_once.cache_clear()
    report = explore(lambda race: agent(race, bool, 0), executions=20, seed=1)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert report.certificate is not None
    assert any("few were the first of a process" in note for note in report.certificate.notes)
    assert any("state carried over" in line for line in report.certificate.obstacles)


STATE = {"left": 0}
"""What an execution leaves only where one thread comes between two steps of the other."""


def rarely(race: Race, shown: int) -> None:
    """``shown``: what is there for a step. 0: the secret, unless an execution has left something; 1: nothing."""
    key = race.canary("key").text
    record = {"line": "", "open": 0}
    mask = race.redactor(lambda text: text.replace(key, "[key]"))

    def sends() -> None:
        record["line"] = (key, "", "")[STATE["left"] + shown]
        record["line"] = mask(key)
        record["open"] = 1
        mask("")
        record["open"] = 0

    def watches() -> None:
        if record["open"]:
            STATE["left"] = 1

    race.thread(sends)
    race.thread(watches)
    race.crash(lambda: record["line"], by="watchdog")


@pytest.mark.parametrize(("shown", "verdict"), [(0, Verdict.LEAK), (1, Verdict.PROVED)])
def test_what_only_some_schedules_leave_is_asked_for_once_more_after_the_search(shown: int, verdict: Verdict) -> None:
    """The sequential orders leave nothing; later nothing leaks any more, but in the first execution of a process."""
    STATE["left"] = 0
    report = explore(lambda race: rarely(race, shown), strategy="dpor", seconds=60.0, seed=1)
    assert report.verdict is verdict, report.reason
    if verdict is Verdict.PROVED:
        assert STATE["left"] == 1
        notes = certificate_of(report).notes
        assert any(line.endswith("is of executions that are each the first of a process") for line in notes)
