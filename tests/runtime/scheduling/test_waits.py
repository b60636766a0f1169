"""Waiting for one another: conditions, events, barriers, executors."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from driving import bounded, randomly, run

from redactfuzz import Race
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity

CALLS = Granularity.CALLS


def test_a_condition_wakes_who_waits_and_the_lock_is_held_again_afterwards() -> None:
    for lock in (threading.Lock, threading.RLock):
        seen: list[str] = []

        def body(race: Race, lock: type = lock, seen: list[str] = seen) -> None:  # type: ignore[assignment]
            ready: list[int] = []
            condition = threading.Condition(lock())

            def wait() -> None:
                with condition:
                    while not ready:
                        condition.wait()
                    seen.append(f"{ready[0]} {condition._is_owned()}")  # type: ignore[attr-defined]

            def tell() -> None:
                with condition:
                    ready.append(1)
                    condition.notify()

            race.thread(wait)
            race.thread(tell)

        ran = run(body, bounded(1), executions=400)
        assert not ran.bugs
        assert len(seen) == len(ran.outcomes)
        assert set(seen) == {"1 True"}


def test_a_notification_that_comes_too_early_is_lost_and_found_as_a_deadlock() -> None:
    def body(race: Race) -> None:
        condition = threading.Condition()

        def wait() -> None:
            with condition:
                condition.wait()

        def tell() -> None:
            with condition:
                condition.notify()

        race.thread(wait)
        race.thread(tell)

    ran = run(body, bounded(1, CALLS))
    assert ran.bug.kind is BugKind.DEADLOCK
    assert ran.bug.summary == "deadlock of wait"
    assert any(outcome.bug is None for outcome in ran.outcomes)


def test_an_event_a_barrier_and_a_semaphore_let_through_whom_they_should() -> None:
    seen: set[tuple[str, ...]] = set()

    def body(race: Race) -> None:
        log: list[str] = []
        event, barrier, slots = threading.Event(), threading.Barrier(2), threading.Semaphore(0)

        def first() -> None:
            log.append("before")
            event.set()
            barrier.wait()
            slots.acquire()
            log.append("after")

        def second() -> None:
            event.wait()
            log.append("between")
            barrier.wait()
            slots.release()

        race.thread(second)
        race.thread(first)
        race.crash(lambda: seen.add(tuple(log)))

    ran = run(body, randomly(300, CALLS), crash_last=True)
    assert not ran.bugs
    assert seen == {("before", "between", "after")}


def test_an_executor_runs_its_work_in_controlled_threads_and_shuts_down() -> None:
    results: set[tuple[int, ...]] = set()
    orders: set[tuple[int, ...]] = set()

    def body(race: Race) -> None:
        order: list[int] = []

        def square(n: int) -> int:
            order.append(n)
            return n * n

        def work() -> None:
            with ThreadPoolExecutor(2) as pool:
                results.add(tuple(pool.map(square, range(3))))

        race.thread(work)
        race.crash(lambda: orders.add(tuple(order)))

    ran = run(body, (Stage(Policy.PCT, CALLS, limit=150),), crash_last=True)
    assert not ran.bugs
    assert not ran.fatal
    assert results == {(0, 1, 4)}
    assert len(orders) > 1, "its workers race"


def test_an_executor_made_before_the_exploration_is_named_as_uncontrolled_or_comes_back() -> None:
    """Its workers are foreign: the tool cannot order them, so a clean result must not claim anything."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int, "1").result()
        got: list[int] = []

        def body(race: Race) -> None:
            race.thread(lambda: got.append(pool.submit(int, "7").result()))

        ran = run(body, hang_seconds=2.0)
    assert ran.fatal or ran.bugs, "what a foreign thread does in between was not explored"
