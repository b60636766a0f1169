"""Line 3.3: a loop that yields, or looks with a limit of nothing, until another thread has come, hands over to it."""

from __future__ import annotations

import os
import select
from collections.abc import Callable

from truth import LEAK, PASS, case

from redactfuzz import Race


def _until(race: Race, pause: Callable[[], object], *, masked: bool) -> None:
    key = race.canary("key")
    text = key.text
    mask = race.redactor(lambda value: value.replace(text, "[key]"))
    come: list[int] = []

    def spins() -> None:
        while not come:
            pause()
        race.dump(mask(text) if masked else text)

    race.thread(spins)
    race.thread(lambda: come.append(1))
    race.crash(lambda: mask(text))


@case("3.3", PASS, executions=60)
def a_loop_that_yields_the_processor(race: Race) -> None:
    """With os.sched_yield."""
    _until(race, os.sched_yield, masked=True)


@case("3.3", LEAK, executions=60)
def a_loop_that_yields_the_processor_and_leaks(race: Race) -> None:
    """With os.sched_yield, and not masked afterwards."""
    _until(race, os.sched_yield, masked=False)


@case("3.3", PASS, executions=100)
def a_loop_that_looks_without_waiting(race: Race) -> None:
    """With select, whose limit is 0."""
    _until(race, lambda: select.select([], [], [], 0), masked=True)


@case("3.3", LEAK, executions=60)
def a_loop_that_looks_without_waiting_and_leaks(race: Race) -> None:
    """With poll, whose limit is 0."""
    _until(race, lambda: select.poll().poll(0), masked=False)
