"""With a focus, threads are stopped inside its modules and the scenario's file alone; without, there first."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import DEFAULT_ORDER, bounded, run

from redactfuzz import Race, explore
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import BugKind, ProblemKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict
from redactfuzz.threads.run.focus import places

CALLS, SWITCHES = Granularity.CALLS, Granularity.SWITCHES
LIBRARY = '''
import threading

LOCK = threading.Lock()
OTHER = threading.Lock()


def render(value, times=30):
    parts = []
    for index in range(times):
        parts.append(part(value, index))
    return "".join(parts)


def part(value, index):
    return value if index == 0 else ""


def locked(box):
    with LOCK:
        box.append(part("x", 0))
        box.append(part("y", 0))


def one_then_other(first, second):
    with first, second:
        return part("x", 0)


def waits_for(box):
    while not box:
        pass
    return box


def shows(record, secret):
    record["raw"] = secret
    part(secret, 0)
    record["raw"] = ""


def calls(function):
    part("x", 0)
    return function()
'''
APP = '''
import focus_library


def rotate(state, new):
    state["secret"] = new
    focus_library.render("x")
    state["known"] = new


def rotate_safely(state, new):
    state["known"] = new
    focus_library.render("x")
    state["secret"] = new


def report(state):
    text = focus_library.render(state["secret"])
    return text.replace(state["known"], "[gone]")


def alone(state, new):
    state["known"] = new
    state["secret"] = new


def report_alone(state):
    return state["secret"].replace(state["known"], "[gone]")
'''


@pytest.fixture(scope="module", autouse=True)
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A program, and a package that it uses."""
    folder = tmp_path_factory.mktemp("focus")
    (folder / "site-packages").mkdir()
    (folder / "site-packages/focus_library.py").write_text(LIBRARY)
    (folder / "focus_app.py").write_text(APP)
    (folder / "focus_parent").mkdir()
    (folder / "focus_parent/__init__.py").write_text("raise SystemExit('it was imported')")
    (folder / "focus_parent/child.py").write_text("")
    sys.path[:0] = added = [str(folder), str(folder / "site-packages")]
    app(), used()  # an import in a scenario's body would look at a clock
    yield folder
    for each in added:
        sys.path.remove(each)
    for name in ("focus_app", "focus_library"):
        sys.modules.pop(name, None)


def app() -> Any:
    return __import__("focus_app")


def used() -> Any:
    return __import__("focus_library")


def _rotating(race: Race, rotate: str, report: str = "report") -> None:
    state = {"secret": "none", "known": "none"}
    scrub = race.redactor(getattr(app(), report), bypass=lambda state: state["secret"])
    race.thread(getattr(app(), rotate), state, race.canary("key").text, name="rotate")
    race.crash(lambda: scrub(state))


def leaks(race: Race) -> None:
    _rotating(race, "rotate")


def right(race: Race) -> None:
    _rotating(race, "rotate_safely")


def alone(race: Race) -> None:
    _rotating(race, "alone", "report_alone")


def shown_in_the_library(race: Race) -> None:
    secret, record = race.canary("key").text, {"raw": ""}
    scrub = race.redactor(lambda record: dict(record), bypass=lambda record: {"raw": secret})
    race.thread(used().shows, record, secret)
    race.crash(lambda: scrub(record))


@functools.cache
def searched(name: str, *focus: str, executions: int = 200) -> Report:
    return explore(globals()[name], executions=executions, seconds=60.0, focus=focus)


# -- what is one step


def test_a_call_of_other_code_is_one_step() -> None:
    whole = run(leaks, DEFAULT_ORDER).only.steps
    focused = run(leaks, DEFAULT_ORDER, focus=("focus_app",)).only
    assert focused.steps < 30 < 300 < whole
    assert focused.left_out > 200


@pytest.mark.parametrize("granularity", list(Granularity))
def test_threads_are_stopped_in_no_other_code(granularity: Granularity) -> None:
    ran = run(leaks, bounded(1, granularity), describe=True, focus=("focus_app",))
    assert ran.exhausted
    assert ran.leaks
    entries = {(step.site.module, step.function) for outcome in ran.outcomes for step in outcome.trace}
    inside = {function for module, function in entries if module == "focus_library"}
    # The interpreter switches as a function is called: the entry of one that is called from inside is such a place.
    assert inside == ({"render"} if granularity is SWITCHES else set())


def test_code_of_the_focus_that_other_code_calls_is_explored() -> None:
    def inner(box: list[int]) -> int:
        box.append(1)
        box.append(2)
        return len(box)

    def body(race: Race) -> None:
        box: list[int] = []
        race.thread(used().calls, lambda: inner(box))
        race.crash(lambda: list(box))

    ran = run(body, bounded(1, CALLS), focus=("focus_app",))
    assert sorted({len(dumped[0]) for dumped in ran.dumped}) == [0, 1, 2]


def test_a_lock_in_other_code_is_waited_for() -> None:
    def body(race: Race) -> None:
        box: list[str] = []

        def holds() -> None:
            used().LOCK.acquire()
            box.append("a")
            box.append("b")
            used().LOCK.release()

        race.thread(holds)
        race.thread(used().locked, box)
        race.crash(lambda: list(box), by="kill")

    ran = run(body, bounded(2, CALLS), focus=("focus_app",))
    assert ran.exhausted
    assert not ran.bugs
    ends = {"".join(dumped[0]) for dumped in ran.dumped}
    assert {"abxy", "xyab"} <= ends
    assert not [end for end in ends if "ax" in end or "xa" in end], "neither comes into the midst of the other"


def test_threads_that_wait_for_one_another_in_other_code_are_a_deadlock() -> None:
    def body(race: Race) -> None:
        library = used()
        first, second = library.LOCK, library.OTHER

        def holds() -> None:
            with second:
                str(1)
                library.one_then_other(first, threading.Lock())

        race.thread(library.one_then_other, first, second)
        race.thread(holds)
        race.crash(lambda: "text")

    assert run(body, bounded(2, CALLS), focus=("focus_app",)).bug.kind is BugKind.DEADLOCK


def test_a_loop_in_other_code_that_waits_for_a_thread_lets_it_come() -> None:
    def body(race: Race) -> None:
        box: list[int] = []
        race.thread(used().waits_for, box)
        race.thread(lambda: box.append(1))
        race.crash(lambda: list(box))

    ran = run(body, DEFAULT_ORDER, focus=("focus_app",))
    assert not ran.bugs
    assert ran.dumped == [[[1]]]


# -- what is said


def test_a_leak_of_the_focused_code_is_found_and_its_right_twin_passes_without_a_proof() -> None:
    assert searched("leaks", "focus_app").verdict is Verdict.LEAK
    report = searched("right", "focus_app")
    assert report.verdict is Verdict.NO_LEAK_FOUND
    assert report.certificate is not None
    inside, outside = report.certificate.focus
    assert inside == "inside focus_app and the scenario's own file"
    assert "each call of other code is one step" in outside
    assert any(note.startswith(ProblemKind.FOCUS) for note in report.certificate.notes)


def test_what_is_shown_in_the_midst_of_another_call_is_not_found_and_not_proved_away() -> None:
    assert searched("shown_in_the_library").verdict is Verdict.LEAK
    assert searched("shown_in_the_library", "focus_library").verdict is Verdict.LEAK
    report = explore(shown_in_the_library, executions=200, seconds=60.0, focus=__name__)
    assert report.verdict is Verdict.NO_LEAK_FOUND
    assert report.certificate is not None
    assert any(each.startswith("one schedule of each class") and ": all" in each for each in report.certificate.covered)


def test_where_no_other_code_ran_a_proof_is_one() -> None:
    report = searched("alone", "focus_app")
    assert report.verdict is Verdict.PROVED, report
    assert report.certificate is not None
    assert "of which nothing is said" not in "".join(report.certificate.focus)


def test_a_focus_whose_code_never_runs_is_vacuous() -> None:
    report = searched("right", "focus_app", "colorsys")
    assert report.verdict is Verdict.VACUOUS
    assert report.reason is not None
    assert "'colorsys'" in report.reason.what
    assert "focus_app" not in report.reason.what


def test_a_module_that_is_not_there_is_an_error_of_the_scenario() -> None:
    report = searched("right", "focus_ap")
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert "'focus_ap'" in report.reason.what


def test_the_place_of_a_module_is_found_without_importing_its_parent(library: Path) -> None:
    assert places("focus_parent.child") == [str(library / "focus_parent/child.py")]
    assert places("focus_parent") == [f"{library / 'focus_parent'}/"]
    assert places("focus_parent.other") == places("_thread") == []


# -- the order of the enumeration without one


def everywhere(race: Race) -> None:
    import json

    race.thread(lambda: [used().part("x", 0), json.dumps({"a": [1, 2]}), used().part("y", 0)], name="works")
    race.crash(lambda: "text")


def test_an_enumeration_comes_to_packages_after_own_code_and_to_the_standard_library_last() -> None:
    ran = run(everywhere, (Stage(Policy.BOUNDED, Granularity.INSTRUCTIONS, bound=1),), describe=True)
    assert ran.exhausted
    modules = [
        outcome.schedule.deviations[0].site.module
        for outcome in ran.outcomes
        if outcome.schedule and outcome.preemptions and outcome.schedule.deviations[0].thread == "works"
    ]
    order = list(dict.fromkeys(modules))
    kinds = ["own" if each == "test_focus" else "package" if each == "focus_library" else "library" for each in order]
    assert list(dict.fromkeys(kinds)) == ["own", "package", "library"]
    assert kinds == sorted(kinds, key=["own", "package", "library"].index)
    assert len(modules) > 40
