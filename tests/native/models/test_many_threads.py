"""What an event of a program costs does not grow with the number of its threads: counted in the driver, not timed.

The whole driver is built so that each basic block that runs is counted: exploration core, models and hooks alike.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from machines import PROGRAMS, Machine, explored

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.compile.compiler import toolchain

pytestmark = pytest.mark.once

COUNTED = Machine(
    "counted",
    toolchain(),
    ("-fsanitize-coverage=trace-pc", "-include", str(Path(__file__).with_name("blocks.h"))),
)
FEW, MANY = 32, 512
EXECUTIONS = 5
POLICIES = [Policy.RANDOM, Policy.PCT, Policy.POS, Policy.SURW, Policy.SEQUENTIAL]
"""Those that draw or follow an order. An enumeration lists each schedule that it has still to run: where a thread
ends there is one for each of the others. What its choices cost: ``tests/unit/core/test_cost_of_a_choice.py``."""


def blocks(stage: Stage, threads: int, defines: tuple[str, ...], folder: Path) -> float:
    """Basic blocks of the driver that run for a step, start and end of threads included."""
    flags = (f"-DN={threads}", *defines)
    found = explored(COUNTED, PROGRAMS["many_threads.c"], stage, folder, flags, executions=EXECUTIONS)
    assert found.executions == EXECUTIONS
    assert found.status == 0, found.said
    assert found.steps > EXECUTIONS * threads * 10
    return float(found.said.split()[-1]) / found.steps


@pytest.mark.parametrize("defines", [(), ("-DLOCKS",)], ids=["accesses", "locks"])
@pytest.mark.parametrize("policy", POLICIES)
def test_a_step_among_512_threads_costs_little_more_than_among_32(
    policy: Policy, defines: tuple[str, ...], tmp_path: Path
) -> None:
    stage = Stage(policy, Granularity.SWITCHES)
    few, many = blocks(stage, FEW, defines, tmp_path), blocks(stage, MANY, defines, tmp_path)
    assert few > 10
    assert many < 2 * few  # log2 grows 1.8 times; one look at each thread would cost 16 times as much
