"""What a choice costs does not grow with the number of threads, or with its logarithm only: counted, not timed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from redactfuzz.model.plan import Policy

pytestmark = pytest.mark.once

CORE = Path(__file__).resolve().parents[3] / "redactfuzz" / "_core"
EXPLORING = ("choices", "frontier", "reduce", "policies", "explore")
LISTED = [p for p in Policy if p not in (Policy.EXHAUSTIVE, Policy.DPOR, Policy.REPLAY)]
"""Exhaustive search numbers all choices there are at each point, and so does its reduction: they are for few threads. A
replay has no choice."""


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("cost") / "choices"
    sources = sorted(str(path) for folder in EXPLORING for path in (CORE / folder).glob("*.c"))
    flags = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize-coverage=trace-pc", f"-I{CORE}"]
    driver = str(Path(__file__).with_name("choices.c"))
    built = subprocess.run(
        ["gcc", *flags, driver, *sources, "-o", str(program)], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    return program


def blocks(counter: Path, policy: Policy, threads: int, wakes: bool) -> float:
    """Basic blocks of the core that run for a choice, on average. ``wakes``: each step lets another thread go."""
    ran = subprocess.run(
        [str(counter), str(int(policy)), str(threads), str(int(wakes))], capture_output=True, text=True, check=True
    )
    return float(ran.stdout)


@pytest.mark.parametrize("wakes", [False, True])
@pytest.mark.parametrize("policy", LISTED)
def test_a_choice_among_4096_threads_costs_little_more_than_among_64(
    counter: Path, policy: Policy, wakes: bool
) -> None:
    few, many = blocks(counter, policy, 64, wakes), blocks(counter, policy, 4_096, wakes)
    assert few > 10
    assert many < 2 * few  # log2 doubles; one look at each thread would cost 64 times as much
