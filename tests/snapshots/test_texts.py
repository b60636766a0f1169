"""The exact texts that a user reads. ``UPDATE_SNAPSHOTS=1 pytest tests/snapshots`` writes them anew; read the diff."""

from __future__ import annotations

import json
import os
from pathlib import Path

import attrs
import pytest
import sample_reports as sample

from redactfuzz.model.finding import Report
from redactfuzz.model.measured import Remaining
from redactfuzz.model.verdict import Verdict
from redactfuzz.report.certificate import tail, whole
from redactfuzz.report.explanation import seen
from redactfuzz.report.json_lines import json_line
from redactfuzz.report.junit import properties
from redactfuzz.report.likelihood import likelihood, said
from redactfuzz.report.lines import ELLIPSIS, cells, plain

FOLDER = Path(__file__).parent / "texts"
REPORTS = {
    "leak": sample.LEAKED,
    "long": sample.LONG,
    "crowd": sample.CROWD,
    "deadlock": sample.DEADLOCK,
    "raised": sample.RAISED,
    "certificate": sample.CERTIFIED,
    "unproved": sample.UNPROVED,
    "vacuous": sample.VACUOUS,
    "error": sample.BROKEN,
}


def check(name: str, text: str) -> None:
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text, "utf-8")
    assert path.exists(), f"{path.name} is not there: run with UPDATE_SNAPSHOTS=1 and read what it writes"
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("name", REPORTS)
def test_the_text_of_a_report_is_what_was_agreed(name: str, width: int) -> None:
    check(f"{name}-{width}", plain(whole(REPORTS[name], width)))


@pytest.mark.parametrize("width", [80, 100])
def test_the_text_of_what_was_measured_is_what_was_agreed(width: int) -> None:
    check(f"measured-{width}", plain(likelihood(sample.MEASURED, width)))


def remaining(*window: str) -> str:
    measured = attrs.evolve(sample.MEASURED, remaining=Remaining(161, 159, window))
    return dict(said(measured))["Without this window"]


def test_what_needs_no_race_has_no_window_to_leave_out_and_a_thread_that_has_not_begun_is_named() -> None:
    assert remaining() == (
        "no other finding in 161 executions. 159 executions that showed it did not count: it needs no race, so that "
        "there is no window to leave out."
    )
    assert "through the beginning of 'wiper' or m:f did not count." in remaining("<start>:wiper", "m:f")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_of_what_was_measured_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(cells, plain(likelihood(sample.MEASURED, width)).splitlines())) <= width


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_no_line_but_those_to_copy_is_wider_than_the_terminal(name: str, width: int) -> None:
    report = REPORTS[name]
    lines = plain(whole(report, width)).splitlines()[1:]
    verbatim = (report.reason.remedy if report.reason else "") + (
        report.finding.bug.detail if report.finding and report.finding.bug else ""
    )
    too_wide = [
        line
        for line in lines
        if cells(line) > width and "redactfuzz replay" not in line and line.strip() not in verbatim
    ]
    assert not too_wide


@pytest.mark.parametrize("name", REPORTS)
def test_a_wider_terminal_never_shows_less(name: str) -> None:
    cuts = [plain(whole(REPORTS[name], width)).count(ELLIPSIS) for width in range(40, 121, 10)]
    assert cuts == sorted(cuts, reverse=True)
    assert cuts[-1] == cuts[4], "at 80 columns all is shown that is ever shown"


def test_an_address_is_hexadecimal_and_a_place_in_a_file_is_not() -> None:
    finding = sample.LEAKED.finding
    assert finding is not None
    leak = finding.leaks[0]
    shown = [attrs.evolve(leak, offset=0x7F3100001040, address=0x7F3100001040), attrs.evolve(leak, offset=12345)]
    text = plain(whole(attrs.evolve(sample.LEAKED, finding=attrs.evolve(finding, leaks=tuple(shown))), 100))
    assert "  0x7f3100001040  " in text
    assert "  12,345  " in text
    assert "139," not in text


def test_an_error_says_nothing_of_controls_that_it_broke_off() -> None:
    assert any(not control.passed for control in sample.BROKEN.controls)
    assert "control" not in plain(whole(sample.BROKEN, 100))
    assert "control failed" in plain(whole(attrs.evolve(sample.BROKEN, verdict=Verdict.VACUOUS), 100))


def test_what_the_summary_says_of_each_verdict_is_what_was_agreed() -> None:
    check("summary", "".join(f"{report.verdict}  {tail(report)}\n" for report in REPORTS.values()))


def test_what_is_said_of_a_finding_before_it_is_shrunk_is_what_was_agreed() -> None:
    shown = [sample.FINDING, sample.DEADLOCK.finding]
    check("seen", "".join(plain(seen(finding, 80)) for finding in shown if finding))


@pytest.mark.parametrize("name", REPORTS)
def test_the_json_of_a_report_is_what_was_agreed(name: str) -> None:
    report: Report = REPORTS[name]
    line = json_line(report)
    assert "\n" not in line
    check(f"json/{name}", json.dumps(json.loads(line), indent=1) + "\n")


def test_junit_properties_are_what_was_agreed() -> None:
    shown = [sample.LEAKED, sample.CERTIFIED, sample.UNPROVED, sample.VACUOUS]
    check("junit", "\n".join("\n".join(f"{k}={v}" for k, v in properties(report)) + "\n" for report in shown))


def test_only_a_leak_is_said_to_leak() -> None:
    for report, verb in ((sample.RAISED, "raise"), (sample.LEAKED, "leak")):
        text = plain(whole(report, 100))
        assert f"race window: it {verb}s if the crash strikes from here" in text
        assert f"of 9 moments tried, 2 {verb}." in text
    assert "leak" not in plain(whole(sample.RAISED, 100)).replace("redactfuzz replay", "")
