"""The block: its limits, thousands of threads, and sharing with a forked child."""

from __future__ import annotations

import mmap
import os
from collections import Counter

import pytest
from core_model import EventKind, Op, Program, run

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.engine import Act, Engine, RawDeviation, State

INCREMENT = (Op("load"), Op("store", value=1))


@pytest.mark.parametrize(
    ("stage", "limits"),
    [
        (Stage(Policy.RANDOM, share=0), {}),
        (Stage(Policy.RANDOM, after=0), {}),
        (Stage(Policy.RANDOM, after=3), {}),
        (Stage(Policy.BOUNDED, bound=-1), {}),
        (Stage(Policy.RANDOM), {"threads": 0}),
        (Stage(Policy.RANDOM), {"threads": 65_536}),
        (Stage(Policy.RANDOM), {"steps": 0}),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_limits_named(stage: Stage, limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="1 to 65535"):
        Engine([stage], 1, **limits)


def test_no_stage_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="makes no sense"):
        Engine([], 1)


def test_memory_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="are needed"):
        Engine([Stage(Policy.RANDOM)], 1, memory=mmap.mmap(-1, 4096))


def test_more_deviations_than_there_is_room_for_are_refused() -> None:
    engine = Engine([Stage(Policy.RANDOM)], 1, threads=8, steps=100, replay=1)
    with pytest.raises(ValueError, match="no room for 2"):
        engine.replay([RawDeviation(0, 1, 1, Act.STEP, 1)] * 2)


def test_a_thread_number_beyond_the_limit_stops_the_execution() -> None:
    engine = Engine([Stage(Policy.RANDOM)], 1, threads=4, steps=100)
    engine.begin()
    engine.pend(4, site=1)
    assert engine.choose().action is Act.STOP
    assert engine.status.state is State.TOO_MANY


@pytest.mark.parametrize("threads", [63, 64, 65, 1_000, 4_096, 5_000])
def test_any_number_of_threads_is_visited_in_cyclic_order(threads: int) -> None:
    engine = Engine([Stage(Policy.BOUNDED)], 1, threads=threads, steps=20_000)
    engine.begin()
    for thread in reversed(range(threads)):
        engine.pend(thread, site=thread, flags=1)
    order = []
    while (choice := engine.choose()).action is Act.STEP:
        order.append(choice.thread)
        if len(order) <= threads:
            engine.pend(choice.thread, site=choice.thread, flags=1)
    engine.end()
    assert order == [*range(threads), *range(threads)]


def test_with_gaps_the_next_enabled_thread_is_found_across_words_and_nodes() -> None:
    members = [0, 63, 64, 127, 4_095, 4_096, 8_191, 8_192, 60_000, 65_534]
    engine = Engine([Stage(Policy.REPLAY)], 1, threads=65_535, steps=100)
    engine.begin()
    for thread in members:
        engine.pend(thread, site=1)
    assert [engine.choose().thread for _ in members] == members
    assert engine.choose().action is Act.NOTHING


def test_random_walk_reaches_every_one_of_a_thousand_threads_alike() -> None:
    threads = 1_000
    engine = Engine([Stage(Policy.RANDOM)], 1, threads=threads, steps=40_000)
    engine.begin()
    for thread in range(threads):
        engine.pend(thread, site=1)
    drawn: Counter[int] = Counter()
    for _ in range(20_000):
        thread = engine.choose().thread
        drawn[thread] += 1
        engine.pend(thread, site=1)
    statistic = sum((drawn[thread] - 20) ** 2 / 20 for thread in range(threads))
    assert statistic < 1_143  # p = 0.001 at 999 degrees of freedom


def test_what_a_forked_child_chose_is_seen_by_its_parent() -> None:
    engine = Engine([Stage(Policy.BOUNDED, bound=1)], 1, threads=8, steps=1_000)
    alone = Engine([Stage(Policy.BOUNDED, bound=1)], 1, threads=8, steps=1_000)
    program = Program((INCREMENT, INCREMENT))
    while alone.begin():
        run(alone, program)
        assert engine.begin()
        child = os.fork()
        if child == 0:
            run(engine, program)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert engine.trace() == alone.trace()
    assert not engine.begin()
    assert engine.report(0) == alone.report(0)


def test_an_execution_whose_process_died_is_ended_by_the_parent() -> None:
    engine = Engine([Stage(Policy.EXHAUSTIVE)], 1, threads=8, steps=1_000)
    executions = 0
    while engine.begin():
        executions += 1
        child = os.fork()
        if child == 0:
            engine.pend(0, site=1)
            engine.pend(1, site=2)
            engine.choose()
            os._exit(9)
        os.waitpid(child, 0)
        assert len(engine.trace()) == 1
        engine.end()
    assert executions == 2


def test_a_record_says_what_was_chosen_and_where_the_current_thread_stood() -> None:
    engine = Engine([Stage(Policy.REPLAY)], 1, threads=8, steps=100)
    engine.begin()
    engine.pend(3, site=2**64 - 1, kind=EventKind.CRASH)
    engine.pend(1, site=7, kind=EventKind.WRITE)
    engine.choose()
    engine.choose()
    first, second = engine.trace()
    assert (first.action, first.thread, first.site, first.from_thread, first.kind) == (Act.STEP, 1, 7, 0xFFFF, 2)
    assert (second.action, second.thread, second.trigger, second.site) == (Act.FIRE, 3, 3, 2**64 - 1)
    assert (second.from_thread, second.from_site, second.deviation, second.preemption) == (1, 0, False, False)


def test_an_address_is_handed_to_code_in_c() -> None:
    engine = Engine([Stage(Policy.RANDOM)], 1, threads=8, steps=100)
    assert engine.address % 64 == 0
    assert engine.address > 0
