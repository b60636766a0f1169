"""What leads out of control is noticed, named, and makes the verdict inconclusive."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
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


def runs_a_child() -> None:
    subprocess.run(TRUE, check=True)


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


LEADS_OUT: dict[ProblemKind, list[Callable[[], None]]] = {
    ProblemKind.FORK: [forks],
    ProblemKind.CHILD_PROCESS: [runs_a_child, spawns_a_child, asks_the_shell],
    ProblemKind.SUBINTERPRETER: [makes_a_subinterpreter],
    ProblemKind.EVENT_LOOP: [runs_an_event_loop],
}
CASES = [(kind, work) for kind, works in LEADS_OUT.items() for work in works]


@pytest.mark.parametrize(("kind", "work"), CASES)
def test_it_is_named_with_its_thread_and_a_remedy(kind: ProblemKind, work: Callable[[], None]) -> None:
    ran = run(lambda race: race.thread(work, name="worker"), hang_seconds=30.0)
    problem = ran.problem(kind)
    assert problem.fatal
    assert problem.where == "worker"
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
