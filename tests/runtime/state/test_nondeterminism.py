"""Random numbers follow from the number of the execution, time is the same; what else changes is reported."""

from __future__ import annotations

import itertools
import os
import random
import re
import secrets
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from driving import randomly, run

from redactfuzz import Race, explore
from redactfuzz.model.outcome import Inspection, ProblemKind
from redactfuzz.model.plan import Policy, Stage
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
    "os.urandom": lambda: os.urandom(3)[2],
    "os.getrandom": lambda: os.getrandom(1)[0],
    "uuid4": lambda: uuid.uuid4().int >> 8,
    "secrets": lambda: secrets.randbelow(1000),
    "random.SystemRandom": lambda: random.SystemRandom().randrange(1000),
    "an unseeded generator": lambda: random.Random().randrange(1000),
    "random.seed()": lambda: random.seed() or random.randrange(1000),  # type: ignore[func-returns-value]
    "time": lambda: time.time_ns() // 1000,
    "perf_counter": lambda: time.perf_counter_ns() // 1000,
}
DIFFERENT: dict[str, Callable[[], int]] = {
    "a counter kept between executions": lambda: next(COUNTER) // 5,
}


@pytest.mark.parametrize("source", SAME)
def test_random_numbers_and_time_give_the_same_trace_in_each_execution_of_one_number(source: str) -> None:
    body = branches_on(SAME[source])
    first, again = (run(body, randomly(10)).outcomes for _ in range(2))
    assert [outcome.trace_hash for outcome in first] == [outcome.trace_hash for outcome in again]
    kinds = {problem.kind for outcome in first for problem in outcome.problems}
    assert kinds == (set() if "time" in source or "perf" in source else {ProblemKind.CHANCE})


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


def test_a_generator_that_was_made_before_begins_each_execution_as_its_number_says() -> None:
    seen: list[float] = []
    generators = random.Random(5), random.Random()

    def body(race: Race) -> None:
        race.thread(lambda: seen.extend(each.random() for each in generators), name="draws")

    run(body, randomly(3, Granularity.CALLS))
    run(body, randomly(3, Granularity.CALLS))
    assert seen[:6] == seen[6:]
    assert len(set(seen)) == 6


def test_a_generator_that_the_scenario_seeds_gives_what_it_always_gives() -> None:
    seen: set[float] = set()

    def body(race: Race) -> None:
        race.thread(lambda: seen.add(random.Random(5).random()), name="draws")
        random.seed(5)
        seen.add(random.random())

    run(body, randomly(3, Granularity.CALLS))
    assert seen == {random.Random(5).random()}


def test_draws_of_the_systems_chance_differ_from_one_another_and_between_seeds() -> None:
    drawn: list[bytes] = []

    def body(race: Race) -> None:
        race.thread(lambda: drawn.extend(os.urandom(16) for _ in range(20)))

    run(body)
    run(body, seed=8)
    assert len(set(drawn)) == 40


def test_threads_outside_of_an_execution_draw_real_chance() -> None:
    inside: list[bytes] = []
    outside: list[bytes] = []

    def inspect(*_: object) -> Inspection:
        outside.append(os.urandom(16))
        return Inspection()

    def body(race: Race) -> None:
        race.thread(lambda: inside.append(os.urandom(16)))
        race.crash(lambda: "dump")

    run(body, randomly(5), inspect=inspect, crash_last=True, canary_number=1)
    assert len(set(inside)) == 1
    assert len(set(outside)) == 5


@pytest.mark.parametrize("size", [-1, 1.5, "1", None])
def test_a_size_that_the_system_refuses_is_refused_with_its_own_error(size: Any) -> None:
    told: list[str] = []

    def draw() -> None:
        try:
            os.urandom(size)
        except Exception as error:
            told.append(f"{type(error).__name__}: {error}")

    draw()
    run(lambda race: race.thread(draw))
    assert told[0] == told[1]


KEPT: list[int] = []


def sorts(race: Race) -> None:
    first, second = (race.canary(name).text for name in ("first", "second"))
    lines: list[str] = []

    def mask(text: str) -> None:
        for key in sorted((first, second)):
            if key in text:
                text = text.replace(key, "[gone]")
        lines.append(text)

    log = race.redactor(mask, bypass=lines.append)
    race.thread(lambda: [log(first), log("nothing")], name="logs")
    race.thread(lambda: log(second), name="logs too")
    race.crash(lambda: "\n".join(lines))


def sorts_and_keeps(race: Race) -> None:
    KEPT.append(1)
    sorts(race)


PARTED: dict[str, tuple[Callable[[Race], None], str, bool]] = {
    "by the values of secrets": (sorts, "with those of an earlier execution", True),
    "by what is kept between executions": (
        branches_on(DIFFERENT["a counter kept between executions"]),
        "with the same secrets",
        False,
    ),
}


@pytest.mark.parametrize("how", PARTED)
def test_an_enumeration_that_met_another_execution_names_both_places_and_why(how: str) -> None:
    body, whose, follows = PARTED[how]
    outcomes = run(body, (Stage(Policy.BOUNDED, Granularity.INSTRUCTIONS, bound=1, limit=60),)).outcomes
    problems = [problem for outcome in outcomes for problem in outcome.problems]
    told = max(problems, key=lambda problem: len(problem.what))
    assert len(re.findall(r"test_nondeterminism\.py:\d+ in thread", told.what)) == 2
    assert whose in told.what
    assert told.follows is follows


def test_what_was_shown_to_follow_from_the_values_of_secrets_is_searched_with_the_same_ones() -> None:
    report = explore(sorts, executions=150, seconds=60.0, seed=1)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert report.certificate is not None
    assert "the same canaries in every execution" in report.certificate.inputs


def test_no_search_with_the_same_secrets_is_believed_where_an_execution_leaves_something_for_the_next() -> None:
    report = explore(sorts_and_keeps, executions=150, seconds=60.0, seed=1, isolation="none")
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "KEPT changes" in report.reason.remedy
