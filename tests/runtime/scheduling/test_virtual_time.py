"""Clocks and sleeps of a scenario's threads are the execution's own; outside they are real."""

from __future__ import annotations

import contextlib
import gc
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic as bound_earlier
from typing import Any

import pytest
from driving import bounded, randomly, run

from redactfuzz import Race
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity

CALLS = Granularity.CALLS
CLOCKS: dict[str, Callable[[], float]] = {
    "time": time.time,
    "monotonic": time.monotonic,
    "perf_counter": time.perf_counter,
    "time_ns": lambda: time.time_ns() / 1e9,
    "monotonic_ns": lambda: time.monotonic_ns() / 1e9,
    "perf_counter_ns": lambda: time.perf_counter_ns() / 1e9,
    "bound earlier": bound_earlier,
}


def alone(work: Callable[[], Any]) -> list[Any]:
    """What ``work`` gives as the only thread, in one execution."""
    seen: list[Any] = []
    ran = run(lambda race: race.thread(lambda: seen.append(work())))
    assert not ran.bugs
    return seen


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_sleep_of_an_hour_moves_every_clock_by_an_hour_and_costs_no_real_time(clock: str) -> None:
    read = CLOCKS[clock]

    def work() -> float:
        before = read()
        time.sleep(3600)
        return read() - before

    real = time.clock_gettime(time.CLOCK_MONOTONIC)
    (passed,) = alone(work)
    assert passed == pytest.approx(3600, abs=0.01)
    assert time.clock_gettime(time.CLOCK_MONOTONIC) - real < 3000


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_clock_shows_the_same_in_each_execution_and_never_stands_still(clock: str) -> None:
    read = CLOCKS[clock]
    first, again = alone(lambda: (read(), read())), alone(lambda: (read(), read()))
    assert first == again
    assert first[0][0] < first[0][1]


def test_a_collection_is_no_look_at_a_clock() -> None:
    """Since 3.15 the collector notes when it began and ended."""

    def work() -> tuple[int, int]:
        times = [time.monotonic_ns(), time.monotonic_ns()]
        gc.collect()
        times.append(time.monotonic_ns())
        return times[1] - times[0], times[2] - times[1]

    others = gc.callbacks[:]  # Hypothesis looks at a clock in one
    gc.callbacks.clear()
    try:
        ((between, beside),) = alone(work)
    finally:
        gc.callbacks.extend(others)
    assert between == beside


def test_the_date_is_that_of_the_execution_inside_and_the_real_one_outside() -> None:
    assert alone(lambda: datetime.fromtimestamp(time.time(), UTC).year) == [2026]
    assert abs(time.time() - time.clock_gettime(time.CLOCK_REALTIME)) < 60


def test_threads_that_sleep_wake_in_the_order_of_their_deadlines_when_nothing_deviates() -> None:
    woke: list[int] = []

    def body(race: Race) -> None:
        def work(seconds: int) -> None:
            time.sleep(seconds)
            woke.append(seconds)

        for seconds in (30, 10, 20):
            race.thread(work, seconds)

    run(body)
    assert woke == [10, 20, 30]


def test_a_sleep_may_end_in_any_order_under_another_schedule() -> None:
    orders: set[tuple[int, ...]] = set()

    def body(race: Race) -> None:
        woke: list[int] = []

        def work(seconds: int) -> None:
            time.sleep(seconds)
            woke.append(seconds)

        race.thread(work, 10)
        race.thread(work, 20)
        race.crash(lambda: orders.add(tuple(woke)))

    run(body, randomly(100, CALLS), crash_last=True)
    assert orders == {(10, 20), (20, 10)}


WAITS: dict[str, Callable[[threading.Event, queue.Queue[int], queue.SimpleQueue[int], threading.Lock], Any]] = {
    "Event.wait": lambda event, q, s, lock: event.wait(5),
    "Queue.get": lambda event, q, s, lock: q.get(timeout=5),
    "SimpleQueue.get": lambda event, q, s, lock: s.get(timeout=5),
    "Lock.acquire": lambda event, q, s, lock: lock.acquire(timeout=5),
}


@pytest.mark.parametrize("wait", WAITS)
def test_a_timed_wait_that_is_answered_is_explored_with_the_answer_and_with_the_timeout(wait: str) -> None:
    outcomes: set[str] = set()
    longest: list[float] = []

    def body(race: Race) -> None:
        event, items, simple, lock = threading.Event(), queue.Queue[int](), queue.SimpleQueue[int](), threading.Lock()
        lock.acquire()
        log: list[str] = []

        def waits() -> None:
            began = time.monotonic()
            try:
                answered = WAITS[wait](event, items, simple, lock)
            except queue.Empty:
                answered = False
            log.append("timeout" if answered is False else "answer")
            longest.append(time.monotonic() - began)

        def answers() -> None:
            event.set()
            items.put(1)
            simple.put(1)
            lock.release()

        race.thread(waits)
        race.thread(answers)
        race.crash(lambda: outcomes.add(" ".join(log)))

    ran = run(body, (Stage(Policy.BOUNDED, CALLS, bound=1), *randomly(60)), crash_last=True)
    assert not ran.bugs
    assert outcomes == {"answer", "timeout"}
    assert max(longest) == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("wait", ["Event.wait", "Queue.get", "SimpleQueue.get", "Lock.acquire"])
def test_a_timed_wait_that_nobody_answers_expires_once_and_does_not_loop(wait: str) -> None:
    passed: list[float] = []

    def work() -> None:
        event, items, simple, lock = threading.Event(), queue.Queue[int](), queue.SimpleQueue[int](), threading.Lock()
        lock.acquire()
        began = time.monotonic()
        with contextlib.suppress(queue.Empty):
            assert not WAITS[wait](event, items, simple, lock)
        passed.append(time.monotonic() - began)

    ran = run(lambda race: race.thread(work))
    assert not ran.bugs
    assert passed == [pytest.approx(5, abs=0.01)]
    assert ran.only.steps < 400


def test_polling_a_clock_comes_to_its_end() -> None:
    def work() -> None:
        end = time.monotonic() + 5
        while time.monotonic() < end:
            pass

    ran = run(lambda race: race.thread(work))
    assert not ran.bugs


def test_sleeping_in_a_loop_until_a_flag_is_set_hands_over_to_who_sets_it() -> None:
    def body(race: Race) -> None:
        flag: list[int] = []

        def wait() -> None:
            while not flag:
                time.sleep(0.01)

        race.thread(wait)
        race.thread(flag.append, 1, name="set")

    ran = run(body, bounded(1))
    assert not ran.bugs


def test_a_flag_that_nobody_sets_is_a_spin_that_is_named() -> None:
    def wait_for_ever() -> None:
        while True:
            time.sleep(1)

    bug = run(lambda race: race.thread(wait_for_ever)).bug
    assert bug.kind is BugKind.SPIN
    assert bug.thread == "wait_for_ever"


def test_a_negative_sleep_raises_what_it_always_raises() -> None:
    bug = run(lambda race: race.thread(time.sleep, -1, name="sleeper")).bug
    assert bug.summary == "ValueError: sleep length must be non-negative"
