"""A daemon thread ends with the process: that it would go on for ever is nobody's fault."""

from __future__ import annotations

import _thread
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from driving import SEQUENTIAL, bounded, randomly, run

from redactfuzz import Race, explore
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict

CALLS = Granularity.CALLS


def sleeps() -> None:
    while True:
        time.sleep(1)


def polls() -> None:
    never = threading.Event()
    while not never.wait(0.5):
        pass


def waits() -> None:
    queue.SimpleQueue[int]().get()


def counts() -> None:
    number = 0
    while True:
        number += 1


def naps() -> None:
    while True:
        time.sleep(0)


ENDLESS: list[Callable[[], None]] = [sleeps, polls, waits, counts, naps]
STARTS: dict[str, Callable[[Callable[[], None]], Any]] = {
    "daemon": lambda work: threading.Thread(target=work, daemon=True).start(),
    "bare": lambda work: _thread.start_new_thread(work, ()),
    "by a daemon": lambda work: threading.Thread(
        target=lambda: threading.Thread(target=work).start(), daemon=True
    ).start(),
}


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("work", ENDLESS)
def test_a_daemon_without_end_is_unwound_without_accusation(work: Callable[[], None], start: str) -> None:
    struck: list[str] = []

    def body(race: Race) -> None:
        STARTS[start](work)
        race.thread(lambda: struck.append("thread"))
        race.crash(lambda: struck.append("crash") or "dump")

    for stages in (SEQUENTIAL, bounded(1, CALLS), randomly(20)):
        struck.clear()
        ran = run(body, stages, executions=60)
        assert not ran.bugs
        assert not ran.problems
        assert struck.count("crash") == len(ran.outcomes), "in each execution, at the latest when all have ended"
        assert {tuple(data) for data in ran.dumped} == {("dump",)}


@pytest.mark.parametrize("work", ENDLESS)
def test_without_a_crash_the_execution_ends_with_its_last_thread_that_is_no_daemon(work: Callable[[], None]) -> None:
    def body(race: Race) -> None:
        threading.Thread(target=work, daemon=True).start()
        race.thread(int)

    ran = run(body, bounded(1, CALLS), executions=60)
    assert not ran.bugs
    assert not ran.problems


@pytest.mark.parametrize("work", [sleeps, polls])
@pytest.mark.parametrize("daemon", [None, False])
def test_an_endless_loop_in_a_thread_that_is_no_daemon_is_a_bug(work: Callable[[], None], daemon: bool | None) -> None:
    def body(race: Race) -> None:
        threading.Thread(target=work, daemon=daemon).start()
        race.thread(int)

    ran = run(body)
    assert ran.bug.kind is BugKind.SPIN


@pytest.mark.parametrize("policy", [Policy.SEQUENTIAL, Policy.BOUNDED, Policy.PCT, Policy.POS, Policy.SURW])
@pytest.mark.parametrize("granularity", [Granularity.CALLS, Granularity.INSTRUCTIONS])
@pytest.mark.parametrize("work", [counts, naps])
def test_while_a_daemon_spins_the_sleep_of_another_thread_comes_to_its_end(
    work: Callable[[], None], granularity: Granularity, policy: Policy
) -> None:
    def sleeps_twice() -> None:
        time.sleep(1)
        time.sleep(1)

    def body(race: Race) -> None:
        threading.Thread(target=work, daemon=True).start()
        race.thread(sleeps_twice)
        race.crash(lambda: "dump")

    ran = run(body, (Stage(policy, granularity, bound=1, limit=12),))
    assert not ran.bugs
    assert {outcome.dumps for outcome in ran.outcomes} == {1}


def test_a_thread_that_spins_until_a_sleeper_has_woken_is_not_accused() -> None:
    def body(race: Race) -> None:
        woken: list[int] = []

        def waits_for_it() -> None:
            while not woken:
                pass

        def sleeper() -> None:
            for _ in range(8):
                time.sleep(1)
            woken.append(1)

        race.thread(waits_for_it)
        race.thread(sleeper)

    for granularity in Granularity:
        assert not run(body, (Stage(Policy.SEQUENTIAL, granularity),)).bugs


def test_the_handler_may_wait_for_what_a_daemon_holds_or_does() -> None:
    """The crash that strikes when all others have ended finds the daemons alive, as any crash does."""

    def body(race: Race) -> None:
        work: queue.SimpleQueue[threading.Event] = queue.SimpleQueue()
        lock = threading.Lock()

        def serves() -> None:
            while True:
                done = work.get()
                with lock:
                    time.sleep(1)
                    done.set()

        threading.Thread(target=serves, daemon=True).start()
        race.thread(lambda: work.put(threading.Event()))

        def handler() -> str:
            done = threading.Event()
            work.put(done)
            done.wait()
            with lock:
                return "dump"

        race.crash(handler)

    for crash_last in (False, True):
        ran = run(body, bounded(1, CALLS), executions=100, crash_last=crash_last)
        assert not ran.bugs
        assert not ran.problems
        assert {tuple(data) for data in ran.dumped} == {("dump",)}


@pytest.mark.parametrize("by", ["watchdog", "signal", "kill"])
def test_a_crash_that_needs_no_thread_strikes_beside_a_daemon(by: Any) -> None:
    def body(race: Race) -> None:
        threading.Thread(target=sleeps, daemon=True).start()
        race.thread(int)
        race.crash(lambda *_: "dump", by=by)

    for crash_last in (False, True):
        ran = run(body, bounded(1, CALLS), executions=60, crash_last=crash_last)
        assert not ran.bugs
        assert len(ran.dumped) == len(ran.outcomes)


def test_a_leak_through_a_daemon_is_found_and_the_scrubbed_twin_passes() -> None:
    def scenario(race: Race, *, leaky: bool) -> None:
        key = race.canary("key")
        scrub = race.redactor(lambda text: "[gone]")
        state = [""]

        def refreshes() -> None:
            while True:
                time.sleep(1)
                state[0] = key.text if leaky else scrub(key.text)
                int("1")
                state[0] = ""

        def work() -> None:
            threading.Thread(target=refreshes, daemon=True).start()
            for _ in range(3):
                time.sleep(1)

        race.thread(work)
        race.crash(lambda: state[0] or scrub(key.text))

    leaks = explore(lambda race: scenario(race, leaky=True), executions=400, seconds=30.0)
    assert leaks.verdict is Verdict.LEAK, leaks.reason
    clean = explore(lambda race: scenario(race, leaky=False), executions=400, seconds=30.0)
    assert clean.verdict is Verdict.NO_LEAK_FOUND, clean.reason
