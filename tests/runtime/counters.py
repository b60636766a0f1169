"""Threads that each read what they share, and write one more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from driving import run

from redactfuzz import Race
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity

CLASSES = {2: 4, 3: 36, 4: 576}
"""Of so many threads: (n!)^2, as many as there are orders of their accesses."""
KINDS = ("global", "attribute", "cell", "key", "item")

shared = 0


class Box:
    x = 0


def counting(kind: str, threads: int) -> Callable[[Race], object]:
    def body(race: Race) -> None:
        global shared
        shared, cell, box = 0, 0, Box()
        box.x = 0
        by_key: dict[str, int] = {"x": 0}
        row = [0]

        def of_global() -> None:
            global shared
            t = shared
            shared = t + 1

        def of_attribute() -> None:
            t = box.x
            box.x = t + 1

        def of_cell() -> None:
            nonlocal cell
            t = cell
            cell = t + 1

        def of_key() -> None:
            t = by_key["x"]
            by_key["x"] = t + 1

        def of_item() -> None:
            t = row[0]
            row[0] = t + 1

        kinds: dict[str, Any] = dict(zip(KINDS, (of_global, of_attribute, of_cell, of_key, of_item), strict=True))
        for number in range(threads):
            race.thread(kinds[kind], name=f"t{number}")

    return body


def counted(kind: str, threads: int, granularity: Granularity = Granularity.INSTRUCTIONS) -> int:
    """Executions of the reduction, which has gone through all classes."""
    ran = run(counting(kind, threads), (Stage(Policy.DPOR, granularity),), executions=2_000)
    assert ran.exhausted
    assert not ran.bugs
    return len(ran.outcomes)
