"""What the handler of a kill reads, when everything is stopped, is known to a reduction as any other step is."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from both_ways import both

from redactfuzz import Race
from redactfuzz.model.schedule import Granularity


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are kept in a folder of the test."""
    monkeypatch.chdir(tmp_path)


@attrs.define(eq=False)
class Box:
    """What threads share, and an outside dumper reads."""

    items: list[Any] = attrs.field(factory=lambda: ["a"])
    page: bytearray = attrs.field(factory=lambda: bytearray(2))
    names: dict[str, int] = attrs.field(factory=lambda: {"one": 1})
    other: int = 0
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def adds(self) -> None:
        self.items.append("b")

    def fills(self) -> None:
        self.page[:] = b"xy"

    def renames(self) -> None:
        self.names.pop("one")
        self.names["two"] = 2

    def holds(self) -> None:
        with self.lock:
            self.other = 1

    def apart(self) -> None:
        """Nobody reads what it changes."""
        self.other = 1


def joins(box: Box) -> str:
    return ",".join(box.items)


def looks_at_page(box: Box) -> bytes:
    return b"page " + bytes(box.page)


def goes_through_names(box: Box) -> str:
    return " ".join(f"{name}={number}" for name, number in box.names.items())


def asks_lock(box: Box) -> str:
    got = box.lock.acquire(blocking=False)
    return f"{got} {box.other}"


def looks_at_clock(box: Box) -> str:
    return f"{time.monotonic() > 0} {len(box.items)}"


def fails(box: Box) -> str:
    return str(box.items[1])


def hands_over(box: Box) -> list[Any]:
    return box.items


def looks_at_frames(box: Box) -> str:
    """Who is there, and where it stands, in the order in which threads began."""
    return repr([frame.f_code.co_name for frame in sys._current_frames().values()])


def lists_threads(box: Box) -> str:
    return repr([thread.name for thread in threading.enumerate()])


CASES: list[tuple[Callable[[Box], None], Callable[[Box], Any]]] = [
    (Box.adds, joins),
    (Box.fills, looks_at_page),
    (Box.renames, goes_through_names),
    (Box.holds, asks_lock),
    (Box.adds, looks_at_clock),
    (Box.adds, fails),
    (Box.adds, hands_over),
    (Box.adds, looks_at_frames),
    (Box.adds, lists_threads),
]


@pytest.mark.parametrize(("work", "handler"), CASES, ids=[f"{one.__name__}-{other.__name__}" for one, other in CASES])
def test_what_an_outside_dumper_reads_is_seen(work: Callable[[Box], None], handler: Callable[[Box], Any]) -> None:
    def body(race: Race) -> None:
        box = Box()
        race.thread(work, box, name="works")
        race.crash(lambda: handler(box), by="kill")

    reduced, every = both(body, Granularity.INSTRUCTIONS)
    assert 1 < reduced <= every + 1


def test_steps_that_touch_nothing_of_what_it_reads_cost_no_execution() -> None:
    def body(race: Race) -> None:
        box = Box()
        race.thread(box.adds, name="adds")
        race.thread(box.apart, name="apart")
        race.crash(lambda: joins(box), by="kill")

    reduced, every = both(body, Granularity.INSTRUCTIONS)
    assert reduced < every / 5
