"""Partial order reduction of threads in Python: nothing is lost, and little is run twice."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
import zlib
from collections.abc import Callable

import pytest
from both_ways import both
from counters import CLASSES, KINDS, counted
from drawn_threads import CRASHES, compared
from driving import run

from redactfuzz import Race, Verdict, explore, scenario
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.threads import _hooks

DRAWN = {
    "none": (2, 6, 9, 10, 11, 12),
    "watchdog": (2, 5, 15, 17, 20),
    "kill": (2, 5, 6, 9, 10),
    "exception": (0, 2, 5, 6, 9),
    "signal": (5, 6, 7, 15, 20),
}
"""Crash -> seeds of scenarios that have few schedules. `ci/soundness.py` draws hundreds, and larger ones."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("threads", [2, 3])
def test_increments_take_one_execution_for_each_order_of_their_accesses(kind: str, threads: int) -> None:
    assert counted(kind, threads) == CLASSES[threads]


@pytest.mark.parametrize("kind", ["global", "attribute", "cell"])
def test_four_threads_take_576(kind: str) -> None:
    assert counted(kind, 4) == CLASSES[4]


@pytest.mark.parametrize("crash", CRASHES)
def test_scenarios_that_are_drawn_come_out_as_under_every_schedule(crash: str) -> None:
    pairs = [compared(seed, crash) for seed in DRAWN[crash]]
    assert (0, 0) not in pairs
    assert sum(few for few, _ in pairs) < sum(many for _, many in pairs)


def test_threads_that_share_nothing_take_one_execution() -> None:
    def body(race: Race) -> None:
        def work() -> None:
            mine = [1]
            mine.append(len(mine))
            {"a": mine}.get("a")

        race.thread(work)
        race.thread(work)

    assert both(body)[0] == 1


def test_what_a_finalizer_does_comes_from_whoever_lets_go_last() -> None:
    class Last:
        def __init__(self, told: list[str]) -> None:
            self.told = told

        def __del__(self) -> None:
            self.told.append(threading.current_thread().name)

    def body(race: Race) -> None:
        told: list[str] = []
        held = Last(told)

        def work(mine: Last | None) -> None:
            del mine
            abs(0)

        race.thread(work, held, name="first")
        race.thread(work, held, name="second")
        race.crash(lambda: list(told))

    few, many = both(body, crash_last=True)
    assert few <= many + 1  # the one in which it is noticed


def test_a_callback_of_a_weak_reference_is_noticed() -> None:
    class Thing:
        pass

    def body(race: Race) -> None:
        told: list[int] = []
        box = [Thing()]
        kept = weakref.ref(box[0], lambda _: told.append(1))

        def work() -> None:
            box.clear()
            abs(0)
            told.append(2)

        def looks() -> None:
            told.append(3 if kept() is None else 4)

        race.thread(work)
        race.thread(looks)
        race.crash(lambda: list(told))

    both(body, crash_last=True)


@pytest.mark.parametrize(
    "listing",
    [lambda: [thread.name for thread in threading.enumerate()], lambda: threading.active_count()],
    ids=["enumerate", "active_count"],
)
def test_a_handler_that_lists_threads_sees_every_order_in_which_they_began(listing: Callable[[], object]) -> None:
    def body(race: Race) -> None:
        race.thread(lambda: abs(0), name="first")
        race.thread(lambda: abs(0), name="second")
        race.crash(lambda: str(listing()))

    both(body, Granularity.CALLS)


def test_a_handler_that_reads_the_frames_of_others_sees_their_locals() -> None:
    def body(race: Race) -> None:
        def work() -> None:
            mine = 1
            abs(0)
            mine = 2
            abs(mine)

        def handler() -> str:
            frames = [frame for frame in sys._current_frames().values() if frame.f_code is work.__code__]
            return str([frame.f_locals.get("mine") for frame in frames])

        race.thread(work)
        race.crash(handler)

    both(body)


def test_what_is_not_known_is_everything_and_is_counted_by_its_name() -> None:
    def body(race: Race) -> None:
        def work() -> None:
            zlib.crc32(b"x")

        race.thread(work)
        race.thread(work)

    few, many = both(body)
    assert 1 < few <= many
    run(body, (Stage(Policy.DPOR, Granularity.SWITCHES),))
    assert {name for _, name in _hooks.unknown_touched()} == {"zlib.crc32"}


def test_a_thread_that_calls_c_code_itself_touches_everything() -> None:
    def body(race: Race) -> None:
        row: list[int] = []
        race.thread(row.append, 1)
        race.thread(row.extend, (2, 3))
        race.crash(lambda: str(row))

    both(body, crash_last=True)


def test_either_of_two_bugs_may_be_the_first() -> None:
    def body(race: Race) -> None:
        def fails(what: type[Exception]) -> None:
            raise what

        race.thread(fails, ValueError, name="one")
        race.thread(fails, KeyError, name="two")

    summaries = [
        {bug.summary for bug in run(body, (Stage(policy, Granularity.SWITCHES),)).bugs}
        for policy in (Policy.DPOR, Policy.EXHAUSTIVE)
    ]
    assert summaries[0] == summaries[1]
    assert len(summaries[0]) == 2


def test_it_leaves_no_weak_reference_and_the_types_as_they_were() -> None:
    class Thing:
        pass

    thing = Thing()
    thing.x = 0  # type: ignore[attr-defined]

    def body(race: Race) -> None:
        race.thread(lambda: setattr(thing, "x", 1))
        race.thread(lambda: setattr(thing, "x", 2))

    assert counted("key", 2) == CLASSES[2]
    run(body, (Stage(Policy.DPOR, Granularity.SWITCHES),))
    run(body, (Stage(Policy.RANDOM, limit=1),))
    assert weakref.getweakrefcount(thing) == 0
    assert gc.isenabled()


def test_the_whole_space_of_the_reduction_is_a_proof() -> None:
    @scenario
    def body(race: Race) -> None:
        key = race.canary("key").text
        state = {"line": ""}
        scrub = race.redactor(lambda text: text.replace(key, "[key]"))

        def work() -> None:
            state["line"] = scrub(f"x {key}")

        race.thread(work)
        race.crash(lambda: f"dump {state['line']}")

    report = explore(body, strategy="dpor", seconds=60.0)
    assert report.verdict is Verdict.PROVED, report.reason
    assert report.certificate is not None
    covered = [line for line in report.certificate.covered if line.startswith("one schedule of each class")]
    assert len(covered) == 1
    assert ": all," in covered[0]


class Thing:
    def __init__(self) -> None:
        self.a = 0


def interleaved(*threads: list[Callable[[dict[str, int], dict[str, int]], None]]) -> set[tuple[int, int]]:
    """Two numbers after every order of these steps, each of which gets what is shared and what is its own."""
    found = set()

    def go_on(at: tuple[int, ...], shared: dict[str, int], own: tuple[dict[str, int], ...]) -> None:
        if all(done == len(steps) for done, steps in zip(at, threads, strict=True)):
            found.add((shared["one"], shared["two"]))
        for number, steps in enumerate(threads):
            if at[number] < len(steps):
                state, mine = dict(shared), tuple(map(dict, own))
                steps[at[number]](state, mine[number])
                go_on((*at[:number], at[number] + 1, *at[number + 1 :]), state, mine)

    go_on((0,) * len(threads), {"one": 0, "two": 0}, ({},) * len(threads))
    return found


def test_what_is_met_first_in_another_order_is_not_taken_for_something_else() -> None:
    """What lies in a set has its number from whoever comes to it first. Where a sleeping thread goes by these numbers
    alone (reduce/sleep.c), 4 of 18 results are lost here."""

    def body(race: Race) -> None:
        one, two = {Thing()}, {Thing()}

        def first() -> None:
            for it in one:
                it.a = it.a + 1

        def second() -> None:
            for it in two:
                it.a = 5
            for it in one:
                it.a = it.a * 2 + 3

        def third() -> None:
            for it in two:
                it.a = 7
            for it in one:
                it.a = it.a * 3

        for thread in (first, second, third):
            race.thread(thread)
        race.crash(lambda: [it.a for it in one] + [it.a for it in two])

    ran = run(body, (Stage(Policy.DPOR, Granularity.INSTRUCTIONS),), executions=5_000, crash_last=True)
    assert ran.exhausted
    load = [lambda shared, mine: mine.update(t=shared["one"])]
    expected = interleaved(
        [*load, lambda shared, mine: shared.update(one=mine["t"] + 1)],
        [lambda shared, _: shared.update(two=5), *load, lambda shared, mine: shared.update(one=mine["t"] * 2 + 3)],
        [lambda shared, _: shared.update(two=7), *load, lambda shared, mine: shared.update(one=mine["t"] * 3)],
    )
    assert {tuple(dumped[0]) for dumped in ran.dumped} == expected
    assert len(expected) == 18
