"""Line 3.3: a loop that yields, looks without waiting, or asks, until another thread has come, hands over to it."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from pathlib import Path

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


@case("3.3", PASS, executions=60)
def a_loop_that_asks_for_a_file(race: Race) -> None:
    """It asks for the state of a folder, which gives up the interpreter lock, until the other has come."""
    _until(race, Path("/").stat, masked=True)


@case("3.3", LEAK, executions=60)
def a_loop_that_asks_for_a_file_and_leaks(race: Race) -> None:
    """The same, and what comes is not masked."""
    _until(race, Path("/").stat, masked=False)


@case("3.3", PASS, executions=60)
def a_loop_that_gets_on_is_none_that_asks(race: Race) -> None:
    """A worker reads a pipe byte by byte until its end, and counts: nobody has to come in between."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    counted = [0]

    def work() -> None:
        reader, writer = os.pipe()
        os.write(writer, b"x" * 150)
        os.close(writer)
        while os.read(reader, 1):
            counted[0] += 1
        os.close(reader)

    race.thread(work)
    race.crash(lambda: mask(f"died with {key.text} after {counted[0]}"))
