"""When the crash path has ended the process is dead: nothing counts any more, and everything is put in order."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from driving import DEFAULT_ORDER, bounded, randomly, run

from redactfuzz import Race
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Granularity

CALLS = Granularity.CALLS
LIBRARY = threading.Lock()
LIBRARY_R = threading.RLock()
OTHER = threading.RLock()
CONDITION = threading.Condition()
QUEUE: queue.Queue[int] = queue.Queue()


def steps() -> None:
    for _ in range(5):
        int("1")


def stubborn() -> None:
    """Does not let itself be ended: whatever it catches, it waits again."""
    try:
        threading.Event().wait()
    except BaseException:
        stubborn()


def test_a_dump_made_after_death_does_not_count() -> None:
    late: list[int] = []

    def body(race: Race) -> None:
        def work() -> None:
            steps()
            late.append(1)
            race.dump("of the thread")

        race.thread(work)
        race.crash(lambda: "of the crash")

    ran = run(body, bounded(1, CALLS))
    counts = {tuple(data) for data in ran.dumped}
    assert counts == {("of the crash",), ("of the thread", "of the crash")}
    assert len(late) == len(ran.outcomes) - 1, "it does run on (but for the one in which it had not begun)"


def test_an_exception_and_a_leak_after_death_do_not_count() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")

        def work() -> None:
            steps()
            race.sink.write(key.bytes)
            raise ValueError("late")

        race.sink.write(b"begin")
        race.thread(work)
        race.crash(lambda: "dump")

    ran = run(body, bounded(1, CALLS))
    early = [outcome for outcome in ran.outcomes if outcome.bug is None]
    assert early
    assert len(early) < len(ran.outcomes)
    assert any(not outcome.leaks for outcome in early)
    assert all(outcome.leaks for outcome in ran.outcomes if outcome.bug is not None)


@pytest.mark.parametrize("stages", [bounded(1), randomly(100)])
def test_locks_of_the_library_are_free_again_whenever_the_crash_struck(stages: Any) -> None:
    free: list[bool] = []

    def body(race: Race) -> None:
        # The body runs alone: had an earlier execution left one of them held, it would see it.
        for lock in (LIBRARY, LIBRARY_R, OTHER, CONDITION, QUEUE.mutex):
            free.append(lock.acquire(blocking=False))
            lock.release()
        never = threading.Event()

        def holds() -> None:
            with LIBRARY, LIBRARY_R, CONDITION:
                steps()
            QUEUE.put(1)
            QUEUE.get()

        def waits_inside() -> None:
            with OTHER:
                int("1")
                never.wait()

        race.thread(holds)
        race.thread(waits_inside)
        race.crash(lambda: "dump")

    ran = run(body, stages, executions=400)
    assert not ran.problems
    assert not ran.bugs
    assert len(free) == 5 * len(ran.outcomes)
    assert all(free)
    assert QUEUE.empty()


def test_a_thread_that_will_not_be_unwound_is_named_and_ends_exploration_in_this_process() -> None:
    def body(race: Race) -> None:
        race.thread(stubborn)
        race.crash(lambda: "dump")

    ran = run(body, DEFAULT_ORDER, isolation=Isolation.PROCESS, hang_seconds=5.0)
    problem = ran.problem(ProblemKind.ABANDONED)
    assert "stubborn" in problem.what
    assert problem.fatal


def test_auto_finds_out_in_a_child_that_a_thread_cannot_be_ended() -> None:
    def body(race: Race) -> None:
        race.thread(stubborn)
        race.crash(lambda: "dump")

    ran = run(body, DEFAULT_ORDER, isolation=Isolation.AUTO, hang_seconds=5.0)
    assert ran.isolation is Isolation.PROCESS
    assert threading.active_count() == len(threading.enumerate())


def test_threads_end_one_after_the_other_so_that_what_they_share_stays_whole() -> None:
    """They run on in turn, unrecorded: a critical section is left as it should be."""
    balance = [100, 0]

    def body(race: Race) -> None:
        def move() -> None:
            for _ in range(5):
                with LIBRARY:
                    balance[0] -= 1
                    int("1")
                    balance[1] += 1

        race.thread(move)
        race.thread(move, name="other")
        race.crash(lambda: "dump")

    run(body, randomly(50))
    assert sum(balance) == 100


def test_what_is_still_waiting_at_the_end_is_no_deadlock_once_the_process_is_dead() -> None:
    def body(race: Race) -> None:
        race.thread(QUEUE.get, name="reader")
        race.crash(lambda: "dump")

    ran = run(body, bounded(1))
    assert not ran.bugs
    assert not ran.problems


def test_a_thread_that_blocks_in_c_is_named_and_the_exploration_goes_on_in_processes_of_their_own() -> None:
    here = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, str(here / "hanging.py")], capture_output=True, text=True, check=True, timeout=120
    )
    isolation, executions, *problems = done.stdout.splitlines()
    assert isolation == "process"
    assert executions == "2"
    stuck = "blocked where the tool cannot see: thread 'pauses' did not come back within 0.3 s"
    assert any(problem.startswith(stuck) for problem in problems), problems
