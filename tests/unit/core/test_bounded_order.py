"""In which order the bounded enumeration visits its schedules, and how many there are."""

from __future__ import annotations

import pytest
from core_model import Op, Program, Run, Trigger, explore

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule.engine import Engine

DUMP = (Op("dump"),)


def bounded(program: Program, granularity: Granularity = Granularity.CALLS, **stage: object) -> list[Run]:
    engine = Engine([Stage(Policy.BOUNDED, granularity=granularity, **stage)], 1, threads=16, steps=20_000)
    runs = explore(engine, program)
    assert engine.report(0).exhausted
    return runs


def fired_at(run: Run) -> int:
    return next(i for i, move in enumerate(run.moves) if move[0] == "fire")


def displaced(run: Run) -> tuple[int, int] | None:
    """(thread, step) of the first preemption."""
    for step, cost in enumerate(run.preempting):
        if cost:
            return (run.moves[step - 1][1] if step else -1, step)
    return None


def scrubber(fields: int) -> Program:
    """Scrubs one field after the other and says "done" one field early; the reporter, a crash, shows what there is."""
    ops = [Op("set", field, 1) for field in range(1, fields + 1)]
    return Program(((*ops[:-1], Op("set", 0, 1), ops[-1]),), (Trigger(DUMP),))


def leaks(run: Run, fields: int) -> bool:
    shown = dict(run.outcome[1][0])
    return shown.get(0) == 1 and sum(shown.get(field, 0) for field in range(1, fields + 1)) < fields


@pytest.mark.parametrize("fields", [10, 60, 200])
@pytest.mark.parametrize("granularity", [Granularity.CALLS, Granularity.INSTRUCTIONS])
def test_the_single_window_of_many_fields_is_found_within_the_bound(fields: int, granularity: Granularity) -> None:
    runs = bounded(scrubber(fields), granularity, bound=1)
    found = [number for number, run in enumerate(runs, 1) if leaks(run, fields)]
    assert len(found) == 1
    assert found[0] <= fields + 2
    assert len(runs) <= 2 * fields + 5


def test_the_reporter_as_a_thread_is_exhausted_within_the_bound() -> None:
    fields = 60
    scrub = scrubber(fields).threads[0]
    runs = bounded(Program((scrub, (Op("load", 0), Op("dump")))), bound=1)
    assert any(leaks(run, fields) for run in runs)
    assert len(runs) <= 2 * fields + 5


def test_crash_points_are_visited_in_bit_reversed_order() -> None:
    runs = bounded(Program((tuple(Op("set", i) for i in range(8)),), (Trigger(DUMP),)), bound=1)
    # Step 8 comes without a deviation: everything has ended.
    assert [fired_at(run) for run in runs] == [8, 0, 4, 2, 6, 1, 5, 3, 7]


def test_a_thread_of_ten_points_is_not_starved_by_one_of_hundreds() -> None:
    short = tuple(Op("set", i) for i in range(10))
    long = tuple(Op("set", 100 + i) for i in range(200))
    runs = bounded(Program((short,), (Trigger((*DUMP, *long)), Trigger(DUMP))), bound=1)
    preempted = [displaced(run) for run in runs]
    of_short = [number for number, found in enumerate(preempted) if found is not None and found[0] == 0]
    assert len(of_short) > 10
    assert max(of_short) < 60
    assert len(runs) > 200


def test_at_instruction_granularity_shared_writes_are_preempted_first() -> None:
    shared = [1, 2, 9, 14]
    program = Program((tuple(Op("store", i) if i in shared else Op("local") for i in range(20)),), (Trigger(DUMP),))
    fine = [fired_at(run) for run in bounded(program, Granularity.INSTRUCTIONS, bound=1)]
    assert sorted(fine[1:5]) == shared
    assert sorted(fine) == list(range(21))
    coarse = [fired_at(run) for run in bounded(program, bound=1)]
    assert sorted(coarse[1:5]) != shared
    assert sorted(coarse) == list(range(21))


def test_a_strike_is_free_in_addition_to_one_preemption() -> None:
    ops = tuple(Op("set", i) for i in range(3))
    program = Program((ops, ops), (Trigger(DUMP),))
    plain = {run.moves for run in bounded(program, bound=2)}
    struck = {run.moves for run in bounded(program, bound=1, strike=True)}
    assert struck < plain
    assert max(run.preemptions for run in bounded(program, bound=1, strike=True)) == 2


def test_a_thread_that_has_not_started_is_not_preempted() -> None:
    ops = (Op("set", 1), Op("set", 2))
    runs = bounded(Program((ops, ops)), bound=1)
    assert len({run.moves for run in runs}) == len(runs) == 4
