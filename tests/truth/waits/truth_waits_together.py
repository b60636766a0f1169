"""Line 41.1: two waits that end at the same moment end in either order, also while the other thread is in its midst."""

from __future__ import annotations

import sched
import threading
import time
from collections.abc import Callable
from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race

LINE = "41.1"
Begin = Callable[[Race, Callable[[], None], Callable[[], None]], None]
"""Starts a rotation and a request."""


def _sleeps(race: Race, rotate: Callable[[], None], ask: Callable[[], None]) -> None:
    race.thread(lambda: (time.sleep(5), rotate()))
    race.thread(lambda: (time.sleep(5), ask()))


def _timer(race: Race, rotate: Callable[[], None], ask: Callable[[], None]) -> None:
    timer = threading.Timer(5, rotate)
    race.thread(lambda: (timer.start(), timer.join()))
    race.thread(lambda: (time.sleep(5), ask()))


def _two_timers(race: Race, rotate: Callable[[], None], ask: Callable[[], None]) -> None:
    timers = [threading.Timer(5, each) for each in (rotate, ask)]
    race.thread(lambda: [timer.start() for timer in timers] and [timer.join() for timer in timers])


def _scheduler(race: Race, rotate: Callable[[], None], ask: Callable[[], None]) -> None:
    times = sched.scheduler()
    times.enter(5, 1, rotate)
    race.thread(times.run)
    race.thread(lambda: (threading.Event().wait(5), ask()))


def _later_thread(race: Race, rotate: Callable[[], None], ask: Callable[[], None]) -> None:
    """No two waits: a thread that has slept goes on while one that was just started rotates."""
    thread = threading.Thread(target=rotate)
    race.thread(lambda: (thread.start(), thread.join()))
    race.thread(lambda: (time.sleep(5), ask()))


def _rotation(begin: Begin, *, right: bool) -> Any:
    def body(race: Race) -> None:
        old, new = race.canary("old"), race.canary("new")
        state: dict[str, Any] = {"current": old.text, "known": (old.text,)}

        def redact(text: str) -> str:
            for each in state["known"]:
                text = text.replace(each, "[key]")
            return text

        mask = race.redactor(redact)

        def learn() -> None:
            state["known"] = (*state["known"], new.text)

        def rotate() -> None:
            if right:
                learn()
            state["current"] = new.text
            learn()

        begin(race, rotate, lambda: race.dump(mask(f"user {state['current']}")))

    return body


for begin in (_sleeps, _timer, _two_timers, _scheduler, _later_thread):
    for right in (False, True):
        body = _rotation(begin, right=right)
        body.__name__ = f"a_rotation{begin.__name__}_{'right' if right else 'leaks'}"
        body.__doc__ = "After a wait, between two instructions, a key is in use that the redactor does not know yet."
        case(LINE, PASS if right else LEAK, executions=250)(body)
