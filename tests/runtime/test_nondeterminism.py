"""Random numbers and time are the same in each execution; what else changes is reported, with where it parted."""

from __future__ import annotations

import itertools
import os
import random
import time
from collections.abc import Callable

import pytest
from driving import randomly, run

from redactfuzz import Race, explore
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict

COUNTER = itertools.count()


def branches_on(odd: Callable[[], int]) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        box = [key.text]
        scrub = race.redactor(lambda texts: ["[gone]"])

        def work() -> None:
            for _ in range(6):
                if odd() % 2:
                    int("1")
                    int("2")

        race.thread(work)
        race.crash(lambda: scrub(box))

    return body


SAME: dict[str, Callable[[], int]] = {
    "random": lambda: random.randrange(1000),
    "random.Random()": lambda: int(1000 * random.random()),
    "time": lambda: time.time_ns() // 1000,
    "perf_counter": lambda: time.perf_counter_ns() // 1000,
}
DIFFERENT: dict[str, Callable[[], int]] = {
    "os.urandom": lambda: os.urandom(1)[0],
    "a counter kept between executions": lambda: next(COUNTER) // 5,
    "random.SystemRandom": lambda: random.SystemRandom().randrange(2),
}


@pytest.mark.parametrize("source", SAME)
def test_random_numbers_and_time_give_the_same_trace_in_each_execution(source: str) -> None:
    body = branches_on(SAME[source])
    first, again = (run(body, randomly(10)).outcomes for _ in range(2))
    assert [outcome.trace_hash for outcome in first] == [outcome.trace_hash for outcome in again]
    assert not any(outcome.problems for outcome in first)


@pytest.mark.parametrize("source", SAME)
def test_a_scenario_that_uses_them_passes(source: str) -> None:
    report = explore(branches_on(SAME[source]), executions=60, seconds=30.0)
    assert report.verdict in (Verdict.NO_LEAK_FOUND, Verdict.PROVED), report.reason


@pytest.mark.parametrize("source", DIFFERENT)
def test_other_sources_are_reported_with_where_the_executions_parted(source: str) -> None:
    report = explore(branches_on(DIFFERENT[source]), executions=60, seconds=30.0, isolation="none")
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    text = f"{report.reason.what} {report.reason.remedy}"
    assert "nondeterministic" in text or "another way" in text
    assert "step" in text
    assert "random" in text


def test_a_seeded_generator_of_the_program_is_left_alone() -> None:
    seen: set[float] = set()
    generator = random.Random(5)
    expected = random.Random(5)

    def body(race: Race) -> None:
        race.thread(lambda: seen.add(generator.random()), name="draws")

    run(body, randomly(3, Granularity.CALLS))
    assert seen == {expected.random() for _ in range(3)}
