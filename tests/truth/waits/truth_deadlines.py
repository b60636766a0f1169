"""A deadline that is compared with a clock may pass between the check and the use, however far ahead it lies."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from truth import LEAK, PASS, case

from redactfuzz import Race


def _used_until(seconds: float, *, masked: bool, beside: float = 0) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

        def use() -> None:
            expires = time.time() + seconds
            if time.time() < expires and time.time() >= expires:
                text = f"{key.text} expired in use"
                race.dump(mask(text) if masked else text)

        race.thread(use)
        if beside:
            race.thread(lambda: time.sleep(beside), name="sleeper")
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


second, right, hour = _used_until(1, masked=False), _used_until(1, masked=True), _used_until(3600, masked=False)
brought, kept = (_used_until(3600, masked=masked, beside=3600) for masked in (False, True))
second.__name__ = "a_deadline_of_a_second"
second.__doc__ = "What expires between its check and its use is dumped: a machine that stalls for a second."
right.__name__ = "a_deadline_of_a_second_and_a_mask"
right.__doc__ = "The same, and what is dumped is masked."
hour.__name__ = "a_deadline_of_an_hour"
hour.__doc__ = "The same with an hour: what uses the key was checked long after the deadline was set."
brought.__name__ = "a_deadline_of_an_hour_beside_a_sleep"
brought.__doc__ = "The same with an hour, and another thread whose sleep of an hour may end in between."
kept.__name__ = "a_deadline_of_an_hour_beside_a_sleep_and_a_mask"
kept.__doc__ = "The same, and what is dumped is masked."
case("41.1", LEAK, executions=100)(second)
case("41.1", PASS, executions=250)(right)
case("41.1", LEAK, executions=250)(hour)
case("41.1", LEAK, executions=100)(brought)
case("41.1", PASS, executions=250)(kept)


class RefusedError(Exception):
    """A token is too old."""


@case("41.1", PASS, executions=500)
def refuses_what_is_old(race: Race) -> None:
    """A function that a check calls raises for an old token, which nobody catches: a note, as what it does is right."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    expires = time.time() + 3600

    def refuse(now: float) -> None:
        if now > expires:
            raise RefusedError

    def use() -> None:
        refuse(time.time())
        race.dump(mask(f"used {key.text}"))

    race.thread(use)
    race.thread(use)


def _checked_beside(*, locked: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        masked = [key.text]
        expires = time.time() + 3600
        lock = threading.Lock() if locked else contextlib.nullcontext()

        def replace(text: str) -> str:
            for each in list(masked):
                text = text.replace(each, "[key]")
            return text

        mask = race.redactor(replace)

        def use() -> None:
            with lock:
                if time.time() < expires:
                    race.dump(mask(f"used {key.text}"))

        def expire() -> None:
            with lock:
                if time.time() >= expires:
                    masked.clear()

        race.thread(use)
        race.thread(expire)

    body.__name__ = "checked_beside_a_lock" if locked else "checked_beside"
    body.__doc__ = "A thread uses a key until a deadline, after which another one forgets to mask it"
    body.__doc__ += ", one at a time." if locked else "."
    return body


case("41.1", LEAK, executions=1_000)(_checked_beside(locked=False))
case("41.1", PASS, executions=1_000)(_checked_beside(locked=True))


@case("41.1", PASS, executions=500)
def polls_and_raises(race: Race) -> None:
    """A thread polls until a deadline of 30 s, and raises an error of its own: others would have had the time."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    done: list[bool] = []

    def poll() -> None:
        until = time.monotonic() + 30
        while not done:
            if time.monotonic() > until:
                raise RefusedError
            time.sleep(10)
        race.dump(mask(f"used {key.text}"))

    race.thread(poll)
    race.thread(lambda: done.append(True), name="finishes")


@case("41.1", LEAK, executions=500)
def the_next_hour(race: Race) -> None:
    """What is masked follows from the hour, which another hour follows between two looks at the clock."""
    key = race.canary("key")
    hour = time.gmtime().tm_hour
    mask = race.redactor(lambda text: text.replace(key.text, "[key]") if time.gmtime().tm_hour == hour else text)
    race.thread(lambda: race.dump(mask(f"used {key.text}")))


@case("41.1", PASS, executions=500)
def gives_up(race: Race) -> None:
    """A thread sleeps longer each time, and raises an error of its own in the end: others would have had the time."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    done: list[bool] = []

    def poll() -> None:
        for attempt in range(4):
            if done:
                race.dump(mask(f"used {key.text}"))
                return
            time.sleep(2**attempt)
        raise RefusedError

    race.thread(poll)
    race.thread(lambda: done.append(True), name="finishes")


@case("41.1", LEAK, executions=1_000)
def polls_and_leaks(race: Race) -> None:
    """A thread polls often until a deadline of 30 s, and dumps what is not masked when it has passed."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    done: list[bool] = []

    def poll() -> None:
        until = time.monotonic() + 30
        while not done:
            if time.monotonic() > until:
                race.dump(f"gave up {key.text}")
                return
            time.sleep(0.1)
        race.dump(mask(f"used {key.text}"))

    race.thread(poll)
    race.thread(lambda: done.append(True), name="finishes")
