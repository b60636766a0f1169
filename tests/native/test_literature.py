"""Small programs as the literature on concurrency testing has them: bugs are found soon, the safe ones are proved."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from machines import PROGRAMS

from redactfuzz import Report, explore, native
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.verdict import Verdict

pytestmark = pytest.mark.once

ASSERT, DEADLOCK, FAULT = BugKind.ASSERT, BugKind.DEADLOCK, BugKind.FAULT
SECONDS = 600.0
"""None of them is needed: executions end each search."""

# Program, what is found in it, executions within which the default portfolio finds it (seed 0).
WRONG = [
    ("account", ASSERT, 50),
    ("airline", ASSERT, 50),
    ("arithmetic", ASSERT, 50),
    ("bluetooth_driver", ASSERT, 400),
    ("circular_buffer", ASSERT, 100),
    ("deadlock01", DEADLOCK, 100),
    ("fsbench", ASSERT, 200),
    ("indexer", ASSERT, 50),
    ("lazy", ASSERT, 50),
    ("order_of_end", FAULT, 50),
    ("phases", DEADLOCK, 50),
    ("philosophers", DEADLOCK, 400),
    ("queue", ASSERT, 400),
    ("read_write_lock", DEADLOCK, 400),
    ("reorder -DN=3", ASSERT, 100),
    ("reorder -DN=10", ASSERT, 100),
    ("reorder -DN=50", ASSERT, 1_000),
    ("reorder -DN=100", ASSERT, 1_000),
    ("reorder -DN=100 -DSLOWLY", ASSERT, 1_000),
    ("seqlock", ASSERT, 100),
    ("singleton", ASSERT, 50),
    ("stack", ASSERT, 200),
    ("sync", DEADLOCK, 50),
    ("token_ring", ASSERT, 50),
    ("twostage -DN=1", ASSERT, 100),
    ("twostage -DN=100", ASSERT, 2_000),
    ("work_stealing", ASSERT, 400),
    ("wronglock", ASSERT, 400),
    # What few interleavings show.
    ("fib_bench -DROUNDS=2", ASSERT, 3_000),
    ("szymanski", ASSERT, 20_000),
    ("safe_stack", ASSERT, 400_000),
]

# Every schedule of these is run.
WHOLE = [
    "account",
    "deadlock01",
    "indexer",
    "order_of_end",
    "philosophers -DN=2",
    "reorder -DN=1",
    "seqlock",
    "singleton",
    "sync",
    "token_ring -DN=2",
    "twostage -DN=1",
    "wronglock -DN=1",
]

# Every schedule with at most two preemptions: these have too many without a bound.
BOUND = 2
BOUNDED = [
    "airline",
    "arithmetic",
    "bluetooth_driver",
    "circular_buffer",
    "fib_bench",
    "fsbench",
    "lazy",
    "phases",
    "philosophers",
    "queue",
    "read_write_lock",
    "reorder -DN=2",
    "stack",
    "token_ring",
    "work_stealing",
]

# These have too many threads, or preemptions, even so. Nothing is found in twice what finds the bug in the wrong one;
# in the stack once novelty has had its turn.
LARGE = [("reorder -DN=10", 200), ("safe_stack", 40_000), ("twostage -DN=100", 4_000)]


def searched(program: str, *flags: str, **options: object) -> Report:
    """``program``: a file's name, and what is defined for it."""
    name, *defines = program.split()
    scenario = native.scenario(PROGRAMS[f"{name}.c"], crash="none", flags=(*defines, *flags))
    return explore(scenario, seconds=SECONDS, seed=0, **options)


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("program", "kind", "budget"), WRONG, ids=[program for program, _, _ in WRONG])
def test_the_bug_is_found_within_its_budget(program: str, kind: BugKind, budget: int) -> None:
    report = searched(program, executions=budget)
    assert report.verdict is Verdict.BUG, report.reason
    assert report.finding is not None
    assert report.finding.bug is not None
    assert report.finding.bug.kind is kind
    assert report.finding.execution <= budget


@pytest.mark.parametrize("program", WHOLE)
def test_the_safe_one_is_proved(program: str) -> None:
    report = searched(program, "-DSAFE", "-DCONSTANT", strategy="exhaustive", executions=200_000)
    assert report.verdict is Verdict.PROVED, report.reason
    assert report.certificate is not None
    assert report.certificate.preemptions is None


@pytest.mark.parametrize("program", BOUNDED)
def test_the_safe_one_is_proved_up_to_two_preemptions(program: str) -> None:
    report = searched(program, "-DSAFE", preemptions=BOUND, executions=200_000)
    assert report.verdict is Verdict.PROVED, report.reason
    assert report.certificate is not None
    assert report.certificate.preemptions == BOUND


@pytest.mark.parametrize(("program", "budget"), LARGE, ids=[program for program, _ in LARGE])
def test_nothing_is_found_in_a_safe_one_of_many_threads(program: str, budget: int) -> None:
    report = searched(program, "-DSAFE", executions=budget)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert report.executions == budget


def test_every_wrong_program_has_a_safe_form_that_is_searched() -> None:
    safe = {program.split()[0] for program in (*WHOLE, *BOUNDED, *SPINNING, *(one for one, _ in LARGE))}
    assert {program.split()[0] for program, _, _ in WRONG} == safe


# -- threads that wait by looking again and again: how often is no choice that is enumerated to its end

SPINNING = ["szymanski"]


@pytest.mark.parametrize("program", SPINNING)
def test_a_safe_one_that_spins_is_clean_up_to_two_preemptions(program: str) -> None:
    # Between accesses the space is large: who waits is known for it after 32 rounds, each of them a place to switch.
    report = searched(program, "-DSAFE", preemptions=BOUND, executions=26_000)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert report.certificate is not None
    assert report.certificate.preemptions == BOUND
    assert "between library calls: all, but for repeated yields" in report.certificate.covered[1]


# -- N threads doing t = x; x = t + 1


def outcomes(threads: int, times: int, most: int | None) -> frozenset[int]:
    """What x can end as with ``most`` preemptions at most: every interleaving of the reads and writes, by brute force.

    Who has all its turns behind it, and who begins, is switched from without a preemption.
    """

    @functools.cache
    def ends(x: int, done: tuple[int, ...], seen: tuple[int, ...], current: int | None, left: int) -> frozenset[int]:
        found: frozenset[int] = frozenset()
        over = current is None or done[current] == 2 * times
        for thread in range(threads):
            cost = 0 if over or thread == current else 1
            if done[thread] == 2 * times or cost > left:
                continue
            reads = done[thread] % 2 == 0
            found |= ends(
                x if reads else seen[thread] + 1,
                (*done[:thread], done[thread] + 1, *done[thread + 1 :]),
                (*seen[:thread], x if reads else 0, *seen[thread + 1 :]),
                thread,
                left - cost,
            )
        return found or frozenset({x})

    unbounded = 2 * times * threads
    return ends(0, (0,) * threads, (0,) * threads, None, unbounded if most is None else most)


def test_the_brute_force_agrees_with_what_is_known() -> None:
    assert outcomes(2, 1, None) == {1, 2}
    assert outcomes(3, 1, None) == {1, 2, 3}
    assert outcomes(2, 2, None) == {2, 3, 4}  # that 1 cannot be is the old riddle's point: two rounds each, and never 1
    assert outcomes(3, 2, 0) == {6}
    assert outcomes(3, 2, None) == {2, 3, 4, 5, 6}


# Threads, increments of each, preemptions (None: every schedule), executions that are enough.
COUNTED = [
    (2, 1, None, 5_000),
    (2, 2, None, 500_000),
    (3, 1, None, 3_000_000),
    (2, 2, 1, 5_000),
    (2, 2, 2, 5_000),
    (3, 1, 1, 5_000),
    (3, 1, 2, 20_000),
    (3, 2, 1, 5_000),
    (3, 2, 2, 50_000),
    (3, 2, 3, 500_000),
]
COUNTERS = [f"{n}x{times}-{'all' if most is None else most}" for n, times, most, _ in COUNTED]


@pytest.mark.parametrize(("threads", "times", "most", "enough"), COUNTED, ids=COUNTERS)
def test_increments_end_as_the_brute_force_says_and_as_nothing_else(
    threads: int, times: int, most: int | None, enough: int
) -> None:
    known = outcomes(threads, times, most)
    program = f"increments -DN={threads} -DTIMES={times}"
    search = {"strategy": "exhaustive"} if most is None else {"preemptions": most}
    bits = sum(1 << end for end in known)
    none_else = searched(program, f"-DKNOWN={bits}", executions=enough, **search)
    assert none_else.verdict is Verdict.PROVED, none_else.reason
    for end in known:
        found = searched(program, f"-DNEVER={end}", executions=enough, **search)
        assert found.verdict is Verdict.BUG, end
        assert found.finding is not None
        assert found.finding.bug is not None
        assert found.finding.bug.kind is ASSERT
