"""The engine detects when something has overwritten the layout of its block of memory."""

from __future__ import annotations

import mmap

import pytest
from core_model import Op, Program, Trigger, run

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule.engine import Engine

pytestmark = pytest.mark.once

POLICIES = [policy for policy in Policy if policy is not Policy.REPLAY]
PROGRAM = Program(
    ((Op("load"), Op("store", value=1)) * 8, (Op("wait", 5, value=10), Op("dump"))), (Trigger((Op("dump"),)),)
)


def _make_engine(policy: Policy, steps: int = 1000) -> tuple[Engine, mmap.mmap]:
    memory = mmap.mmap(-1, 32 << 20)
    stage = Stage(policy, Granularity.SWITCHES, bound=1)
    return Engine(
        [stage, Stage(Policy.RANDOM)], 7, threads=16, steps=steps, frontier=1 << 20, replay=0, memory=memory
    ), memory


@pytest.mark.parametrize("steps", [10, 1000], ids=["cut off", "whole"])
@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_no_execution_damages_the_block(policy: Policy, steps: int) -> None:
    engine, _ = _make_engine(policy, steps)
    for _ in range(200):
        if not engine.begin():
            break
        run(engine, PROGRAM)
        assert engine.intact
    assert engine.report(0).executions


@pytest.mark.parametrize("value", [0, 1, 255])
def test_the_engine_notices_what_is_written_over_the_block(value: int) -> None:
    engine, memory = _make_engine(Policy.BOUNDED)
    assert engine.begin()
    run(engine, PROGRAM)
    for size in (4096, 1 << 20):
        memory[:size] = bytes([value]) * size
        assert not engine.intact
