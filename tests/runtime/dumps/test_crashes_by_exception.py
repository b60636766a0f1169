"""Crashes that are exceptions: injected ones, the program's own, and those of handlers."""

from __future__ import annotations

import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from driving import bounded, run

from redactfuzz import Race
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity

CALLS = Granularity.CALLS


def inner(log: list[str]) -> None:
    try:
        log.append("in")
        int("1")
    finally:
        log.append("out")


def outer(log: list[str]) -> None:
    inner(log)
    int("2")


def test_an_injected_exception_unwinds_with_finally_blocks_and_its_traceback_shows_where_it_struck() -> None:
    seen: list[tuple[list[str], list[str]]] = []

    def body(race: Race) -> None:
        log: list[str] = []

        def hook(kind: type[BaseException], error: BaseException, tb: Any) -> None:
            assert isinstance(error, kind)
            assert error.__traceback__ is tb
            seen.append(([frame.name for frame in traceback.extract_tb(tb)], log[:]))

        race.thread(outer, log)
        race.crash(hook, by="exception")

    ran = run(body, bounded(1, CALLS))
    assert not ran.bugs
    stacks = {tuple(stack) for stack, _ in seen}
    assert ("outer",) in stacks
    assert ("outer", "inner") in stacks
    assert all("driving" not in name for stack in stacks for name in stack)
    in_inner = {tuple(log) for stack, log in seen if stack == ["outer", "inner"]}
    # Before `try`, at the first call in it, at the second one, and in the finally block itself.
    assert in_inner == {("out",), ("in", "out"), ("in",)}


def test_locks_are_free_when_the_hook_runs() -> None:
    free: set[bool] = set()

    def body(race: Race) -> None:
        lock = threading.Lock()

        def work() -> None:
            with lock:
                int("1")
                int("2")

        def hook(*_: Any) -> None:
            free.add(lock.acquire(blocking=False))

        race.thread(work)
        race.crash(hook, by="exception")

    ran = run(body, bounded(1))
    assert not ran.bugs
    assert free == {True}


def test_the_exception_strikes_each_of_the_threads() -> None:
    struck: set[str] = set()

    def body(race: Race) -> None:
        for name in ("one", "two"):
            race.thread(lambda: [int("1"), int("2")], name=name)
        race.crash(lambda *_: struck.add(threading.current_thread().name), by="exception")

    run(body, bounded(1, CALLS))
    assert struck >= {"one", "two"}


def test_a_program_that_swallows_the_exception_goes_on_and_gives_no_dump() -> None:
    swallowed: list[int] = []

    def body(race: Race) -> None:
        def work() -> None:
            try:
                int("1")
            except BaseException:
                swallowed.append(1)
            int("2")

        race.thread(work)
        race.crash(lambda *_: "dump", by="exception")

    ran = run(body, bounded(1, CALLS))
    assert not ran.bugs
    assert swallowed
    without = [outcome for outcome in ran.outcomes if outcome.dumps == 0]
    assert len(without) == len(swallowed)
    assert all(outcome.state == "all ended" for outcome in ran.outcomes)


def test_an_exception_of_the_program_is_a_bug_that_names_thread_and_line() -> None:
    def fails() -> None:
        raise ValueError("on its own")

    bug = run(lambda race: race.thread(fails)).bug
    assert (bug.kind, bug.thread) == (BugKind.EXCEPTION, "fails")
    assert bug.summary == "ValueError: on its own"
    assert "test_crashes_by_exception.py" in bug.detail
    assert "redactfuzz/threads" not in bug.detail


def test_a_thread_that_leaves_by_system_exit_has_just_ended() -> None:
    def leaves() -> None:
        raise SystemExit(3)

    assert not run(lambda race: race.thread(leaves)).bugs


def test_with_crashes_true_its_own_exception_reaches_the_threads_excepthook() -> None:
    seen: list[tuple[str, str, str, list[str]]] = []

    def fails() -> None:
        raise ValueError("on its own")

    def hook(args: Any) -> None:
        names = [frame.name for frame in traceback.extract_tb(args.exc_traceback)]
        seen.append((args.exc_type.__name__, str(args.exc_value), args.thread.name, names))

    def body(race: Race) -> None:
        race.thread(fails, name="fails", crashes=True)

    before = threading.excepthook
    threading.excepthook = hook
    try:
        ran = run(body)
    finally:
        threading.excepthook = before
    assert not ran.bugs
    assert seen == [("ValueError", "on its own", "fails", ["fails"])]


def test_an_excepthook_that_raises_is_a_bug() -> None:
    def fails() -> None:
        raise ValueError("on its own")

    def hook(args: Any) -> None:
        raise KeyError("in the hook")

    before = threading.excepthook
    threading.excepthook = hook
    try:
        bug = run(lambda race: race.thread(fails, crashes=True)).bug
    finally:
        threading.excepthook = before
    assert bug.kind is BugKind.HANDLER
    assert "KeyError" in bug.summary


def test_a_handler_that_raises_is_a_bug_with_its_traceback_and_no_frame_of_ours() -> None:
    for by in ("watchdog", "exception", "signal", "kill"):

        def body(race: Race, by: Any = by) -> None:
            def handler(*_: Any) -> None:
                raise RuntimeError("in the handler")

            race.thread(int)
            race.crash(handler, by=by, name="reporter")

        bug = run(body).bug
        assert (bug.kind, bug.thread) == (BugKind.HANDLER, "reporter")
        assert bug.summary == "RuntimeError: in the handler"
        assert "in handler" in bug.detail
        assert "redactfuzz/threads" not in bug.detail


def test_a_secret_in_the_message_of_an_exception_does_not_come_out() -> None:
    texts: list[str] = []

    def body(race: Race) -> None:
        key = race.canary("key")
        texts.append(key.text)

        def fails(text: str) -> None:
            raise ValueError(f"cannot use {text}")

        race.thread(fails, key.text)

    bug = run(body).bug
    assert "ValueError: cannot use <canary key>" in bug.summary
    assert not any(text in bug.summary + bug.detail or text[8:20] in bug.detail for text in texts)


def test_a_handler_that_returns_none_has_dropped_its_dump() -> None:
    def body(race: Race) -> None:
        race.thread(int)
        race.crash(lambda: None)

    ran = run(body, bounded(1, CALLS))
    assert not ran.bugs
    assert ran.counters.dropped == ran.counters.executions
    assert ran.counters.dumps == 0


def test_the_second_of_two_crashes_may_strike_before_inside_and_after_the_first() -> None:
    seen: set[str] = set()

    def body(race: Race) -> None:
        log: list[str] = []

        def first() -> None:
            log.append("1<")
            int("1")
            log.append("1>")
            seen.add("".join(log))

        def second() -> None:
            log.append("2<")
            int("2")
            log.append("2>")
            seen.add("".join(log))

        race.thread(int)
        race.crash(first, name="first")
        race.crash(second, name="second")

    ran = run(body, (Stage(Policy.PCT, CALLS, limit=150, double=True),))
    assert not ran.bugs
    assert "1<2<2>1>" in seen
    assert "2<1<1>2>" in seen
    assert {"1<1>", "2<2>"} & seen


def test_an_exception_that_strikes_inside_a_handler_unwinds_it_and_gives_the_second_ones_dump() -> None:
    for by in ("watchdog", "signal"):
        seen: list[list[str]] = []

        def body(race: Race, by: Any = by, seen: list[list[str]] = seen) -> None:
            log: list[str] = []
            seen.append(log)

            def first(*_: Any) -> str:
                log.append("first")
                int("1")
                log.append("first done")
                return "first"

            def hook(kind: type[BaseException], error: BaseException, tb: Any) -> str:
                log.append("hook " + traceback.extract_tb(tb)[-1].name if tb else "hook")
                return "hook"

            race.main(int)
            race.crash(first, by=by, name="first")
            race.crash(hook, by="exception", name="second")

        ran = run(body, (Stage(Policy.PCT, CALLS, limit=100, double=True),))
        assert not ran.bugs
        inside = [i for i, log in enumerate(seen) if "hook first" in log]
        assert inside
        assert all("first done" not in seen[i] for i in inside)
        assert all(ran.outcomes[i].dumps == 1 for i in inside)


def test_a_signal_that_strikes_while_an_exception_unwinds_leaves_each_its_own_handler() -> None:
    logs: set[str] = set()

    def body(race: Race) -> None:
        log: list[str] = []

        def work() -> None:
            try:
                int("1")
            finally:
                int("2")

        def hook(kind: type[BaseException], error: BaseException, tb: Any) -> None:
            log.append("hook")
            logs.add(" ".join(log))

        race.main(work)
        race.crash(hook, by="exception", name="one")
        race.crash(lambda number, frame: log.append("signal"), by="signal", name="two")

    ran = run(body, (Stage(Policy.BOUNDED, CALLS, bound=2, double=True),))
    assert not ran.bugs
    assert {"hook", "signal hook"} <= logs


def test_it_strikes_a_thread_that_the_program_started_and_the_hook_gets_it() -> None:
    seen: set[tuple[str, str]] = set()
    frames: set[str] = set()

    def body(race: Race) -> None:
        def child() -> None:
            inner([])

        def parent() -> None:
            thread = threading.Thread(target=child)
            thread.start()
            thread.join()

        def hook(kind: type[BaseException], error: BaseException, tb: Any) -> str:
            seen.update((kind.__name__, frame.name) for frame in traceback.extract_tb(tb)[-1:])
            frames.update(f"{frame.filename}" for frame in traceback.extract_stack())
            return "dump"

        race.thread(parent)
        race.crash(hook, by="exception")

    ran = run(body, bounded(1, CALLS))
    assert not ran.bugs
    assert ("InjectedCrash", "inner") in seen
    assert not [name for name in frames if "/redactfuzz/threads/" in name]
    assert all(outcome.dumps == 1 for outcome in ran.outcomes)


def test_what_leaves_a_started_thread_by_itself_is_a_bug_beside_a_crash_by_exception() -> None:
    def fails() -> None:
        raise ValueError("on its own")

    def body(race: Race) -> None:
        def parent() -> None:
            thread = threading.Thread(target=fails)
            thread.start()
            thread.join()

        race.thread(parent)
        race.crash(lambda *_: "dump", by="exception")

    assert run(body).bug.summary == "ValueError: on its own"


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_future_carries_it_over_to_the_thread_that_waits_for_the_result(wrapped: bool) -> None:
    carried: list[str] = []

    def body(race: Race) -> None:
        def work() -> int:
            return int("1") + int("2")

        def asks() -> None:
            with ThreadPoolExecutor(1) as pool:
                future = pool.submit(work)
                try:
                    future.result()
                except BaseException as error:
                    if wrapped:
                        raise RuntimeError("the job failed") from error
                    raise

        def hook(kind: type[BaseException], error: BaseException, tb: Any) -> str:
            if any(frame.name == "result" for frame in traceback.extract_tb(tb)) or (wrapped and error.__cause__):
                carried.append(kind.__name__)
            return "dump"

        race.thread(asks)
        race.crash(hook, by="exception")

    ran = run(body, bounded(1, CALLS))
    assert not ran.bugs
    assert set(carried) >= {"RuntimeError" if wrapped else "InjectedCrash"}
    assert all(outcome.dumps <= 1 for outcome in ran.outcomes)
