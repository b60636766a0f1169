"""The four kinds of crash: when they strike, where their handler runs, what it is handed."""

from __future__ import annotations

import sys
import threading
import time
import types
from collections.abc import Callable
from typing import Any

import pytest
from driving import bounded, exhaustively, randomly, run

from redactfuzz import Race
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Action, Granularity
from redactfuzz.threads.face.execution import Execution

CALLS = Granularity.CALLS
KINDS = ("watchdog", "exception", "signal", "kill")


def steps() -> None:
    for _ in range(3):
        int("1")


def crashing(by: str, handler: Callable[..., Any]) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        race.main(steps)
        race.thread(steps, name="one")
        race.thread(steps, name="two")
        race.crash(handler, by=by)  # type: ignore[arg-type]

    return body


@pytest.mark.parametrize("by", KINDS)
@pytest.mark.parametrize("stages", [bounded(1, CALLS), randomly(60), (*bounded(1, CALLS), *exhaustively(CALLS))])
def test_a_crash_strikes_exactly_once_in_each_execution(by: str, stages: Any) -> None:
    strikes: list[tuple[Any, ...]] = []

    def handler(*args: Any) -> str:
        strikes.append(args)
        return "dump"

    ran = run(crashing(by, handler), stages, executions=300)
    assert not ran.bugs
    assert not ran.fatal
    assert len(ran.outcomes) > 5
    assert len(strikes) == len(ran.outcomes)
    assert all(outcome.dumps == 1 for outcome in ran.outcomes)
    assert {len(args) for args in strikes} == {{"exception": 3, "signal": 2}.get(by, 0)}


@pytest.mark.parametrize("by", KINDS)
def test_it_strikes_last_of_all_when_nothing_deviates_and_anywhere_else_otherwise(by: str) -> None:
    ran = run(crashing(by, lambda *_: "dump"), bounded(1, CALLS), describe=True)
    default, *others = ran.outcomes
    assert default.strike_step is not None
    assert default.trace[default.strike_step].action is Action.CRASH
    assert all(step.thread == "crash" for step in default.trace[default.strike_step :])
    assert {outcome.strike_step for outcome in others} >= set(range(1, default.strike_step))


@pytest.mark.parametrize("by", KINDS)
def test_with_crash_last_every_thread_has_ended_when_it_strikes(by: str) -> None:
    alive: set[int] = set()
    ran = run(
        crashing(by, lambda *_: alive.add(threading.active_count())), randomly(30, CALLS), crash_last=True
    )
    assert not ran.bugs
    assert alive == {1}


def test_a_watchdog_runs_in_a_thread_of_its_own_and_the_others_run_on() -> None:
    seen: set[tuple[str, bool]] = set()

    def body(race: Race) -> None:
        log: list[int] = []

        def work() -> None:
            for n in range(4):
                log.append(n)

        def handler() -> None:
            before = len(log)
            for _ in range(3):
                int("1")
            seen.add((threading.current_thread().name, len(log) > before))

        race.thread(work)
        race.crash(handler, name="watchdog")

    run(body, randomly(60))
    assert seen == {("watchdog", True), ("watchdog", False)}


def test_kill_stops_everything_and_its_dumper_sees_every_thread_where_it_stood() -> None:
    moved: set[bool] = set()
    lines: set[tuple[str, ...]] = set()
    outside = set(sys._current_frames())  # other threads of the process, such as those of a test runner

    def body(race: Race) -> None:
        log: list[int] = []

        def work() -> None:
            for n in range(4):
                log.append(n)

        def dumper() -> None:
            before = len(log)
            frames = [frame for ident, frame in sys._current_frames().items() if ident not in outside]
            lines.add(tuple(sorted(frame.f_code.co_name for frame in frames)))
            for _ in range(3):
                int("1")
            moved.add(len(log) > before)

        race.thread(work, name="one")
        race.thread(work, name="two")
        race.crash(dumper, by="kill")

    ran = run(body, randomly(60))
    assert not ran.bugs
    assert moved == {False}
    assert ("dumper", "work", "work") in lines


def test_a_dumper_by_kill_that_waits_for_a_stopped_threads_lock_is_a_bug_with_a_clear_message() -> None:
    def body(race: Race) -> None:
        lock = threading.Lock()

        def work() -> None:
            with lock:
                int("1")

        def dumper() -> str:
            with lock:
                return "dump"

        race.thread(work)
        race.crash(dumper, by="kill")

    ran = run(body, bounded(1, CALLS))
    bug = ran.bug
    assert bug.kind is BugKind.HANDLER
    assert "waits for a lock that a stopped thread holds" in bug.summary
    assert any(outcome.bug is None for outcome in ran.outcomes)


def test_a_signal_interrupts_the_main_thread_and_gets_its_frame() -> None:
    seen: set[tuple[str, str, bool]] = set()

    def body(race: Race) -> None:
        def handler(number: int, frame: types.FrameType) -> None:
            me = threading.current_thread()
            seen.add((me.name, frame.f_code.co_name if frame.f_lineno else "", me is threading.main_thread()))

        race.main(steps)
        race.thread(steps, name="other")
        race.crash(handler, by="signal")

    run(body, bounded(1, CALLS))
    assert ("MainThread", "steps", True) in seen
    assert {frame for _, frame, _ in seen} <= {"steps", "_shutdown"}  # the main thread has ended, or not begun


@pytest.mark.parametrize("policy", [Policy.BOUNDED, Policy.EXHAUSTIVE, Policy.DPOR, Policy.RANDOM])
def test_a_signal_strikes_at_any_time_where_the_main_thread_only_waits_for_the_others(policy: Policy) -> None:
    def body(race: Race) -> None:
        log: list[int] = []
        race.thread(lambda: log.append(1))
        race.crash(lambda number, frame: f"{len(log)} {frame.f_code.co_name}", by="signal")

    ran = run(body, (Stage(policy, Granularity.INSTRUCTIONS, bound=1, limit=50),))
    assert not ran.problems  # each schedule can be followed
    assert {dump for dumps in ran.dumped for dump in dumps} == {"0 _shutdown", "1 _shutdown"}


def test_a_signal_handler_that_takes_the_lock_that_main_holds_is_a_deadlock() -> None:
    def body(race: Race) -> None:
        lock = threading.Lock()

        def work() -> None:
            with lock:
                int("1")

        def handler(number: int, frame: object) -> str:
            with lock:
                return "dump"

        race.main(work)
        race.crash(handler, by="signal")

    ran = run(body, bounded(1, CALLS))
    bug = ran.bug
    assert bug.kind is BugKind.DEADLOCK
    assert "main" in bug.summary
    assert "held by main" in bug.detail
    assert any(outcome.bug is None for outcome in ran.outcomes)


def test_with_an_rlock_the_same_handler_gets_through() -> None:
    def body(race: Race) -> None:
        lock = threading.RLock()

        def work() -> None:
            with lock:
                int("1")

        def handler(number: int, frame: object) -> str:
            with lock:
                return "dump"

        race.main(work)
        race.crash(handler, by="signal")

    ran = run(body, bounded(1, CALLS))
    assert not ran.bugs
    assert all(outcome.dumps == 1 for outcome in ran.outcomes)


@pytest.mark.parametrize("wait", ["sleep", "acquire", "event"])
def test_a_signal_strikes_while_main_is_blocked_and_main_goes_on_waiting_afterwards(wait: str) -> None:
    seen: set[str] = set()

    def body(race: Race) -> None:
        lock, event = threading.Lock(), threading.Event()
        log: list[str] = []

        def work() -> None:
            waits: dict[str, Callable[[], object]] = {
                "sleep": lambda: time.sleep(10), "acquire": lock.acquire, "event": event.wait,
            }  # fmt: skip
            waits[wait]()
            log.append("woke")

        def free() -> None:
            lock.release()
            event.set()

        lock.acquire()
        race.main(work)
        race.thread(free)
        race.crash(
            lambda number, frame: seen.add(" ".join([frame.f_code.co_name if frame else "-", *log])), by="signal"
        )

    ran = run(body, (*bounded(1, CALLS), *randomly(60)))
    assert not ran.bugs
    inside = {"sleep": "<lambda>", "acquire": "work", "event": "wait"}[wait]
    assert inside in seen, seen
    assert any("woke" in each for each in seen)


@pytest.mark.parametrize("hook", ["crash_started", "crash_ended", "body_ended", "attach", "detach", "died"])
def test_what_fails_in_a_hook_is_an_error_and_no_pass(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was seen of such an execution means nothing; a line on stderr beside a pass would be a lie."""

    def fails(*_: object) -> None:
        raise OverflowError("no such number")

    body = crashing("watchdog", lambda: "dump")
    assert not run(body, bounded(0, CALLS), executions=4).problems
    monkeypatch.setattr(Execution, hook, fails)
    with pytest.raises(OverflowError, match="no such number"):
        run(body, bounded(0, CALLS), executions=4)
    monkeypatch.undo()
    assert run(body, bounded(0, CALLS), executions=4).outcomes, "and the next campaign runs"
