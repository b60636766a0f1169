"""A function whose call runs nothing of it (async def, a generator) is an ERROR that says so, and never a pass."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from driving import run

from redactfuzz import Race, explore
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.verdict import Verdict


async def coroutine(*_: Any) -> None:
    pass


def generator(*_: Any) -> Iterator[None]:
    yield


async def async_generator(*_: Any) -> AsyncIterator[None]:
    yield


class Called:
    async def __call__(self) -> None:
        pass


async def coroutine_scenario(race: Race) -> None:
    pass


def generator_scenario(race: Race) -> Iterator[None]:
    yield


async def async_generator_scenario(race: Race) -> AsyncIterator[None]:
    yield


SCENARIOS: dict[str, Callable[[Race], Any]] = {
    "async def": coroutine_scenario,
    "a yield": generator_scenario,
    "async generator": async_generator_scenario,
}
KINDS: dict[str, Callable[..., Any]] = {
    "async def": coroutine,
    "a yield": generator,
    "async generator": async_generator,
}
HIDDEN: dict[str, Callable[..., Any]] = {
    "async def ": lambda: coroutine(),
    "a yield ": lambda: generator(),
    " async def": functools.partial(coroutine, 1),
    "(async def)": Called(),
}
PLACES: dict[str, Callable[[Race, Any], Any]] = {
    "thread": lambda race, what: race.thread(what),
    "main": lambda race, what: race.main(what),
    "crash": lambda race, what: race.crash(what),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS | HIDDEN)
def test_what_would_never_run_is_the_scenarios_fault_and_said_with_a_remedy(kind: str, place: str) -> None:
    ran = run(lambda race: PLACES[place](race, (KINDS | HIDDEN)[kind]))
    assert ran.bug.kind is BugKind.SCENARIO
    assert kind.strip() in ran.bug.summary
    assert "runs nothing of it" in ran.bug.summary
    assert "Give a plain function" in ran.bug.summary


@pytest.mark.parametrize("kind", KINDS)
def test_a_scenario_of_that_kind_is_an_error(kind: str) -> None:
    report = explore(SCENARIOS[kind], executions=20, seconds=20.0)
    assert report.verdict is Verdict.ERROR, report
    assert report.reason is not None
    assert "the scenario is a" in report.reason.what


@pytest.mark.parametrize("kind", ["async def", "async generator"])
def test_a_redactor_that_needs_an_event_loop_is_refused(kind: str) -> None:
    ran = run(lambda race: race.redactor(KINDS[kind]))
    assert ran.bug.kind is BugKind.SCENARIO
    assert "race.redactor" in ran.bug.summary


def test_a_redactor_that_is_a_generator_is_run_by_whoever_calls_it() -> None:
    def scrub(text: str) -> Iterator[str]:
        yield "[gone]"

    def body(race: Race) -> None:
        key = race.canary("key")
        scrubbed = race.redactor(scrub)
        race.crash(lambda: "".join(scrubbed(key.text)))

    ran = run(body)
    assert not ran.bugs
    assert ran.dumped == [["[gone]"]]


def test_a_thread_that_makes_a_generator_and_runs_it_is_accused_of_nothing() -> None:
    ran = run(lambda race: race.thread(lambda: list(generator())))
    assert not ran.bugs
