"""Locks are controlled by their type: whoever made them, and however they are reached."""

from __future__ import annotations

import concurrent.futures
import logging
import queue
import threading
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import attrs
import pytest
from driving import bounded, exhaustively, randomly, run

from redactfuzz import Race
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.schedule import Granularity

LOCK = threading.Lock()
RLOCK = threading.RLock()
CONDITION = threading.Condition()
SEMAPHORE = threading.Semaphore()
BOUND_ACQUIRE, BOUND_RELEASE = LOCK.acquire, LOCK.release
HANDLER = logging.Handler()


@attrs.define
class Bound:
    """Methods that were looked up before anything was replaced."""

    def __enter__(self) -> None:
        BOUND_ACQUIRE()

    def __exit__(self, *_: object) -> None:
        BOUND_RELEASE()


@attrs.define
class Called:
    """acquire and release as a call, not as a with block."""

    lock: Any

    def __enter__(self) -> None:
        assert self.lock.acquire(True, -1) is True

    def __exit__(self, *_: object) -> None:
        self.lock.release()


class HandlerLock:
    def __enter__(self) -> None:
        HANDLER.acquire()

    def __exit__(self, *_: object) -> None:
        HANDLER.release()


class Nothing:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


Guard = Callable[[], AbstractContextManager[Any]]
GUARDS: dict[str, Guard] = {
    "module's Lock": lambda: LOCK,
    "module's RLock": lambda: RLOCK,
    "module's Condition": lambda: CONDITION,
    "module's Semaphore": lambda: SEMAPHORE,
    "Lock of the scenario": threading.Lock,
    "RLock of the scenario": threading.RLock,
    "pure Python RLock": threading._PyRLock,  # type: ignore[attr-defined]
    "BoundedSemaphore": lambda: threading.BoundedSemaphore(1),
    "methods bound earlier": Bound,
    "acquire(True, -1)": lambda: Called(LOCK),
    "lock of a log handler": HandlerLock,
}


class Counter:
    """A lost update and two threads inside at once are both visible."""

    def __init__(self, guard: AbstractContextManager[Any]) -> None:
        self.guard = guard
        self.inside = self.most = self.value = 0

    def add(self) -> None:
        with self.guard:
            self.inside += 1
            self.most = max(self.most, self.inside)
            now = self.value
            self.value = now + 1
            self.inside -= 1


def counting(guard: Guard, seen: set[tuple[int, int]]) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        counter = Counter(guard())
        race.thread(counter.add, name="one")
        race.thread(counter.add, name="two")
        race.crash(lambda: seen.add((counter.most, counter.value)))

    return body


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("granularity", [Granularity.CALLS, Granularity.INSTRUCTIONS])
def test_two_threads_are_never_inside_one_lock_and_both_come_through(guard: str, granularity: Granularity) -> None:
    seen: set[tuple[int, int]] = set()
    ran = run(counting(GUARDS[guard], seen), bounded(2, granularity), executions=700, crash_last=True)
    assert not ran.bugs
    assert not ran.fatal
    assert ran.counters.switches > len(ran.outcomes), "threads did run into the lock"
    assert seen == {(1, 2)}


def test_without_a_lock_both_are_inside_and_an_update_is_lost() -> None:
    seen: set[tuple[int, int]] = set()
    run(counting(Nothing, seen), bounded(1), executions=700, crash_last=True)
    assert {(1, 2), (2, 1)} <= seen


def test_who_comes_first_is_a_choice() -> None:
    orders: set[str] = set()

    def body(race: Race) -> None:
        log: list[str] = []

        def work(name: str) -> None:
            with LOCK:
                log.append(name)

        for name in "abc":
            race.thread(work, name, name=name)
        race.crash(lambda: orders.add("".join(log)))

    run(body, exhaustively(Granularity.CALLS), executions=1_500, crash_last=True, every=False)
    assert orders == {"abc", "acb", "bac", "bca", "cab", "cba"}


def test_a_lock_that_is_not_free_gives_false_at_once_when_it_must_not_block() -> None:
    seen: set[tuple[bool, ...]] = set()

    def body(race: Race) -> None:
        got: list[bool] = []

        def work() -> None:
            taken = LOCK.acquire(blocking=False)
            if taken:
                LOCK.release()
            got.append(taken)

        race.thread(work)
        race.thread(work)
        race.crash(lambda: seen.add(tuple(got)))

    run(body, bounded(2), executions=700, crash_last=True)
    assert seen == {(True, True), (True, False), (False, True)}


def test_an_rlock_is_taken_again_by_its_owner_and_by_nobody_else() -> None:
    seen: set[str] = set()

    def body(race: Race) -> None:
        log: list[str] = []

        def work(name: str) -> None:
            with RLOCK:
                log.append(name)
                with RLOCK:
                    log.append(name)
                log.append(name)

        race.thread(work, "a")
        race.thread(work, "b")
        race.crash(lambda: seen.add("".join(log)))

    run(body, bounded(2), executions=700, crash_last=True)
    assert seen == {"aaabbb", "bbbaaa"}


def test_releasing_a_lock_that_is_not_held_raises_what_it_always_raises() -> None:
    def body(race: Race) -> None:
        race.thread(threading.Lock().release, name="work")

    bug = run(body).bug
    assert (bug.kind, bug.thread) == (BugKind.EXCEPTION, "work")
    assert bug.summary == "RuntimeError: release unlocked lock"


@pytest.mark.parametrize("bad", [{"timeout": -2}, {"blocking": False, "timeout": 1}, {"timeout": "x"}])
def test_wrong_arguments_of_acquire_raise_what_they_always_raise(bad: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)) as expected:
        threading.Lock().acquire(**bad)
    raised: list[str] = []

    def work() -> None:
        try:
            threading.Lock().acquire(**bad)
        except (ValueError, TypeError) as error:
            raised.append(str(error))

    run(lambda race: race.thread(work))
    assert raised == [str(expected.value)]


def test_two_locks_in_opposite_order_are_a_deadlock_that_names_who_waits_for_whom() -> None:
    def body(race: Race) -> None:
        first, second = threading.Lock(), threading.Lock()

        def one() -> None:
            with first, second:
                pass

        def two() -> None:
            with second, first:
                pass

        race.thread(one)
        race.thread(two)

    ran = run(body, bounded(1, Granularity.CALLS))
    deadlocks = [outcome for outcome in ran.outcomes if outcome.bug]
    assert 0 < len(deadlocks) < len(ran.outcomes)
    bug = ran.bug
    assert bug.kind is BugKind.DEADLOCK
    assert bug.summary == "deadlock of one, two"
    assert "one waits for lock" in bug.detail
    assert "held by two" in bug.detail
    assert "two waits for lock" in bug.detail
    assert "held by one" in bug.detail


def test_the_same_order_is_no_deadlock() -> None:
    def body(race: Race) -> None:
        first, second = threading.Lock(), threading.Lock()

        def work() -> None:
            with first, second:
                pass

        race.thread(work)
        race.thread(work)

    ran = run(body, exhaustively(), executions=4_000, every=False)
    assert ran.exhausted
    assert not ran.bugs


def test_queues_hand_over_every_item_in_order_and_block_when_empty() -> None:
    for make in (queue.Queue, queue.SimpleQueue, lambda: queue.Queue(1), queue.LifoQueue):
        seen: set[tuple[int, ...]] = set()

        def body(race: Race, make: Callable[[], Any] = make, seen: set[tuple[int, ...]] = seen) -> None:
            items = make()
            got: list[int] = []

            def put() -> None:
                for n in range(3):
                    items.put(n)

            def get() -> None:
                for _ in range(3):
                    got.append(items.get())

            race.thread(get)
            race.thread(put)
            race.crash(lambda: seen.add(tuple(got)))

        ran = run(body, randomly(150, Granularity.CALLS), crash_last=True)
        assert not ran.bugs
        assert not ran.fatal
        assert {tuple(sorted(items)) for items in seen} == {(0, 1, 2)}
        assert (0, 1, 2) in seen


def test_a_get_that_nobody_answers_is_a_deadlock() -> None:
    for make in (queue.Queue, queue.SimpleQueue):
        bug = run(lambda race, make=make: race.thread(make().get, name="reader")).bug  # type: ignore[misc]
        assert bug.kind is BugKind.DEADLOCK
        assert bug.summary == "deadlock of reader"


def test_a_future_is_waited_for_and_its_result_arrives() -> None:
    seen: set[int] = set()

    def body(race: Race) -> None:
        future: concurrent.futures.Future[int] = concurrent.futures.Future()
        race.thread(lambda: seen.add(future.result()), name="waits")
        race.thread(future.set_result, 42, name="sets")

    ran = run(body, bounded(2, Granularity.CALLS), executions=500)
    assert not ran.bugs
    assert seen == {42}


@pytest.mark.parametrize("by", ["watchdog", "exception", "kill"])
def test_two_threads_that_warn_both_come_through_whenever_the_crash_strikes(by: Any, monkeypatch: Any) -> None:
    """Since 3.14 the interpreter holds a lock of its own while a warning is shown, which is code of Python."""
    shown: list[int] = []
    monkeypatch.setattr(warnings, "showwarning", lambda *_, **__: shown.append(len([*range(3)])))

    def work() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
        warnings.warn("something", stacklevel=1)

    def body(race: Race) -> None:
        warnings.simplefilter("always")
        race.canary("key")
        race.thread(work)
        race.thread(work)
        race.crash(lambda *_: None, by=by)

    with warnings.catch_warnings():
        assert not run(body, randomly(150)).bugs
    assert shown
