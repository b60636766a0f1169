"""Threads that the code under test starts itself are controlled like those of race.thread."""

from __future__ import annotations

import _thread
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from driving import bounded, randomly, run

from redactfuzz import Race
from redactfuzz.model.outcome import BugKind, ProblemKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity

CALLS = Granularity.CALLS


def test_a_started_thread_interleaves_with_its_parent_and_is_joined() -> None:
    orders: set[str] = set()

    def body(race: Race) -> None:
        log: list[str] = []

        def child() -> None:
            log.append("c")

        def parent() -> None:
            thread = threading.Thread(target=child)
            thread.start()
            log.append("p")
            thread.join()
            assert not thread.is_alive()
            log.append("j")

        race.thread(parent)
        race.crash(lambda: orders.add("".join(log)))

    ran = run(body, (*bounded(1, CALLS), *randomly(50)), crash_last=True)
    assert not ran.bugs
    assert not ran.fatal
    assert orders == {"cpj", "pcj"}


def test_the_body_may_start_threads_too_and_they_run_only_after_it_or_where_it_blocks() -> None:
    logs: set[str] = set()

    def body(race: Race) -> None:
        log: list[str] = []
        thread = threading.Thread(target=log.append, args=("c",))
        thread.start()
        log.append("b")
        thread.join()
        log.append("j")
        race.crash(lambda: logs.add("".join(log)))

    ran = run(body, randomly(30))
    assert not ran.bugs
    assert all(log.endswith("j") and "c" in log for log in logs)


def test_threads_of_threads_and_low_level_threads_get_names_of_their_own() -> None:
    def body(race: Race) -> None:
        done = threading.Lock()
        done.acquire()

        def grandchild() -> None:
            done.release()

        def child() -> None:
            _thread.start_new_thread(grandchild, ())

        def parent() -> None:
            for _ in range(2):
                thread = threading.Thread(target=child)
                thread.start()
                thread.join()
                done.acquire()

        race.thread(parent)

    ran = run(body, randomly(20))
    assert not ran.bugs
    assert not ran.fatal
    assert set(ran.outcomes[0].threads) == {"main", "parent", "parent/1", "parent/2", "parent/1/1", "parent/2/1"}


def test_an_exception_in_a_started_thread_goes_to_the_excepthook_as_it_always_does() -> None:
    hooked: list[str] = []

    def child() -> None:
        raise ValueError("of the child")

    def parent(race: Race) -> None:
        def hook(args: Any) -> None:
            hooked.append(f"{args.exc_type.__name__} in {args.thread.name}")

        def work() -> None:
            before = threading.excepthook
            threading.excepthook = hook
            try:
                thread = threading.Thread(target=child, name="child")
                thread.start()
                thread.join()
            finally:
                threading.excepthook = before

        race.thread(work)

    run(parent)
    assert hooked == ["ValueError in child"]


def test_a_thread_that_nobody_joins_runs_to_its_end_before_the_last_crash() -> None:
    seen: list[list[int]] = []

    def body(race: Race) -> None:
        log: list[int] = []

        def child() -> None:
            for n in range(3):
                log.append(n)

        race.thread(lambda: threading.Thread(target=child).start(), name="parent")
        race.crash(lambda: seen.append(log[:]))

    run(body, randomly(10), crash_last=True)
    assert seen == [[0, 1, 2]] * 10


def test_a_thread_that_waits_for_ever_is_unwound_with_its_finally_blocks() -> None:
    unwound: list[str] = []
    never = threading.Event()

    def waits() -> None:
        try:
            never.wait()
        finally:
            unwound.append("waits")

    def body(race: Race) -> None:
        race.thread(waits)
        race.crash(lambda: "dump")

    ran = run(body, bounded(1, CALLS))
    assert not ran.fatal
    assert not ran.bugs, "somebody else might set the event; the process died instead"
    started = [outcome for outcome in ran.outcomes if outcome.strike_step]
    assert len(unwound) == len(started)


def test_a_timer_is_a_choice_and_a_cancelled_one_never_fires() -> None:
    fired: set[tuple[bool, bool]] = set()

    def body(race: Race) -> None:
        log: list[str] = []

        def work() -> None:
            keep = threading.Timer(5, log.append, ("kept",))
            drop = threading.Timer(5, log.append, ("dropped",))
            keep.start()
            drop.start()
            drop.cancel()
            keep.join()
            drop.join()

        race.thread(work)
        race.crash(lambda: fired.add(("kept" in log, "dropped" in log)))

    run(body, (*bounded(1, CALLS), *randomly(50)), crash_last=True, executions=400)
    assert fired == {(True, False), (True, True)}


def spins() -> None:
    flag = True
    while flag:
        pass


def spins_with_calls() -> None:
    while True:
        int("1")


def spins_in_comprehension() -> None:
    [n + 1 for n in iter(int, 1)]


@pytest.mark.parametrize("granularity", list(Granularity))
@pytest.mark.parametrize("work", [spins, spins_with_calls])
def test_a_thread_that_spins_is_a_bug_with_its_place_at_every_granularity(granularity: Granularity, work: Any) -> None:
    def body(race: Race) -> None:
        race.thread(lambda: None, name="other")
        race.thread(work)

    ran = run(body, (Stage(Policy.SEQUENTIAL, granularity, limit=1),), stop_at_first=True)
    bug = ran.bug
    assert bug.kind is BugKind.SPIN
    assert bug.thread == work.__name__
    assert "test_started_threads.py" in bug.detail
    assert work.__name__ in bug.detail


@pytest.mark.once
def test_a_thread_that_iterates_for_ever_is_told_as_a_long_loop() -> None:
    def body(race: Race) -> None:
        race.thread(lambda: None, name="other")
        race.thread(spins_in_comprehension)

    ran = run(body, (Stage(Policy.SEQUENTIAL, Granularity.SWITCHES, limit=1),), stop_at_first=True)
    assert not ran.bugs
    assert any(problem.fatal and problem.kind is ProblemKind.LONG for problem in ran.problems)


def test_a_handler_that_spins_is_a_bug() -> None:
    def body(race: Race) -> None:
        race.thread(lambda: None)
        race.crash(spins)

    bug = run(body).bug
    assert (bug.kind, bug.thread) == (BugKind.SPIN, "crash")


def test_more_threads_than_there_is_room_for_is_said() -> None:
    def body(race: Race) -> None:
        for _ in range(300):
            race.thread(int)

    bug = run(body).bug
    assert bug.kind is BugKind.SCENARIO
    assert "more than 256 threads" in bug.summary


def test_an_executor_in_the_body_that_is_not_shut_down_is_unwound() -> None:
    def body(race: Race) -> None:
        pool = ThreadPoolExecutor(2)
        future = pool.submit(int, "5")
        race.thread(future.result)
        race.crash(lambda: "dump")

    ran = run(body, randomly(20))
    assert not ran.fatal
    assert not ran.bugs
