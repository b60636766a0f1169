"""Small programs as the literature on concurrency testing has them: bugs are found soon, the safe ones are clean."""

from __future__ import annotations

from pathlib import Path

import pytest
from machines import PROGRAMS, explored, here

from redactfuzz import explore, native
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict

pytestmark = pytest.mark.once

# File, what is defined, executions within which the default portfolio finds the bug (seed 0).
WRONG = [
    ("account.c", (), 50),
    ("reorder.c", ("-DN=3",), 100),
    ("reorder.c", ("-DN=10",), 100),
    ("twostage.c", ("-DN=1",), 100),
    ("twostage.c", ("-DN=100",), 2_000),
    ("bluetooth_driver.c", (), 400),
    ("stack.c", (), 200),
    ("queue.c", (), 400),
    ("deadlock01.c", (), 100),
    ("wronglock.c", (), 400),
]
NAMES = ["".join((file, *defines)) for file, defines, _ in WRONG]


@pytest.mark.parametrize(("file", "defines", "budget"), WRONG, ids=NAMES)
def test_the_bug_is_found_within_its_budget(file: str, defines: tuple[str, ...], budget: int) -> None:
    program = native.scenario(PROGRAMS / file, crash="none", flags=defines)
    report = explore(program, executions=budget, seconds=60, seed=0)
    assert report.verdict is Verdict.BUG, report.reason
    assert report.finding is not None
    assert report.finding.execution <= budget


@pytest.mark.parametrize(("file", "defines", "budget"), WRONG, ids=NAMES)
def test_nothing_is_found_in_the_safe_one(file: str, defines: tuple[str, ...], budget: int) -> None:
    program = native.scenario(PROGRAMS / file, crash="none", flags=(*defines, "-DSAFE"))
    report = explore(program, executions=2 * budget, seconds=60, seed=0)
    assert report.verdict.passed, report.reason


@pytest.mark.parametrize("end", [0, 1, 2, 3])
def test_two_increments_end_as_one_or_two_and_as_nothing_else(end: int, tmp_path: Path) -> None:
    every = Stage(Policy.EXHAUSTIVE, Granularity.SWITCHES)
    found = explored(here(), PROGRAMS / "counter.c", every, tmp_path, ("-DN=2", f"-DNEVER={end}"))
    assert found.exhausted
    assert (found.bugs > 0) == (end in (1, 2))


@pytest.mark.parametrize("end", [0, 1, 2, 3, 4])
def test_three_increments_end_as_one_to_three_with_at_most_four_preemptions(end: int, tmp_path: Path) -> None:
    every = Stage(Policy.BOUNDED, Granularity.SWITCHES, bound=4)
    found = explored(here(), PROGRAMS / "counter.c", every, tmp_path, ("-DN=3", f"-DNEVER={end}"))
    assert found.exhausted
    assert (found.bugs > 0) == (end in (1, 2, 3))
