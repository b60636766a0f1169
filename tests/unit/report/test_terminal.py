"""Progress: a live line on a terminal, a line now and then elsewhere, never on stdout."""

from __future__ import annotations

import io
import json
import threading

import pytest

from redactfuzz.model.events import CampaignEnded, CampaignProgress, CampaignStarted
from redactfuzz.model.finding import Report
from redactfuzz.model.plan import Counters
from redactfuzz.model.verdict import Reason, Verdict
from redactfuzz.report.outputs import OUTPUTS
from redactfuzz.report.terminal import ProgressLine, Terminal

STARTED = CampaignStarted("app.py::rotation", 7, "dev", 5000, 60.0)
PROGRESS = CampaignProgress("app.py::rotation", "exploring", Counters(executions=1200, seconds=3.0, leaks=1))
ENDED = CampaignEnded(Report("app.py::rotation", Verdict.VACUOUS, Reason("No redactor was declared.", "Declare one.")))


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_progress_is_a_line_every_thirty_seconds() -> None:
    now = [0.0]
    err = io.StringIO()
    line = ProgressLine(err, lambda: now[0])
    line.handle(STARTED)
    for now[0] in (1.0, 29.0, 30.0, 31.0, 59.0, 60.5):
        line.handle(PROGRESS)
    said = "app.py::rotation: exploring, 1,200 of 5,000 executions in 3 s (400/s), 1 leak"
    assert err.getvalue().splitlines() == [said] * 2


def test_the_live_line_starts_no_thread_that_a_dump_could_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")  # a dumb terminal has no live line
    err = Screen()
    line = ProgressLine(err)
    line.handle(STARTED)
    before = threading.active_count()
    line.handle(PROGRESS)
    assert threading.active_count() == before
    assert "1,200 of 5,000" in err.getvalue()
    line.close()


def test_the_report_goes_to_stdout_and_progress_does_not() -> None:
    out, err = io.StringIO(), Screen()
    terminal = Terminal(out, err)
    for event in (STARTED, PROGRESS, ENDED):
        terminal.handle(event)
    terminal.close()
    assert "No redactor was declared." in out.getvalue()
    assert "exploring" not in out.getvalue()
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("columns", ["0", "000", "1"])
def test_the_report_is_there_however_narrow_the_terminal_is(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    out = io.StringIO()
    Terminal(out, io.StringIO()).handle(ENDED)
    assert "No redactor was declared." in " ".join(out.getvalue().split())


def test_json_is_one_line_a_scenario_whatever_the_verdict() -> None:
    out = io.StringIO()
    output = OUTPUTS["json"](out, io.StringIO())
    for event in (STARTED, PROGRESS, ENDED, ENDED):
        output.handle(event)
    records = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [record["verdict"] for record in records] == ["VACUOUS", "VACUOUS"]
    assert records[0]["reason"] == "No redactor was declared. Declare one."
