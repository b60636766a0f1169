"""The sources of scheduling points write nothing back: a handler that reads f_locals invents no leak."""

from __future__ import annotations

import sys
import threading
from typing import Any

import pytest
from driving import SEQUENTIAL, bounded, run

from redactfuzz import Race, explore
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict


def frames_of(name: str) -> list[Any]:
    found = []
    for top in sys._current_frames().values():
        frame: Any = top
        while frame is not None:
            if frame.f_code.co_name == name:
                found.append(frame)
            frame = frame.f_back
    return found


class Holder:
    """A secret in a closure variable, read by one thread and scrubbed by another."""

    def __init__(self, text: str, fixed: bool) -> None:
        self.lock = threading.Lock()
        secret = text

        def use() -> None:
            for _ in range(2):
                len(secret)

        def scrub() -> None:
            nonlocal secret
            secret = "gone"

        def look() -> str:
            return secret

        self.use, self.scrub, self.look, self.fixed = use, scrub, look, fixed

    def report(self) -> str:
        shown = [str(frame.f_locals.get("secret")) for frame in frames_of("use")]
        if self.fixed:
            shown = []
        return " ".join([*shown, self.look()])


def written_back(race: Race) -> None:
    """Reads f_locals of the paused frame first, scrubs, lets it go on: what was scrubbed must stay so."""
    holder = Holder(race.canary("key").text, fixed=True)

    def report() -> str:
        for frame in frames_of("use"):
            frame.f_locals  # noqa: B018  reading is what used to do the harm
        holder.scrub()
        for _ in range(3):
            len("the other thread goes on meanwhile")
        return race_redacted(holder.look())

    race_redacted = race.redactor(lambda text: text)
    race.thread(holder.use)
    race.crash(report)


@pytest.mark.parametrize("granularity", list(Granularity))
def test_what_was_scrubbed_after_a_handler_read_f_locals_stays_scrubbed(granularity: Granularity) -> None:
    ran = run(written_back, bounded(2, granularity), executions=12_000, every=False)
    assert ran.exhausted
    assert ran.counters.executions > 40
    assert ran.leaks == 0
    assert not ran.bugs


def rotating(race: Race, *, fixed: bool) -> None:
    holder = Holder(race.canary("key").text, fixed)
    race.witness("mark", "report of")
    scrub = race.redactor(holder.scrub, bypass=lambda: None)

    def report() -> str:
        scrub()
        return "report of " + holder.report()

    race.thread(holder.use)
    race.crash(report)


def test_a_handler_that_scrubs_and_then_shows_the_frames_is_clean() -> None:
    report = explore(lambda race: rotating(race, fixed=False), executions=400, seconds=30.0)
    assert report.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), report.reason


def shown_then_scrubbed(race: Race) -> None:
    holder = Holder(race.canary("key").text, fixed=False)
    race.thread(holder.use)

    def report() -> str:
        shown = holder.report()
        holder.scrub()
        return shown

    race.crash(report)


def test_a_handler_that_shows_the_frames_and_then_scrubs_is_found() -> None:
    assert run(shown_then_scrubbed, SEQUENTIAL).leaks > 0
