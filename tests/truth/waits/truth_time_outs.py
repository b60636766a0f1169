"""Line 41.1: any wait may come to its limit at any point, however long it is; that nobody catches it then is no bug."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from truth import BUG, LEAK, PASS, case

from redactfuzz import Race

LINE = "41.1"
Made = tuple[Callable[[], Any], Callable[[], Any]]
"""What waits for at most half a minute, and what brings it."""


def _nothing() -> None:
    """A step."""


# -- a tick in the middle of a request


def _sleeps() -> None:
    time.sleep(300)


def _waits_for_an_event() -> None:
    threading.Event().wait(3600)


def _waits_at_a_queue() -> None:
    try:
        queue.Queue[int]().get(timeout=120)
    except queue.Empty:
        return


for tick in (_sleeps, _waits_for_an_event, _waits_at_a_queue):
    for masked in (False, True):

        def refreshes(race: Race, tick: Callable[[], None] = tick, masked: bool = masked) -> None:
            """A redactor forgets its secrets for a moment when a long wait ends, perhaps in the middle of a request."""
            key = race.canary("key")
            secrets = [key.text]

            def redact(text: str) -> str:
                return text.replace(key.text, "[key]") if secrets or masked else text

            mask = race.redactor(redact)

            def refresh() -> None:
                tick()
                secrets.clear()
                secrets.append(key.text)

            race.thread(refresh)
            race.thread(lambda: race.dump(mask(f"user {key.text}")))

        refreshes.__name__ = f"a_tick{tick.__name__}_{'right' if masked else 'leaks'}"
        says = "needs the 300 s sleep of 'refresh' to end" if tick is _sleeps and not masked else ""
        case(LINE, PASS if masked else LEAK, says, executions=250)(refreshes)


# -- what nobody catches


def _queue() -> Made:
    made = queue.Queue[int]()
    return lambda: made.get(timeout=30), lambda: made.put(1)


def _simple_queue() -> Made:
    made = queue.SimpleQueue[int]()
    return lambda: made.get(timeout=30), lambda: made.put(1)


def _future() -> Made:
    made = Future[int]()
    return lambda: made.result(timeout=30), lambda: made.set_result(1)


def _barrier() -> Made:
    made = threading.Barrier(2, timeout=30)
    return made.wait, made.wait


def _another() -> Made:
    """It raises another exception in place of the time-out."""
    made = queue.Queue[int]()

    def wait() -> int:
        try:
            return made.get(timeout=30)
        except queue.Empty:
            raise RuntimeError("nothing came") from None

    return wait, lambda: made.put(1)


def _event() -> Made:
    made, name = threading.Event(), "answer"

    def wait() -> None:
        if not made.wait(30):
            raise RuntimeError(f"no {name}")

    return wait, made.set


def _assertion() -> Made:
    """The function that waits is another than the one that asserts."""
    made = threading.Event()

    def comes() -> bool:
        return made.wait(3600)

    def wait() -> None:
        assert comes(), "must come"

    return wait, made.set


def _lock() -> Made:
    made = threading.Lock()
    made.acquire()

    def wait() -> None:
        if not made.acquire(timeout=30):
            raise RuntimeError("no lock")

    return wait, made.release


def _handed_on() -> Made:
    """What a thread of a pool raises comes up where its result is asked for."""
    wait, bring = _assertion()

    def waits_in_a_pool() -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(wait).result()

    return waits_in_a_pool, bring


def _answered() -> Made:
    """What brings it waits for an answer, which never comes from a thread that has died of the time-out."""
    wait, bring = _assertion()
    answered = threading.Event()

    def answers() -> None:
        wait()
        answered.set()

    def asks() -> None:
        bring()
        answered.wait()

    return answers, asks


WAITS: dict[str, Callable[[], Made]] = {
    "a_queue": _queue,
    "a_simple_queue": _simple_queue,
    "a_future": _future,
    "a_barrier": _barrier,
    "another_exception": _another,
    "an_event": _event,
    "an_assertion": _assertion,
    "a_lock": _lock,
    "a_pool": _handed_on,
    "a_question": _answered,
}


def _waited(make: Callable[[], Made], *, brought: bool = True, leaks: bool = False, fails: bool = False) -> Any:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        wait, bring = make()

        def reads() -> None:
            try:
                wait()
            except Exception:
                if fails:
                    dict[str, int]()["not there"]
                race.dump(key.text if leaks else mask(key.text))
                raise

        def writes() -> None:
            for _ in range(3):
                _nothing()
            if brought:
                bring()

        race.thread(reads)
        race.thread(writes)
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


for name, make in WAITS.items():
    body = _waited(make)
    body.__name__ = f"{name}_times_out"
    body.__doc__ = "Half a minute is enough for what a thread is about to bring; that it was not is no bug."
    case(LINE, PASS, "uncaught time-out", executions=60)(body)


def _listed(name: str, right: frozenset[str], what: str, **how: bool) -> None:
    body = _waited(_another, **how)
    body.__name__, body.__doc__ = name, what
    case(LINE, right, executions=60)(body)


_listed("a_time_out_leaks", LEAK, "The same time-out, of which a report is made that is not masked.", leaks=True)
_listed("a_time_out_fails", BUG, "What is done about a time-out fails for another reason.", fails=True)
_listed("a_time_out_in_vain", BUG, "Nobody brings it: half a minute was never enough.", brought=False)


@case(LINE, BUG, executions=100)
def an_empty_queue_is_no_time_out(race: Race) -> None:
    """A thread drains a queue at a tick, between another's look and its get, which does not wait."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    jobs = queue.Queue[int]()
    jobs.put(1)

    def drains() -> None:
        time.sleep(300)
        if not jobs.empty():
            jobs.get()

    def works() -> None:
        if not jobs.empty():
            jobs.get_nowait()

    race.thread(drains)
    race.thread(works)
    race.crash(lambda: mask(f"died with {key.text}"))


@case(LINE, BUG, executions=250)
def polls_at_a_tick(race: Race) -> None:
    """At each tick of a wait a function is called, which fails in the middle of what another does: no time-out."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    stop, jobs = threading.Event(), {"job": 1}

    def poll() -> None:
        if "job" not in jobs:
            raise LookupError("the job is lost")

    def ticks() -> None:
        while not stop.wait(300):
            poll()

    def works() -> None:
        job = jobs.pop("job")
        _nothing()
        jobs["job"] = job + 1
        stop.set()

    race.thread(ticks)
    race.thread(works)
    race.crash(lambda: mask(f"died with {key.text}"))
