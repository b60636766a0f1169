"""Each policy is what it is called. All seeds are fixed, so that nothing here depends on luck or time."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable

import pytest
from core_model import Move, Op, Program, Run, Trigger, explore, run

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.engine import NO_THREAD, Act, Engine, RawDeviation, State

pytestmark = pytest.mark.once

DUMP = (Op("dump"),)
INCREMENT = (Op("load"), Op("store", value=1))
MIXED = Program(
    (
        (Op("lock", 7), *INCREMENT, Op("unlock", 7), Op("sleep"), Op("signal", 5)),
        (*INCREMENT, Op("lock", 7), Op("unlock", 7)),
        (Op("wait", 5, value=10), Op("dump")),
    ),
    (Trigger(DUMP), Trigger(DUMP, strike=True)),
)
RANDOM_POLICIES = [Policy.RANDOM, Policy.PCT, Policy.POS, Policy.SURW]


def engine_for(policy: Policy, seed: int = 1, **stage: int) -> Engine:
    return Engine([Stage(policy, **stage)], seed, threads=32, steps=10_000)


def count_until(policy: Policy, program: Program, bad: Callable[[Run], bool], seed: int, limit: int = 5_000) -> int:
    """Executions until the first that is bad; ``limit`` when there is none."""
    engine = engine_for(policy, seed)
    for number in range(1, limit):
        engine.begin()
        if bad(run(engine, program)):
            return number
    return limit


@pytest.mark.parametrize("policy", [p for p in Policy if p is not Policy.REPLAY])
def test_the_same_seed_makes_the_same_choices(policy: Policy) -> None:
    first = explore(engine_for(policy, seed=7, bound=2), MIXED, limit=60)
    assert first == explore(engine_for(policy, seed=7, bound=2), MIXED, limit=60)


@pytest.mark.parametrize("policy", [p for p in Policy if p is not Policy.REPLAY])
def test_who_is_blocked_is_never_chosen(policy: Policy) -> None:
    """Who waits has the highest number, and blocks once it has run; `explore` checks each move."""
    program = Program(((Op("load"), Op("signal", 5)), (Op("load"), Op("load")), (Op("load"), Op("wait", 5))))
    assert len(explore(engine_for(policy, bound=1), program, limit=60)) > 1


@pytest.mark.parametrize("policy", RANDOM_POLICIES)
def test_another_seed_makes_other_choices(policy: Policy) -> None:
    assert explore(engine_for(policy, seed=7), MIXED, 30) != explore(engine_for(policy, seed=8), MIXED, 30)


def test_a_stage_chooses_the_same_whoever_takes_turns_with_it() -> None:
    program = Program(MIXED.threads)
    alone = explore(engine_for(Policy.RANDOM), program, limit=20)
    engine = Engine([Stage(Policy.RANDOM), Stage(Policy.SURW, share=2)], 1, threads=32, steps=10_000)
    together = []
    while len(together) < 20:
        engine.begin()
        stage = engine.status.stage
        item = run(engine, program)
        together += [item] if stage == 0 else []
    assert together == alone


# -- random walk


MANY = Program(tuple((Op("set", t), Op("own"), Op("store", t)) for t in range(90)), (Trigger(DUMP, strike=True),))


@pytest.mark.parametrize("program", [MIXED, MANY, Program((INCREMENT, INCREMENT), (Trigger(DUMP, strike=True),))])
def test_random_walk_chooses_the_same_when_it_is_asked_before_the_thread_is_announced(program: Program) -> None:
    step_by_step, at_once = (
        Engine([Stage(Policy.RANDOM)], 3, threads=128, steps=10_000),
        Engine([Stage(Policy.RANDOM)], 3, threads=128, steps=10_000),
    )
    for _ in range(300):
        assert step_by_step.begin() == at_once.begin() is True
        assert run(step_by_step, program) == run(at_once, program, steps=True)
        assert step_by_step.trace() == at_once.trace()


def test_random_walk_takes_each_enabled_thread_equally_often() -> None:
    engine = engine_for(Policy.RANDOM)
    program = Program(tuple((Op("set", t),) for t in range(6)))
    first = Counter(item.moves[0][1] for item in explore(engine, program, limit=6_000))
    assert chi_square(first, list(range(6))) < 20.5  # p = 0.001 at 5 degrees of freedom


@pytest.mark.parametrize("policy", [Policy.RANDOM, Policy.POS, Policy.SURW])
@pytest.mark.parametrize("strike", [False, True])
def test_crashes_of_random_policies_strike_uniformly_over_the_length(policy: Policy, strike: bool) -> None:
    ops = tuple(Op("set", i) for i in range(20))
    engine = engine_for(policy)
    runs = explore(engine, Program((ops, ops), (Trigger((), strike=strike),)), limit=2_000)
    quarter = Counter(min([m[0] for m in item.moves].index("fire") // 11, 3) for item in runs)
    # Three in four are spread evenly over the four quarters, one in four is spared until the end.
    assert all(320 < quarter[part] < 430 for part in range(3)), quarter
    assert 760 < quarter[3] < 920, quarter


@pytest.mark.parametrize("policy", [Policy.RANDOM, Policy.POS, Policy.SURW])
def test_the_length_is_learned_though_a_crash_ends_an_execution(policy: Policy) -> None:
    ops = tuple(Op("set", i) for i in range(200))  # more than the length that is guessed at first
    engine = engine_for(policy)
    struck = []
    for _ in range(400):
        engine.begin()
        died = run(engine, Program((ops,), (Trigger(()),)), dies=True)
        struck.append(len(died.moves) - 1)
    assert sum(100 < step < 200 for step in struck) > 80


# -- PCT


def ordered(moves: tuple[Move, ...], wanted: list[tuple[int, int]]) -> bool:
    """Do the operations (thread, number of its step) come in this order?"""
    seen: Counter[int] = Counter()
    places = {}
    for place, (_, thread, _) in enumerate(moves):
        places[thread, seen[thread]] = place
        seen[thread] += 1
    return all(places[a] < places[b] for a, b in itertools.pairwise(wanted))


@pytest.mark.parametrize(
    ("depth", "wanted"),
    [
        (1, [(1, 0), (0, 0)]),
        (2, [(0, 6), (1, 0), (1, 11), (0, 7)]),
        (3, [(0, 3), (1, 2), (0, 4), (1, 3)]),
    ],
)
def test_pct_meets_its_bound_on_chains_of_its_depth(depth: int, wanted: list[tuple[int, int]]) -> None:
    code = tuple(Op("set", i) for i in range(12))
    engine = engine_for(Policy.PCT, depth=depth)
    tries = 12_000 if depth == 3 else 3_000
    found = sum(ordered(item.moves, wanted) for item in explore(engine, Program((code, code)), limit=tries))
    threads, contended = 2, 23
    bound = 1 / (threads * contended ** (depth - 1))
    deviation = math.sqrt(tries * bound)
    assert found >= tries * bound - 2 * deviation


def test_pct_of_depth_one_never_preempts() -> None:
    code = tuple(Op("set", i) for i in range(12))
    runs = explore(engine_for(Policy.PCT, depth=1), Program((code, code, code)), limit=300)
    assert {item.preemptions for item in runs} == {0}
    assert len({item.moves for item in runs}) == 6


def test_pct_of_depth_d_preempts_less_than_d_times() -> None:
    code = tuple(Op("set", i) for i in range(12))
    runs = explore(engine_for(Policy.PCT, depth=3), Program((code, code, code)), limit=500)
    assert max(item.preemptions for item in runs) == 2


# -- SURW


def chi_square(counts: Counter[object], classes: list[object]) -> float:
    expected = sum(counts.values()) / len(classes)
    return sum((counts[item] - expected) ** 2 / expected for item in classes)


def accesses(item: Run, sizes: list[tuple[int, int]]) -> tuple[int, ...]:
    """The threads in the order of their accesses; a thread's lie at its steps ``first`` to ``last`` - 1."""
    seen: Counter[int] = Counter()
    order = []
    for _, thread, _ in item.moves:
        first, last = sizes[thread]
        if first <= seen[thread] < last:
            order.append(thread)
        seen[thread] += 1
    return tuple(order)


def test_surw_samples_the_interleavings_of_a_variable_uniformly_and_random_walk_does_not() -> None:
    # Threads of unequal length: 30 steps of its own before three accesses, against three accesses at once.
    slow = (*(Op("local") for _ in range(30)), Op("set", 1), Op("set", 1), Op("set", 1))
    fast = (Op("set", 1), Op("set", 1), Op("set", 1))
    classes = [tuple(int(i in ones) for i in range(6)) for ones in itertools.combinations(range(6), 3)]
    statistic = {}
    for policy in (Policy.SURW, Policy.RANDOM):
        runs = explore(engine_for(policy), Program((slow, fast)), limit=2_501)[1:]
        statistic[policy] = chi_square(Counter(accesses(item, [(30, 33), (0, 3)]) for item in runs), list(classes))
    assert statistic[Policy.SURW] < 43.8  # p = 0.001 at 19 degrees of freedom
    assert statistic[Policy.RANDOM] > 800


def test_surw_counts_the_accesses_of_unborn_children() -> None:
    parent = (Op("spawn", value=2), Op("spawn", value=1), Op("set", 1), Op("set", 1), Op("set", 1))
    child = (*(Op("local") for _ in range(9)), Op("set", 1), Op("set", 1))
    program = Program((parent, child, (Op("set", 1),)), started=1)
    runs = explore(engine_for(Policy.SURW), program, limit=3_001)[1:]
    seen = Counter(accesses(item, [(2, 5), (9, 11), (0, 1)]) for item in runs)
    classes = sorted(set(itertools.permutations((0, 0, 0, 1, 1, 2))))
    assert len(classes) == 60
    assert chi_square(seen, list(classes)) < 99.6  # p = 0.001 at 59 degrees of freedom


def test_surw_without_a_shared_variable_interleaves_all_events() -> None:
    code = (Op("local"), Op("local"), Op("local"))
    runs = explore(engine_for(Policy.SURW), Program((code, code)), limit=2_001)[1:]
    counts = Counter(tuple(m[1] for m in item.moves) for item in runs)
    classes = [tuple(int(i in ones) for i in range(6)) for ones in itertools.combinations(range(6), 3)]
    assert chi_square(Counter(counts), list(classes)) < 43.8


# -- POS


def test_pos_beats_random_walk_where_one_thread_must_wait_for_a_long_one() -> None:
    long = (*(Op("local") for _ in range(14)), Op("set", 1, 1))
    late = (Op("load", 1), Op("local"))

    def bad(item: Run) -> bool:
        return dict(enumerate(item.outcome[2]))[1] == 1  # the short thread saw the long one's write

    pos = [count_until(Policy.POS, Program((long, late, late)), bad, seed, 500) for seed in range(20)]
    walk = [count_until(Policy.RANDOM, Program((long, late, late)), bad, seed, 500) for seed in range(20)]
    assert sum(pos) * 10 < sum(walk)


def test_pos_draws_anew_only_for_events_that_race() -> None:
    # Thread 1's load loses against thread 0's first event in half of the executions; as nothing races with it before
    # the last write, it then tends to lose throughout. A random walk lets it in early in most.
    program = Program(((*(Op("set", 2) for _ in range(8)), Op("set", 1)), (Op("load", 1),)))
    place = {}
    for policy in (Policy.POS, Policy.RANDOM):
        runs = explore(engine_for(policy), program, limit=2_000)
        place[policy] = sum([m[1] for m in item.moves].index(1) >= 8 for item in runs) / len(runs)
    assert place[Policy.RANDOM] < 0.02
    assert place[Policy.POS] > 5 * place[Policy.RANDOM]


# -- sequential


def order_of(item: Run) -> tuple[int, ...]:
    return tuple(dict.fromkeys(thread for _, thread, _ in item.moves))


def test_up_to_three_threads_run_in_all_orders_and_the_crash_comes_last() -> None:
    program = Program((INCREMENT, INCREMENT, INCREMENT), (Trigger(DUMP),))
    engine = engine_for(Policy.SEQUENTIAL)
    runs = explore(engine, program)
    assert [order_of(item)[3] for item in runs] == [3] * 6
    assert {order_of(item)[:3] for item in runs} == set(itertools.permutations(range(3)))
    assert {item.preemptions for item in runs} == {0}
    assert engine.report(0).exhausted


def test_of_more_threads_each_runs_first_and_each_runs_last() -> None:
    runs = explore(engine_for(Policy.SEQUENTIAL), Program((INCREMENT,) * 5))
    orders = [order_of(item) for item in runs]
    rest = {thread: tuple(t for t in range(5) if t != thread) for thread in range(5)}
    wanted = {(t, *rest[t]) for t in range(5)} | {(*rest[t], t) for t in range(5)}
    assert set(orders) == wanted
    assert len(orders) == len(wanted)
    assert {item.preemptions for item in runs} == {0}


def test_within_the_bound_every_order_is_run_after_these() -> None:
    engine = Engine([Stage(Policy.SEQUENTIAL, bound=5)], 1, threads=32, steps=10_000)
    orders = [order_of(item) for item in explore(engine, Program((INCREMENT,) * 5))]
    assert set(orders[:9]) != set(orders[9:]) == set(itertools.permutations(range(5)))
    assert len(orders) == 9 + 120
    few = explore(Engine([Stage(Policy.SEQUENTIAL, bound=5)], 1, threads=32, steps=10_000), Program((INCREMENT,) * 6))
    assert len(few) == 11


def test_threads_that_appear_later_are_ordered_too_and_a_lone_starter_is_not() -> None:
    body = (Op("spawn", value=1), Op("spawn", value=2), Op("spawn", value=3))
    program = Program((body, INCREMENT, INCREMENT, INCREMENT), started=1)
    runs = explore(engine_for(Policy.SEQUENTIAL), program)
    assert {order_of(item) for item in runs} == {(0, *order) for order in itertools.permutations((1, 2, 3))}
    assert len(runs) == 6


def test_the_first_thread_of_an_order_goes_on_whenever_it_can() -> None:
    holder = (Op("lock", 7), Op("sleep"), Op("unlock", 7), Op("set", 2, 2))
    waiter = (Op("lock", 7), Op("unlock", 7), Op("set", 2, 1))
    runs = explore(engine_for(Policy.SEQUENTIAL), Program((holder, waiter)))
    assert {dict(item.outcome[0])[2] for item in runs} == {1, 2}


# -- replay


@pytest.mark.parametrize("policy", RANDOM_POLICIES)
def test_what_was_chosen_replays_exactly(policy: Policy) -> None:
    engine = engine_for(policy)
    replayer = Engine([Stage(Policy.REPLAY)], 1, threads=32, steps=10_000)
    for _ in range(150):
        engine.begin()
        original = run(engine, MIXED)
        replayer.replay(engine.deviations())
        replayer.begin()
        assert run(replayer, MIXED) == original
        assert replayer.status.trace_hash == engine.status.trace_hash
        assert replayer.status.pending_deviations == 0
        assert replayer.status.preemptions == original.preemptions
        assert replayer.trace() == engine.trace()


def test_a_replay_begins_as_often_as_its_limit_says() -> None:
    engine = Engine([Stage(Policy.REPLAY, limit=3)], 1, threads=32, steps=10_000)
    engine.replay([RawDeviation(NO_THREAD, 0, 1, Act.STEP, 1)])
    runs = explore(engine, MIXED, limit=10)
    assert [item.moves[0] for item in runs] == [("step", 1, 0)] * 3
    assert not engine.report(0).exhausted


def test_a_deviation_counts_occurrences_of_its_site() -> None:
    engine = Engine([Stage(Policy.REPLAY)], 1, threads=2, steps=100)
    engine.replay([RawDeviation(0, 5, 3, Act.STEP, 1)])
    engine.begin()
    engine.pend(1, site=9)
    engine.pend(0, site=4)
    order = []
    for _ in range(6):
        choice = engine.choose()
        order.append(choice.thread)
        if choice.thread == 0:
            engine.pend(0, site=5)
    engine.end()
    assert order == [0, 0, 0, 1, 0, 0]
    assert engine.status.pending_deviations == 0


def test_a_target_that_is_not_there_diverges_and_the_step_is_told() -> None:
    engine = Engine([Stage(Policy.REPLAY)], 1, threads=32, steps=100)
    engine.replay([RawDeviation(0, 1001, 1, Act.STEP, 9)])
    engine.begin()
    run(engine, Program((INCREMENT, INCREMENT)))
    assert engine.status.state is State.DIVERGED
    assert engine.status.step == 1


def test_a_deviation_that_was_not_met_is_counted() -> None:
    engine = Engine([Stage(Policy.REPLAY)], 1, threads=32, steps=100)
    engine.replay([RawDeviation(0, 77, 1, Act.STEP, 1), RawDeviation(0, 1001, 1, Act.STEP, 1)])
    engine.begin()
    run(engine, Program((INCREMENT, INCREMENT)))
    assert engine.status.state is State.ALL_ENDED
    assert engine.status.pending_deviations == 1
