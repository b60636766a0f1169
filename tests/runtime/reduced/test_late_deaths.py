"""Objects that die at the end of an execution because a reduction puts that off: what follows from it is no finding."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from driving import run

from redactfuzz import Race
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity


class Held:
    """Writes down in which thread it dies."""

    def __init__(self, log: list[str]) -> None:
        self.log = log

    def __del__(self) -> None:
        self.log.append(threading.current_thread().name)


def looks(held: Held) -> None:
    assert held.log is not None


def counts(log: list[str]) -> None:
    log.count("x")


def deaths(race: Race, dying: str) -> None:
    """The dump is right unless the object, which one thread holds, has died in the one that is named."""
    key, log = race.canary("key").text, list[str]()
    mask = race.redactor(lambda text: text.replace(key, "[masked]"))
    race.thread(looks, Held(log), name="holds")
    race.thread(counts, log, name="other")
    race.crash(lambda: [mask(key), key if dying in log else ""])


@pytest.mark.parametrize(("dying", "leaks"), [("other", False), ("holds", True)])
def test_a_leak_that_follows_from_a_death_that_came_too_late_is_none(dying: str, leaks: bool) -> None:
    ran = run(partial(deaths, dying=dying), (Stage(Policy.DPOR, Granularity.CALLS),), executions=100)
    assert len(ran.outcomes) > 1
    assert any(outcome.leaks for outcome in ran.outcomes) == leaks
    assert any(outcome.begins_again for outcome in ran.outcomes) != leaks  # what was not counted says so


def test_what_no_reduction_begins_again_is_shown_as_it_was() -> None:
    """Steps report what they touch here too, and the finalizer is noticed; but the execution is the only one."""
    ran = run(partial(deaths, dying="holds"), (Stage(Policy.SURW, Granularity.CALLS, asks=True),), executions=1)
    (outcome,) = ran.outcomes
    assert outcome.leaks
