"""Threads that are not the scenario's pass through: they keep working, and what they hold is named, not waited for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from driving import bounded, randomly, run

from redactfuzz import Race, explore
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict

SHARED = threading.Lock()
HELD = threading.Lock()


class Busy(threading.Thread):
    """A real thread that uses locks, a queue and the clock for as long as it is told to."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.rounds = 0
        self.clocks: set[int] = set()
        self.items: queue.Queue[int] = queue.Queue()
        self.leave = threading.Event()

    def run(self) -> None:
        while not self.leave.is_set():
            self.items.put(1)
            self.items.get(timeout=30)
            with threading.RLock():
                self.clocks.add(time.gmtime(time.time()).tm_year)
            self.rounds += 1
            time.sleep(0.0005)


@contextmanager
def busy() -> Iterator[Busy]:
    thread = Busy()
    thread.start()
    try:
        yield thread
    finally:
        thread.leave.set()
        thread.join(30)
    assert not thread.is_alive()


@contextmanager
def held_elsewhere(lock: threading.Lock) -> Iterator[None]:
    taken, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            taken.set()
            leave.wait(60)

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    assert taken.wait(30)
    try:
        yield
    finally:
        leave.set()
        thread.join(30)


def test_a_foreign_thread_keeps_working_on_real_time_while_an_exploration_runs() -> None:
    def body(race: Race) -> None:
        def work() -> None:
            time.sleep(3600)
            with SHARED:
                pass

        race.thread(work)
        race.thread(work)

    with busy() as thread:
        before = thread.rounds
        deadline = time.monotonic() + 30
        while thread.rounds < before + 5 and time.monotonic() < deadline:
            ran = run(body, randomly(50))
            assert not ran.bugs
            assert not ran.fatal
        assert thread.rounds >= before + 5
        assert thread.clocks == {time.gmtime(time.clock_gettime(time.CLOCK_REALTIME)).tm_year}


def test_a_foreign_thread_makes_no_difference_to_the_traces() -> None:
    def body(race: Race) -> None:
        race.thread(lambda: [int("1") for _ in range(5)], name="one")
        race.thread(lambda: [int("2") for _ in range(5)], name="two")

    alone = [outcome.trace_hash for outcome in run(body, randomly(40)).outcomes]
    with busy():
        accompanied = [outcome.trace_hash for outcome in run(body, randomly(40)).outcomes]
    assert alone == accompanied


def wants_held(race: Race) -> None:
    def work() -> None:
        with HELD:
            pass

    key = race.canary("key")
    scrub = race.redactor(lambda text: "")
    race.thread(work)
    race.crash(lambda: scrub(key.text))


def test_a_lock_that_a_foreign_thread_holds_is_named_and_the_exploration_ends() -> None:
    with held_elsewhere(HELD):
        ran = run(wants_held, executions=1)
    problem = ran.problem(ProblemKind.UNSEEN_LOCK)
    assert "held by something that the tool does not control" in problem.what
    assert problem.remedy


def test_the_verdict_over_a_lock_that_a_foreign_thread_holds_is_inconclusive() -> None:
    with held_elsewhere(HELD):
        report = explore(wants_held, executions=3, seconds=20.0, isolation="none")
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "held by something that the tool does not control" in report.reason.what


def test_the_same_scenario_passes_when_nobody_holds_the_lock() -> None:
    ran = run(wants_held, bounded(1, Granularity.CALLS))
    assert not ran.fatal
    assert not ran.bugs


def test_a_lock_that_a_foreign_thread_releases_in_time_makes_no_difference() -> None:
    """The scenario stands still meanwhile: nothing is recorded of the wait."""
    asked: list[int] = []
    got: list[bool] = []
    taken = threading.Event()

    def hold() -> None:
        with SHARED:
            taken.set()
            while not asked:
                time.sleep(0.001)

    def body(race: Race) -> None:
        def work() -> None:
            asked.append(1)
            with SHARED:
                got.append(True)

        race.thread(work)

    alone = run(body).only
    asked.clear()
    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    assert taken.wait(30)
    accompanied = run(body)
    holder.join(30)
    assert got == [True, True]
    assert not accompanied.bugs
    assert not accompanied.fatal
    assert accompanied.only.trace_hash == alone.trace_hash
    assert SHARED.acquire(blocking=False)
    SHARED.release()
