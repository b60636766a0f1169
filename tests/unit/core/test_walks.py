"""A walk goes as a schedule up to a step, then by chance."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from core_model import EventKind, Flag

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.engine import Act, Engine, RawDeviation, Record, State

STEPS, CRASH = 6, 2


def engine(*stages: Stage, deviations: Sequence[RawDeviation] = (), seed: int = 1) -> Engine:
    made = Engine(stages, seed, threads=4, steps=1000)
    made.replay(deviations)
    return made


def execute(core: Engine) -> list[Record]:
    """Two threads of six steps each; a crash may strike, and ends it."""
    assert core.begin()
    done = [0, 0]
    core.pend(CRASH, kind=EventKind.CRASH, flags=Flag.STRIKE)
    for thread in (0, 1):
        core.pend(thread, site=10 * thread)
    while (choice := core.choose()).action is Act.STEP:
        thread = choice.thread
        done[thread] += 1
        if done[thread] < STEPS:
            core.pend(thread, site=10 * thread + done[thread])
    found = core.trace()
    assert core.status.state is State.RUNNING  # the crash is the last choice
    core.end()
    return found


SWITCHED = [RawDeviation(0, 2, 1, Act.STEP, 1), RawDeviation(1, 13, 1, Act.STEP, 0)]
"""Two steps of thread 0, three of thread 1, and 0 goes on."""


@pytest.mark.parametrize("until", range(9))
def test_it_is_the_schedule_up_to_the_step_and_no_further(until: int) -> None:
    whole = execute(engine(Stage(Policy.REPLAY), deviations=SWITCHED))
    core = engine(Stage(Policy.WALK, bound=until), deviations=SWITCHED)
    found = [execute(core) for _ in range(40)]
    assert all(each[:until] == whole[:until] for each in found)
    assert len({each[until].thread for each in found}) > 1


def test_a_crash_strikes_only_after_that_step_and_soon_or_late() -> None:
    core = engine(Stage(Policy.SEQUENTIAL, first=True, limit=1), Stage(Policy.WALK, bound=5), deviations=SWITCHED)
    execute(core)
    struck = {len(execute(core)) - 1 for _ in range(200)}
    assert min(struck) == 5
    assert max(struck) == 2 * STEPS  # after everything else


def test_a_crash_of_the_schedule_itself_strikes_where_it_says() -> None:
    deviations = [RawDeviation(0, 3, 1, Act.FIRE, 0, CRASH)]
    core = engine(Stage(Policy.WALK, bound=4), deviations=deviations)
    assert {len(execute(core)) for _ in range(20)} == {4}
    before = engine(Stage(Policy.WALK, bound=3), deviations=deviations)
    assert len({len(execute(before)) for _ in range(40)}) > 1


def test_the_same_seed_walks_the_same_ways_and_another_others() -> None:
    def walks(seed: int) -> list[list[Record]]:
        core = engine(Stage(Policy.WALK, bound=2), deviations=SWITCHED, seed=seed)
        return [execute(core) for _ in range(10)]

    assert walks(1) == walks(1)
    assert walks(1) != walks(2)


def test_a_schedule_of_another_program_is_not_followed() -> None:
    core = engine(Stage(Policy.WALK, bound=5), deviations=[RawDeviation(0, 2, 1, Act.STEP, 3)])
    core.begin()
    core.pend(0, site=1)
    core.pend(1, site=10)
    core.choose()
    core.pend(0, site=2)
    assert core.choose().action is Act.STOP
    assert core.status.state is State.DIVERGED
