"""What a scenario writes into race.sink: a dump, as it stood when the process died."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable

import pytest
from driving import bounded, run

from redactfuzz import Race
from redactfuzz.model.schedule import Granularity

CALLS = Granularity.CALLS


def truncates(race: Race) -> None:
    os.ftruncate(race.sink.fileno(), 0)


def rewinds(race: Race) -> None:
    race.sink.seek(0)
    race.sink.truncate()


def overwrites(race: Race) -> None:
    os.pwrite(race.sink.fileno(), b"." * 64, 0)


@pytest.mark.parametrize("clears", [truncates, rewinds, overwrites])
def test_what_it_held_at_death_is_its_dump_whatever_threads_do_to_it_afterwards(clears: Callable[[Race], None]) -> None:
    def scenario(race: Race, *, leaky: bool) -> None:
        key = race.canary("key")

        def work() -> None:
            race.sink.write(key.bytes if leaky else b"[gone]")
            int("1")
            clears(race)

        race.thread(work)
        race.crash(lambda: "dump")

    assert run(lambda race: scenario(race, leaky=True), bounded(1, CALLS)).leaks
    assert not run(lambda race: scenario(race, leaky=False), bounded(1, CALLS)).leaks


def test_without_a_crash_it_counts_as_it_stood_when_nothing_could_go_on() -> None:
    def deadlocked(race: Race) -> None:
        key = race.canary("key")

        def work() -> None:
            race.sink.write(key.bytes)
            try:
                threading.Event().wait()
            finally:
                truncates(race)

        race.thread(work)

    def ends(race: Race) -> None:
        key = race.canary("key")
        race.thread(lambda: race.sink.write(key.bytes))
        race.enter(contextlib.ExitStack()).callback(truncates, race)

    assert run(deadlocked).leaks
    assert run(ends).leaks


def test_it_counts_as_well_when_the_handler_raises() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")

        def work() -> None:
            int("1")
            truncates(race)

        def handler() -> None:
            raise ValueError("no dump")

        race.sink.write(key.bytes)
        race.thread(work)
        race.crash(handler)

    assert run(body, bounded(1, CALLS)).leaks


def test_what_was_cleared_before_death_is_in_no_dump() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        race.sink.write(key.bytes)
        truncates(race)
        race.thread(int)
        race.crash(lambda: "dump")

    assert not run(body, bounded(1, CALLS)).leaks
