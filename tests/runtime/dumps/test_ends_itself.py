"""Code under test that ends the process: the execution ends in its place, and the schedule is told."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

from redactfuzz import Race, explore
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.verdict import Verdict

ENDINGS: dict[str, Callable[[], Any]] = {
    "os._exit(3)": lambda: os._exit(3),
    "os._exit(4)": lambda: os._exit(status=4),
    "os.abort()": os.abort,
    "os.execv": lambda: os.execl(sys.executable, sys.executable, "-c", ""),
    "os.execve": lambda: os.execvpe(sys.executable, [sys.executable], {}),
}


def between(act: Callable[[], Any]) -> Callable[[Race], None]:
    """A scenario in which ``act`` is called only when the crash of the other thread's work lies in the middle."""

    def body(race: Race) -> None:
        key = race.canary("key")
        scrub = race.redactor(lambda text: text.replace(key.text, "gone"))
        state: dict[str, int] = {}

        def works() -> None:
            state["busy"] = 1
            len("work")
            del state["busy"]

        def looks() -> None:
            if "busy" in state:
                act()

        race.thread(works)
        race.thread(looks)
        race.crash(lambda: scrub(key.text))

    return body


@pytest.mark.parametrize("isolation", ["none", "auto", "process"])
@pytest.mark.parametrize("what", ENDINGS)
def test_code_that_ends_the_process_under_some_schedule_is_a_bug_and_we_live(what: str, isolation: str) -> None:
    report = explore(between(ENDINGS[what]), executions=60, seconds=60.0, isolation=isolation)
    assert report.verdict is Verdict.BUG, report
    finding = report.finding
    assert finding is not None
    assert finding.bug is not None
    assert finding.bug.kind is BugKind.DIED
    assert finding.bug.summary == f"process ended itself: {what}"
    assert finding.bug.thread == "looks"
    assert finding.preemptions == 1
    assert "test_ends_itself.py" in finding.bug.detail


def test_the_twin_that_does_not_is_not_accused() -> None:
    report = explore(between(lambda: None), executions=60, seconds=60.0, isolation="none")
    assert report.verdict.passed, report


def test_what_the_interpreter_refuses_ends_nothing() -> None:
    refused: list[str] = []

    def wrong() -> None:
        try:
            os._exit("3")  # type: ignore[arg-type]
        except TypeError as error:
            refused.append(str(error))

    report = explore(between(wrong), executions=60, seconds=60.0, isolation="none")
    assert report.verdict.passed, report
    assert refused


def test_a_dump_that_came_before_counts() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        race.redactor(lambda text: "gone")

        def handler() -> None:
            race.dump(key.text)
            os._exit(1)

        race.crash(handler)

    assert explore(body, executions=20, seconds=60.0, isolation="none").verdict is Verdict.LEAK


def test_a_child_that_the_code_forks_may_exit() -> None:
    statuses: list[int] = []

    def forks() -> None:
        child = os.fork()
        if child == 0:
            os._exit(5)
        statuses.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    report = explore(between(forks), executions=60, seconds=60.0, isolation="none")
    assert set(statuses) == {5}
    assert report.verdict is Verdict.INCONCLUSIVE, report
