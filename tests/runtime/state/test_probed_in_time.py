"""How executions are isolated is looked at while there is time; what the search then runs is at least one execution."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from driving import SEQUENTIAL, Ran, run

from redactfuzz import Race
from redactfuzz.model.plan import Isolation
from redactfuzz.threads.run import probing

TURNS: list[int] = []


def never_the_same(race: Race, *, right: bool) -> None:
    """Each execution in a process takes longer than the one before it."""
    TURNS.append(len(TURNS))
    secret = race.canary("key").text

    def work() -> None:
        for _ in TURNS:
            len(secret)
        race.dump("[key]" if right else secret)

    race.thread(work)


def ran(monkeypatch: pytest.MonkeyPatch, *, seconds: float, right: bool) -> tuple[Ran, int]:
    """In so many seconds; and how often it was looked for the reason."""
    looked: list[Any] = []
    alone = probing._finalizers_alone

    def counted(*args: Any) -> bool:
        looked.append(args)
        return alone(*args)

    monkeypatch.setattr(probing, "_finalizers_alone", counted)
    body = functools.partial(never_the_same, right=right)
    return run(body, SEQUENTIAL, seconds=seconds, isolation=Isolation.AUTO), len(looked)


@pytest.mark.parametrize("right", [True, False], ids=["right", "leaky"])
@pytest.mark.parametrize(("seconds", "looks"), [(0.0, 0), (600.0, 1)], ids=["no time", "time"])
def test_without_time_nobody_looks_why_runs_differ_and_one_execution_is_run_all_the_same(
    monkeypatch: pytest.MonkeyPatch, seconds: float, looks: int, right: bool
) -> None:
    told, looked = ran(monkeypatch, seconds=seconds, right=right)
    assert told.isolation is Isolation.PROCESS
    assert looked == looks
    assert len(told.outcomes) == 1
    assert told.leaks == (0 if right else 1)
    assert not told.problems
