"""Debuggers, coverage tools and other tools of the process live on beside a campaign; what they cannot see is said."""

from __future__ import annotations

import bdb
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from driving import bounded, run

from redactfuzz import Race, Report, Verdict, explore

NUMBERS = range(6)
MONITORED = sys.version_info >= (3, 12)


def leaky(race: Race) -> None:
    token = race.canary("token").text
    lines: list[str] = []
    race.redactor(lambda text: text)
    race.thread(lines.append, token)
    race.crash(lambda: repr(lines))


def explored() -> Report:
    return explore(leaky, seed=1, executions=50)


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@contextmanager
def taken(*wanted: int) -> Iterator[None]:
    """Other tools hold these numbers of sys.monitoring, those that hold some already included."""
    held = [] if not MONITORED else [number for number in wanted if sys.monitoring.get_tool(number) is None]
    for number in held:
        sys.monitoring.use_tool_id(number, f"tool-{number}")
    try:
        yield
    finally:
        for number in held:
            sys.monitoring.free_tool_id(number)


@pytest.mark.parametrize("free", NUMBERS)
def test_any_one_free_number_of_sys_monitoring_is_enough(free: int) -> None:
    with taken(*(number for number in NUMBERS if number != free)):
        assert explored().verdict is Verdict.LEAK


def in_use(number: int) -> bool:
    """Whether nobody else can have it; who has it is not told where that is us."""
    try:
        sys.monitoring.use_tool_id(number, "asking")
    except ValueError:
        return True
    sys.monitoring.free_tool_id(number)
    return False


def test_a_free_number_that_is_meant_for_nobody_is_taken_first() -> None:
    seen: list[list[int]] = []

    for others in ((), (3,), (3, 4), (3, 4, 5)):
        with taken(*others):
            free = [number for number in NUMBERS if MONITORED and not in_use(number)]
            found: list[int] = []
            run(lambda race, free=free, found=found: found.extend(number for number in free if in_use(number)))
            seen.append(sorted(set(found)))
    assert seen == ([[3], [4], [5], [2]] if MONITORED else [[]] * 4)  # 3.11 has no such numbers


def test_no_free_number_is_an_error_that_names_the_tools_and_the_remedy() -> None:
    with taken(*NUMBERS):
        report = explored()
    assert explored().verdict is Verdict.LEAK  # nothing is left behind
    if not MONITORED:  # there is nothing to run out of
        assert report.verdict is Verdict.LEAK
        return
    assert report.verdict is Verdict.ERROR
    assert report.executions == 0
    assert report.reason is not None
    assert all(f"tool-{number} ({number})" in report.reason.what for number in (3, 4))
    assert "sys.monitoring has no free tool number" in report.reason.what
    assert "End one of these tools" in report.reason.remedy


def test_a_campaign_inside_a_scenario_is_an_error_that_says_so() -> None:
    inner: list[Report] = []
    run(lambda race: inner.append(explored()))
    (report,) = inner
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert report.reason.what == "A campaign is running in this process already."
    assert report.reason.remedy.startswith("Run one after the other")
    assert explored().verdict is Verdict.LEAK


def traced() -> int:
    one = 1
    return one + 1


class Debugger(bdb.Bdb):
    """Counts the lines of `traced` at which it could stop."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = 0

    def user_line(self, frame: FrameType) -> None:
        self.lines += frame.f_code is traced.__code__


def test_a_debugger_lives_on_and_the_campaign_says_where_it_does_not_stop() -> None:
    debugger, before = Debugger(), sys.gettrace()
    debugger.reset()
    sys.settrace(debugger.trace_dispatch)
    try:
        report = explored()
        inside = debugger.lines
        tracer = sys.gettrace()
        traced()
    finally:
        sys.settrace(before)
    assert report.verdict is Verdict.LEAK
    assert any("a debugger's breakpoints do not stop the threads of scenarios" in note for note in report.notes)
    assert inside == 0
    assert tracer == debugger.trace_dispatch
    assert debugger.lines == 2


def test_without_such_a_tool_nothing_is_said() -> None:
    before = sys.gettrace()
    sys.settrace(None)
    try:
        assert not explored().notes
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5] if MONITORED else [None])
def test_a_tool_that_counts_lines_goes_on_counting(number: int | None) -> None:
    """As coverage.py does: through sys.monitoring, and on 3.11 by a trace function."""
    counted: list[int] = []
    if number is None:
        before = sys.gettrace()

        def tracer(frame: FrameType, event: str, arg: object) -> Any:
            if event == "line" and frame.f_code is traced.__code__:
                counted.append(frame.f_lineno)
            return tracer

        sys.settrace(tracer)
        try:
            run(lambda race: race.thread(traced), bounded(1))
            traced()
        finally:
            sys.settrace(before)
        assert len(counted) == 2
        return

    def line(code: CodeType, at: int) -> object:
        if code is traced.__code__:
            counted.append(at)
            return None
        return sys.monitoring.DISABLE

    if sys.monitoring.get_tool(number) is not None:
        sys.monitoring.free_tool_id(number)
    sys.monitoring.use_tool_id(number, "lines")
    sys.monitoring.register_callback(number, sys.monitoring.events.LINE, line)
    sys.monitoring.set_events(number, sys.monitoring.events.LINE)
    try:
        ran = run(lambda race: race.thread(traced), bounded(1))
        inside = len(counted)
        traced()
        assert sys.monitoring.get_events(number) == sys.monitoring.events.LINE
        assert sys.monitoring.get_tool(number) == "lines"
    finally:
        sys.monitoring.set_events(number, 0)
        sys.monitoring.free_tool_id(number)
    assert not ran.bugs
    assert inside >= 2
    assert len(counted) == inside + 2
