"""Line 2.2: what is bounded by time comes late on a machine that stalls, whatever the virtual clock says otherwise."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from truth import LEAK, NO_PROOF, PASS, case

from redactfuzz import Race

Late = Callable[[], bool]


def _monotonic(seconds: float) -> Late:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def _nanoseconds(seconds: float) -> Late:
    until = time.perf_counter_ns() + int(seconds * 1e9)
    return lambda: time.perf_counter_ns() > until


def _date(seconds: float) -> Late:
    until = datetime.now() + timedelta(seconds=seconds)
    return lambda: datetime.now() > until


def _records(seconds: float) -> Late:
    def made() -> float:
        return logging.LogRecord("app", logging.INFO, "", 0, "", None, None).created

    until = made() + seconds
    return lambda: made() > until


def _fails_open(clock: Callable[[float], Late], *, right: bool) -> Callable[[Race], None]:
    """A redactor has a deadline; what comes after it goes out as it is, or not at all."""

    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

        def reports() -> None:
            late = clock(0.02)
            masked = mask(f"user {key.text}")
            race.dump(("dropped" if right else f"user {key.text}") if late() else masked)

        race.thread(reports)

    return body


for name, clock in {"monotonic": _monotonic, "ns": _nanoseconds, "date": _date, "log_records": _records}.items():
    right, leaks = _fails_open(clock, right=True), _fails_open(clock, right=False)
    right.__name__, leaks.__name__ = f"a_deadline_by_{name}_drops", f"a_deadline_by_{name}_fails_open"
    right.__doc__ = f"Where redaction takes longer than a limit ({name}), nothing is reported."
    leaks.__doc__ = f"Where redaction takes longer than a limit ({name}), what is not redacted is reported."
    case("2.2", PASS, executions=200)(right)
    case("2.2", LEAK, executions=200)(leaks)


def _waits(race: Race, *, right: bool) -> None:
    """A thread polls for a masked record, for a second at most."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    box: dict[str, Any] = {}

    def masks() -> None:
        box["masked"] = mask(key.text)

    def reports() -> None:
        until = time.monotonic() + 1
        while "masked" not in box and time.monotonic() < until:
            time.sleep(0.1)
        race.dump(box.get("masked", "late" if right else key.text))

    race.thread(masks)
    race.thread(reports)


@case("2.2", LEAK, executions=300)
def a_poll_with_a_deadline_fails_open(race: Race) -> None:
    """Who polls in vain reports what is not redacted."""
    _waits(race, right=False)


@case("2.2", PASS, executions=300)
def a_poll_with_a_deadline_drops(race: Race) -> None:
    """Who polls in vain reports nothing."""
    _waits(race, right=True)


def _entry_expires(race: Race, *, right: bool) -> None:
    """A list of secrets to mask is kept for a second; a record is made in between."""
    key = race.canary("key")
    kept: dict[str, Any] = {"secrets": [key.text], "until": time.monotonic() + 1}

    def redact(text: str) -> str:
        fresh = right or time.monotonic() < kept["until"]
        return text.replace(key.text, "[key]") if fresh else text

    mask = race.redactor(redact)
    race.thread(lambda: race.dump(mask(f"user {key.text}")))
    race.crash(lambda: mask(f"died with {key.text}"))


@case("2.2", LEAK, executions=200)
def an_entry_that_expires_leaks(race: Race) -> None:
    """What is not known any more is not masked."""
    _entry_expires(race, right=False)


@case("2.2", PASS, executions=200)
def an_entry_that_expires_right(race: Race) -> None:
    """It is masked all the same."""
    _entry_expires(race, right=True)


@case("2.2", NO_PROOF, executions=200)
def three_looks_at_a_clock(race: Race) -> None:
    """Only where a machine stalls between the first two of three looks, and not later, it leaks."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def reports() -> None:
        first = time.monotonic()
        masked = mask(key.text)
        second = time.monotonic()
        third = time.monotonic()
        race.dump(key.text if second - first > 0.5 > third - second else masked)

    race.thread(reports)


def _two_looks(race: Race, *, right: bool) -> None:
    """Two looks at a clock, and one step between them."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def reports() -> None:
        late = _monotonic(0.02)
        masked = mask(key.text)
        race.dump(("late" if right else key.text) if late() else masked)

    race.thread(reports)
    race.thread(lambda: None)


@case("2.2", {"PROVED"}, executions=3_000, preemptions=1)
def two_looks_within_one_preemption_are_proved_on_a_machine_that_stalls_as_well(race: Race) -> None:
    """All schedules of one preemption, each on both machines."""
    _two_looks(race, right=True)


@case("2.2", LEAK, executions=3_000, preemptions=1)
def two_looks_within_one_preemption_fail_open_on_a_machine_that_stalls(race: Race) -> None:
    """The twin."""
    _two_looks(race, right=False)


DIGITS: dict[str, Callable[[], int]] = {
    "seconds": lambda: int(time.time()),
    "milliseconds": lambda: int(time.time() * 1000),
    "microseconds": lambda: datetime.now().microsecond,
    "nanoseconds": time.time_ns,
    "1024_nanoseconds": lambda: time.time_ns() >> 10,
}

for name, digits in DIGITS.items():
    for rest in (0, 1):

        def samples(race: Race, digits: Callable[[], int] = digits, rest: int = rest) -> None:
            """One record in two is told of as it is, by the last digit of the time: whichever half it is leaks."""
            key = race.canary("key")
            mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
            race.thread(lambda: race.dump(key.text if digits() % 2 == rest else mask(key.text)))
            race.crash(lambda: mask(key.text))

        samples.__name__ = f"samples_by_{name}_{rest}"
        case("2.2", LEAK, executions=400)(samples)
