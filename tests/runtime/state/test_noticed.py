"""What leads out of control is noticed, named, and makes the verdict inconclusive."""

from __future__ import annotations

import asyncio
import bdb
import contextlib
import cProfile
import os
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from driving import DEFAULT_ORDER, run

from redactfuzz import Race, explore
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.model.verdict import Verdict

pytestmark = pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
TRUE = [sys.executable, "-S", "-c", ""]


def forks() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def runs_a_child_with_input() -> None:
    subprocess.run(TRUE, input=b"", check=True)


def spawns_a_child() -> None:
    os.waitpid(os.posix_spawn(TRUE[0], TRUE, os.environ), 0)


def asks_the_shell() -> None:
    os.system(":")


def makes_a_subinterpreter() -> None:
    if sys.version_info >= (3, 13):
        import _interpreters as interpreters
    else:
        import _xxsubinterpreters as interpreters
    interpreters.destroy(interpreters.create())


def runs_an_event_loop() -> None:
    asyncio.run(asyncio.sleep(0))


def traces() -> None:
    before = sys.gettrace()
    sys.settrace(lambda *_: None)
    sys.settrace(before)


def profiles() -> None:
    sys.setprofile(lambda *_: None)
    sys.setprofile(None)


def profiles_in_c() -> None:
    profile = cProfile.Profile()
    profile.enable()
    profile.disable()


def debugs() -> None:
    bdb.Bdb().runcall(int)


def traces_new_threads() -> None:
    threading.settrace(lambda *_: None)
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    threading.settrace(None)  # type: ignore[arg-type]


def takes_a_tool_number() -> None:
    if sys.version_info >= (3, 12):
        sys.monitoring.use_tool_id(0, "mine")
        sys.monitoring.free_tool_id(0)
    else:
        traces()


def takes_our_events() -> None:
    if sys.version_info >= (3, 12):
        for number in range(6):
            with contextlib.suppress(ValueError):
                sys.monitoring.set_events(number, 0)
    else:
        traces()


LEADS_OUT: dict[ProblemKind, list[Callable[[], None]]] = {
    ProblemKind.FORK: [forks],
    ProblemKind.CHILD_PROCESS: [runs_a_child_with_input, spawns_a_child, asks_the_shell],
    ProblemKind.SUBINTERPRETER: [makes_a_subinterpreter],
    ProblemKind.EVENT_LOOP: [runs_an_event_loop],
    ProblemKind.TRACER: [
        traces,
        profiles,
        profiles_in_c,
        debugs,
        traces_new_threads,
        takes_a_tool_number,
        takes_our_events,
    ],
}
CASES = [(kind, work) for kind, works in LEADS_OUT.items() for work in works]


@pytest.mark.parametrize(("kind", "work"), CASES)
def test_it_is_named_with_its_thread_and_a_remedy(kind: ProblemKind, work: Callable[[], None]) -> None:
    ran = run(lambda race: race.thread(work, name="worker"), hang_seconds=30.0)
    problem = ran.problem(kind)
    assert problem.fatal
    assert problem.where.split("/")[0] == "worker"
    assert str(kind) in problem.what
    assert problem.remedy


@pytest.mark.parametrize(("kind", "work"), CASES)
def test_it_makes_the_verdict_inconclusive(kind: ProblemKind, work: Callable[[], None]) -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        scrub = race.redactor(lambda text: "[gone]")
        race.thread(work)
        race.crash(lambda: scrub(key.text))

    report = explore(body, executions=4, seconds=20.0, isolation="none")
    assert report.verdict is Verdict.INCONCLUSIVE, report
    assert report.reason is not None
    assert str(kind) in report.reason.what.lower()


def test_the_same_outside_of_a_scenarios_threads_is_nobodys_business() -> None:
    def body(race: Race) -> None:
        race.thread(int)

    for _, work in CASES:
        work()
        assert not run(body, DEFAULT_ORDER).problems


@pytest.mark.parametrize("hook", ["settrace", "setprofile"])
def test_a_tracer_for_new_threads_that_a_scenario_sets_is_noticed_and_taken_away(hook: str) -> None:
    def sets(race: Race) -> None:
        getattr(threading, hook)(lambda *_: None)
        race.thread(int)

    def sets_in_a_thread(race: Race) -> None:
        race.thread(getattr(threading, hook), lambda *_: None)

    before = threading.gettrace(), threading.getprofile()
    for body in (sets, sets_in_a_thread):
        assert run(body).problem(ProblemKind.TRACER).fatal
        assert (threading.gettrace(), threading.getprofile()) == before


@pytest.mark.parametrize("hook", ["settrace", "setprofile"])
def test_a_tracer_from_outside_is_neither_accused_nor_lost(hook: str) -> None:
    seen: list[str] = []

    def tool(*_: object) -> None:
        seen.append("called")  # current_thread() would leave a dummy of the new thread behind

    def starts() -> None:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()

    before = {"settrace": threading.gettrace(), "setprofile": threading.getprofile()}[hook]
    getattr(threading, hook)(tool)
    try:
        ran = run(lambda race: race.thread(starts))
        assert not ran.problems
        assert not seen, "the scenario's threads are not its business"
        starts()
        assert seen
    finally:
        getattr(threading, hook)(before)
