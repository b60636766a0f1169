"""Threads that yield, spin or wait again and again starve nobody and do not spin for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from core_model import EventKind, Flag

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.engine import Act, Engine, State

LIMIT = 60_000
Waiter = Callable[[Engine, int], None]


def by_yield(engine: Engine, thread: int) -> None:
    engine.pend(thread, site=50, flags=Flag.YIELD)


def by_spin(engine: Engine, thread: int) -> None:
    engine.pend(thread, site=51, flags=Flag.LOOP)


def by_timed_wait(engine: Engine, thread: int) -> None:
    engine.block(thread, site=52, kind=EventKind.WAIT, object=3, flags=Flag.TIMED, deadline=10)


def wait_for(engine: Engine, waits: dict[int, Waiter], steps: int = 3) -> int:
    """Thread 2 makes a few steps; the others wait, in a loop, until it has ended. Returns the number of steps."""
    left = steps
    for thread, wait in waits.items():
        wait(engine, thread)
    engine.pend(2, site=100)
    while (choice := engine.choose()).action in (Act.STEP, Act.EXPIRE):
        if choice.thread == 2:
            left -= 1
            if left:
                engine.pend(2, site=100 + left)
        elif left:
            waits[choice.thread](engine, choice.thread)
    engine.end()
    return engine.status.steps


@pytest.mark.parametrize("wait", [by_yield, by_timed_wait, by_spin])
@pytest.mark.parametrize("policy", [p for p in Policy if p is not Policy.EXHAUSTIVE])
def test_a_loop_that_waits_ends_under_every_policy(policy: Policy, wait: Waiter) -> None:
    engine = Engine([Stage(policy, bound=0)], 1, threads=4, steps=LIMIT)
    for _ in range(12):
        if not engine.begin():
            break
        wait_for(engine, {0: wait, 1: wait})
        assert engine.status.state is State.ALL_ENDED


@pytest.mark.parametrize("wait", [by_yield, by_timed_wait])
@pytest.mark.parametrize(("policy", "bound"), [(Policy.BOUNDED, 0), (Policy.BOUNDED, 1), (Policy.EXHAUSTIVE, 0)])
def test_the_schedules_of_a_loop_that_waits_are_finitely_many(policy: Policy, bound: int, wait: Waiter) -> None:
    engine = Engine([Stage(policy, bound=bound)], 1, threads=4, steps=LIMIT)
    executions = 0
    while engine.begin():
        executions += 1
        wait_for(engine, {0: wait, 1: wait} if bound == 0 and policy is Policy.BOUNDED else {0: wait}, steps=2)
        assert engine.status.state is State.ALL_ENDED
    assert engine.report(0).exhausted
    assert engine.report(0).cut == (executions > 3)
    assert 3 <= executions < 400


def test_a_yield_hands_over_without_a_preemption() -> None:
    engine = Engine([Stage(Policy.BOUNDED)], 1, threads=4, steps=100)
    engine.begin()
    wait_for(engine, {0: by_yield, 1: by_yield})
    assert [record.thread for record in engine.trace()] == [0, 1, 2, 2, 2, 0, 1]
    assert engine.status.preemptions == 0


def test_a_spinning_thread_hands_over_after_five_thousand_passes() -> None:
    engine = Engine([Stage(Policy.BOUNDED)], 1, threads=4, steps=LIMIT)
    engine.begin()
    assert 5_000 < wait_for(engine, {0: by_spin}) < 5_010
    assert engine.status.preemptions == 0


def test_the_fast_path_counts_the_passes_of_a_loop_too() -> None:
    engine = Engine([Stage(Policy.BOUNDED)], 1, threads=4, steps=LIMIT)
    engine.begin()
    engine.pend(0, site=1)
    engine.pend(1, site=2)
    choice = engine.choose()
    passes = 0
    while choice.thread == 0:
        choice = engine.step(0, site=51, flags=Flag.LOOP)
        passes += 1
    assert 5_000 < passes < 5_010
    assert not choice.preempts


def test_a_loop_alone_is_not_disturbed() -> None:
    engine = Engine([Stage(Policy.BOUNDED)], 1, threads=4, steps=LIMIT)
    engine.begin()
    engine.pend(0, site=1)
    engine.choose()
    for _ in range(12_000):
        assert engine.step(0, site=51, flags=Flag.LOOP).thread == 0
    engine.end()
    assert engine.status.switches == 0


def test_one_whose_wait_expired_hands_over_at_its_next_point() -> None:
    engine = Engine([Stage(Policy.REPLAY)], 1, threads=4, steps=100)
    engine.begin()
    by_timed_wait(engine, 0)
    assert engine.choose().action is Act.EXPIRE
    engine.pend(1, site=9)
    engine.pend(0, site=8)
    choice = engine.choose()
    assert (choice.thread, choice.preempts) == (1, False)


def test_the_earliest_deadline_expires_first_and_ties_go_to_the_lowest_thread() -> None:
    engine = Engine([Stage(Policy.REPLAY)], 1, threads=16, steps=100)
    engine.begin()
    for thread, deadline in enumerate([50, 20, 40, 20, 60, 10, 30]):
        engine.block(thread, site=1, kind=EventKind.WAIT, flags=Flag.TIMED, deadline=deadline)
    engine.pend(2, site=3)  # released before its time
    assert engine.choose().action is Act.STEP
    assert [engine.choose().thread for _ in range(6)] == [5, 1, 3, 6, 0, 4]
    assert engine.choose().action is Act.NOTHING


@pytest.mark.parametrize("policy", [p for p in Policy if p is not Policy.REPLAY])
def test_a_wait_that_ends_in_turn_only_never_ends_early(policy: Policy) -> None:
    engine = Engine([Stage(policy, bound=2, depth=3)], 1, threads=4, steps=100)
    for _ in range(40):
        if not engine.begin():
            break
        left = 4
        for thread, deadline in enumerate([20, 10]):
            flags = Flag.TIMED | Flag.IN_TURN
            engine.block(thread, site=60 + thread, kind=EventKind.WAIT, flags=flags, deadline=deadline)
        engine.pend(3, site=9)
        ended = []
        while (choice := engine.choose()).action is not Act.NOTHING:
            if choice.action is Act.EXPIRE:
                assert left == 0
                ended.append(choice.thread)
            elif choice.thread == 3:
                left -= 1
                if left:
                    engine.pend(3, site=9 + left)
        assert ended == [1, 0]
        engine.end()
