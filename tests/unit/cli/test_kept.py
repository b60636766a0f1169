"""A finding that was shown survives the death of what found it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
import pytest

from redactfuzz.cli.pump import pump
from redactfuzz.cli.supervise import Supervisor
from redactfuzz.cli.worker import Task
from redactfuzz.model.events import CampaignEnded, CampaignEvent, FindingSeen
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.outcome import Leak
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.model.verdict import EXIT_CODES, INTERNAL, Verdict
from redactfuzz.report.outputs import Output

LEAK = Leak("key", "raw", 0, 32, "core", "00")
FOUND = Finding("a.c", Verdict.LEAK, Schedule(Granularity.CALLS), 56, 1, 0, leaks=(LEAK,), repro=".redactfuzz/a.json")
BUG = attrs.evolve(FOUND, verdict=Verdict.BUG, leaks=(), execution=3, repro=".redactfuzz/b.json")
PASSED = Report("a.c", Verdict.NO_LEAK_FOUND)
UNLESS = "Unless the scenario itself ends its process"


@attrs.define
class Shown:
    """What came of it."""

    reports: list[Report] = attrs.field(factory=list)

    def handle(self, event: CampaignEvent) -> None:
        if isinstance(event, CampaignEnded):
            self.reports.append(event.report)

    def close(self) -> None:
        pass


def supervised(work: Callable[[Output, bool], None]) -> tuple[Report, int]:
    """The one report of a step that sends events and dies, or comes to its end, and its exit status."""

    def task(output: Output, isolated: bool) -> int:
        work(output, isolated)
        return EXIT_CODES[PASSED.verdict]

    @contextmanager
    def job() -> Iterator[list[Task]]:
        yield [Task("a.c", task)]

    shown = Shown()
    codes = list(Supervisor(shown, sys.stderr).run("a.c", job))
    (report,), (code,) = shown.reports, codes
    return report, code


def dies() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_was_found_before_the_process_died_twice_is_reported_with_its_file() -> None:
    def finds_and_dies(output: Output, isolated: bool) -> None:
        for finding in (BUG, FOUND):
            output.handle(FindingSeen(finding))
        dies()

    report, code = supervised(finds_and_dies)
    assert (report.verdict, report.finding, report.others, code) == (Verdict.LEAK, FOUND, (), 1)
    assert "was killed by SIGKILL after execution 56;" in report.notes[0]
    assert "replay them" in report.notes[0]


@pytest.mark.parametrize("first", [False, True])
def test_what_the_first_of_both_processes_found_is_not_lost(first: bool) -> None:
    def finds_once(output: Output, isolated: bool) -> None:
        if isolated is not first:
            output.handle(FindingSeen(FOUND))
        dies()

    report, code = supervised(finds_once)
    assert (report.verdict, report.finding, code) == (Verdict.LEAK, FOUND, 1)


def test_a_death_that_found_nothing_accuses_nobody() -> None:
    report, code = supervised(lambda output, isolated: dies())
    assert (report.verdict, report.finding, code) == (Verdict.INCONCLUSIVE, None, 5)
    assert report.reason is not None
    assert report.reason.remedy.startswith(UNLESS)


def test_a_pass_after_a_death_names_what_was_found_before() -> None:
    def finds_and_dies_once(output: Output, isolated: bool) -> None:
        if not isolated:
            output.handle(FindingSeen(FOUND))
            dies()
        output.handle(CampaignEnded(PASSED))

    report, code = supervised(finds_and_dies_once)
    assert (report.verdict, code) == (Verdict.INCONCLUSIVE, 5)
    assert report.reason is not None
    assert report.reason.remedy.endswith(FOUND.replay_command)


def test_an_error_of_ours_hides_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redactfuzz.report.internal.report", lambda error, what: "an internal error.")

    def finds_and_fails() -> Iterator[CampaignEvent]:
        yield FindingSeen(FOUND)
        raise LookupError("of ours")

    shown = Shown()
    result = pump("a.c", finds_and_fails, shown)
    assert (result.code, result.report.verdict, result.report.finding) == (INTERNAL, Verdict.LEAK, FOUND)
    assert result.report.notes[0].startswith("an internal error.")
