"""Exhaustive and bounded enumeration give exactly what brute force gives."""

from __future__ import annotations

from collections import Counter

import pytest
from core_model import Op, Program, Run, Trigger, brute, explore, run
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule.engine import Act, Engine, State

pytestmark = pytest.mark.once

INCREMENT = (Op("load"), Op("store", value=1))
LOCKED = (Op("lock", 7), *INCREMENT, Op("unlock", 7))
CROSSED = (Op("lock", 7), Op("lock", 8), Op("unlock", 8), Op("unlock", 7))
DUMP = (Op("dump"),)

PROGRAMS = {
    "two threads": Program((INCREMENT, INCREMENT)),
    "three threads": Program((INCREMENT, INCREMENT, INCREMENT)),
    "one long, one short": Program((INCREMENT * 3, (Op("set", value=9),))),
    "a lock": Program((LOCKED, LOCKED)),
    "a lock, three threads": Program((LOCKED, INCREMENT, (Op("lock", 7), Op("unlock", 7)))),
    "a deadlock": Program((CROSSED, (Op("lock", 8), Op("lock", 7), Op("unlock", 7), Op("unlock", 8)))),
    "a wait that is signalled or expires": Program(
        ((Op("wait", 5, value=10), Op("dump")), (Op("set", value=1), Op("signal", 5), Op("set", value=2)))
    ),
    "two waits, the later first": Program(
        ((Op("wait", 5, value=20), Op("set", value=1)), (Op("wait", 5, value=10), Op("set", value=2)), (Op("local"),))
    ),
    "a wait for ever": Program(((Op("wait", 5), Op("dump")), (Op("set", value=1), Op("signal", 5)))),
    "sleep": Program(((Op("load"), Op("sleep"), Op("store", value=1)), INCREMENT)),
    "two that sleep": Program(((Op("sleep"), Op("set", value=1)), (Op("sleep"), Op("set", value=2)))),
    "spawn": Program(((Op("spawn", value=1), Op("spawn", value=2), Op("dump")), INCREMENT, INCREMENT), started=1),
    "a crash in a thread of its own": Program((INCREMENT, INCREMENT), (Trigger(DUMP),)),
    "a crash whose handler has a lock": Program((LOCKED,), (Trigger((Op("lock", 7), *DUMP)),)),
    "a strike on anybody": Program((INCREMENT, (Op("set", value=7),)), (Trigger(DUMP, strike=True),)),
    "a strike on thread 0": Program((INCREMENT, (Op("set", value=7),)), (Trigger(DUMP, strike=True, victim=0),)),
    "a strike on one that is blocked": Program(
        ((Op("wait", 5), Op("local")), (Op("set", value=7), Op("signal", 5))), (Trigger(DUMP, strike=True, victim=0),)
    ),
    "all blocked, then struck": Program(((Op("wait", 5),), (Op("wait", 6),)), (Trigger(DUMP, strike=True),)),
    "two crashes": Program((INCREMENT,), (Trigger((*DUMP, *DUMP)), Trigger(DUMP))),
    "two strikes": Program((INCREMENT,), (Trigger((*DUMP, *DUMP), strike=True), Trigger(DUMP, strike=True))),
    "a crash while all wait with a deadline": Program(
        ((Op("wait", 5, value=10), Op("set", value=1)),), (Trigger(DUMP),)
    ),
    "one that nobody may displace": Program(((Op("load"), Op("own"), Op("own"), Op("store", value=1)), INCREMENT)),
    "one that a strike alone may displace": Program(
        ((Op("own"), Op("set", value=1), Op("own")), (Op("load"), Op("own"))), (Trigger(DUMP, strike=True),)
    ),
    "nothing at all": Program(((),)),
    "a crash alone": Program(((),), (Trigger(DUMP),)),
}


def engine_for(
    policy: Policy,
    *,
    bound: int = 0,
    strike: bool = False,
    frontier: int = 8 << 20,
    granularity: Granularity = Granularity.CALLS,
) -> Engine:
    stage = Stage(policy, bound=bound, strike=strike, granularity=granularity)
    return Engine([stage], 1, threads=16, steps=1_000, frontier=frontier)


def moves_of(runs: list[Run]) -> Counter[object]:
    return Counter(item.moves for item in runs)


def costs_of(runs: list[Run]) -> set[object]:
    return {(item.moves, item.preempting, item.outcome) for item in runs}


def everything(program: Program) -> list[Run]:
    found = brute(program)
    assert found is not None
    return found


@pytest.mark.parametrize(("threads", "count"), [(1, 1), (2, 6), (3, 90), (4, 2520)])
@pytest.mark.parametrize("policy", [Policy.EXHAUSTIVE, Policy.BOUNDED])
def test_the_interleavings_of_n_increments_are_counted_exactly(policy: Policy, threads: int, count: int) -> None:
    engine = engine_for(policy, bound=1_000)
    runs = explore(engine, Program((INCREMENT,) * threads))
    assert len(runs) == count == len(moves_of(runs))
    assert engine.report(0).exhausted
    assert {dict(item.outcome[0])[0] for item in runs} == set(range(1, threads + 1))


@pytest.mark.parametrize("name", PROGRAMS)
def test_exhaustive_runs_every_schedule_once_and_nothing_else(name: str) -> None:
    engine = engine_for(Policy.EXHAUSTIVE)
    runs = explore(engine, PROGRAMS[name])
    expected = everything(PROGRAMS[name])
    assert moves_of(runs) == moves_of(expected)
    assert costs_of(runs) == costs_of(expected)
    assert engine.report(0).exhausted
    assert engine.report(0).estimate == len(expected)


@pytest.mark.parametrize("strike", [False, True])
@pytest.mark.parametrize("bound", [0, 1, 2, 50])
@pytest.mark.parametrize("name", PROGRAMS)
def test_bounded_runs_every_schedule_within_the_bound_once(name: str, bound: int, strike: bool) -> None:
    engine = engine_for(Policy.BOUNDED, bound=bound, strike=strike)
    runs = explore(engine, PROGRAMS[name])
    expected = [item for item in everything(PROGRAMS[name]) if item.cost(strike) <= bound]
    assert moves_of(runs) == moves_of(expected)
    assert costs_of(runs) == costs_of(expected)
    assert engine.report(0).exhausted
    assert engine.report(0).estimate == len(expected)


@pytest.mark.parametrize("name", PROGRAMS)
def test_bounded_runs_schedules_of_fewer_preemptions_first(name: str) -> None:
    costs = [item.preemptions for item in explore(engine_for(Policy.BOUNDED, bound=3), PROGRAMS[name])]
    paid = [cost for cost in costs if cost]
    assert paid == sorted(paid)
    assert costs[:4] == sorted(costs[:4]), "one in four of those without a preemption may have one"


PLAIN = ("load", "store", "set", "local", "own", "sleep", "dump")
ops = st.one_of(
    st.builds(Op, st.sampled_from(PLAIN), st.just(0), st.integers(1, 2)),
    st.builds(Op, st.sampled_from(["lock", "unlock"]), st.integers(3, 4)),
    st.builds(Op, st.just("wait"), st.integers(5, 6), st.integers(0, 3)),
    st.builds(Op, st.just("signal"), st.integers(5, 6)),
)
codes = st.lists(ops, max_size=3).map(tuple)
triggers = st.builds(Trigger, st.lists(ops, max_size=2).map(tuple), st.booleans(), st.integers(-1, 1))
threads = st.lists(codes, min_size=2, max_size=3).map(tuple)
programs = st.builds(Program, threads, st.lists(triggers, max_size=2).map(tuple))


@settings(deadline=None, max_examples=150)
@given(programs, st.integers(0, 3), st.booleans(), st.sampled_from(Granularity))
def test_random_programs_are_enumerated_as_by_brute_force(
    program: Program, bound: int, strike: bool, granularity: Granularity
) -> None:
    found = brute(program, limit=400)
    assume(found is not None)
    assert found is not None
    assert costs_of(explore(engine_for(Policy.EXHAUSTIVE), program)) == costs_of(found)
    engine = engine_for(Policy.BOUNDED, bound=bound, strike=strike, granularity=granularity)
    assert moves_of(explore(engine, program)) == moves_of([item for item in found if item.cost(strike) <= bound])


@pytest.mark.parametrize("policy", [Policy.EXHAUSTIVE, Policy.BOUNDED])
@pytest.mark.parametrize("name", PROGRAMS)
def test_executions_that_end_early_are_enumerated_up_to_there(name: str, policy: Policy) -> None:
    engine = engine_for(policy, bound=1_000)
    moves = Counter()
    while engine.begin():
        moves[run(engine, PROGRAMS[name], stop_after=3).moves] += 1
    assert moves == Counter({found.moves[:3]: 1 for found in everything(PROGRAMS[name])})
    assert engine.report(0).exhausted


@pytest.mark.parametrize("policy", [Policy.EXHAUSTIVE, Policy.BOUNDED])
def test_a_frontier_that_is_too_small_truncates_and_never_exhausts(policy: Policy) -> None:
    engine = engine_for(policy, bound=50, frontier=256 if policy is Policy.BOUNDED else 64)
    runs = explore(engine, Program((INCREMENT * 2, INCREMENT * 2)))
    assert 0 < len(runs) < 70
    assert len(runs) == len(moves_of(runs))
    assert engine.report(0).truncated
    assert not engine.report(0).exhausted


@pytest.mark.parametrize("policy", [Policy.EXHAUSTIVE, Policy.BOUNDED])
def test_another_program_in_the_prefix_diverges_and_rules_out_exhaustion(policy: Policy) -> None:
    first = Program((INCREMENT * 2, INCREMENT))
    other = Program((INCREMENT * 2, (Op("local"), *INCREMENT)))
    engine = engine_for(policy, bound=50)
    engine.begin()
    run(engine, first)
    states = []
    while engine.begin():
        run(engine, other if len(states) % 2 else first)
        states.append(engine.status.state)
    assert State.DIVERGED in states
    assert engine.report(0).truncated
    assert not engine.report(0).exhausted


def test_a_divergence_names_the_step_at_which_the_programs_part() -> None:
    engine = engine_for(Policy.BOUNDED, bound=1)

    def steps(changed: int) -> None:
        engine.pend(1, site=99)
        engine.pend(0, site=1)
        for place in range(2, 12):
            choice = engine.choose()
            if choice.action is not Act.STEP:
                break
            if choice.thread == 0:
                engine.pend(0, site=place + 100 * (place == changed))
        engine.end()

    engine.begin()
    steps(-1)
    while engine.begin():
        steps(4)
        if engine.status.state is State.DIVERGED and engine.status.steps > 4:
            break
    assert engine.status.step == 3  # the thread stood at another place when the fourth choice was made


def test_too_many_steps_stop_the_execution_and_rule_out_exhaustion() -> None:
    engine = Engine([Stage(Policy.BOUNDED)], 1, threads=2, steps=3)
    engine.begin()
    run(engine, Program((INCREMENT * 2,)))
    assert engine.status.state is State.STEP_LIMIT
    assert not engine.begin()
    assert engine.report(0).truncated
