"""The schedule of an execution replays to the same execution, whatever strategy made it, here and elsewhere."""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from driving import run
from replayed import SCENARIOS

from redactfuzz.model.outcome import Outcome, ProblemKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Site

STRATEGIES = (Policy.RANDOM, Policy.PCT, Policy.POS, Policy.SURW)


def stages(granularity: Granularity) -> tuple[Stage, ...]:
    drawn = [Stage(policy, granularity, limit=4) for policy in STRATEGIES]
    bounded = Stage(Policy.BOUNDED, granularity, bound=2, limit=8)
    return (*drawn, bounded, Stage(Policy.SEQUENTIAL, granularity, limit=3))


def recorded(scenario: str, granularity: Granularity) -> list[Outcome]:
    ran = run(SCENARIOS[scenario], stages(granularity), describe=True)
    assert not ran.fatal
    assert len(ran.outcomes) > 15
    return ran.outcomes


def shown(outcome: Outcome) -> str:
    """What the other process prints."""
    return f"{outcome.trace_hash} {len(outcome.problems)} {sorted({leak.canary for leak in outcome.leaks})}"


@pytest.mark.parametrize("granularity", list(Granularity))
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_schedule_replays_to_the_same_trace_in_the_same_process(scenario: str, granularity: Granularity) -> None:
    outcomes = recorded(scenario, granularity)
    assert len({outcome.trace_hash for outcome in outcomes}) > 5
    for outcome in outcomes:
        assert outcome.schedule is not None
        again = run(SCENARIOS[scenario], schedule=outcome.schedule, canary_number=outcome.execution).only
        assert shown(again) == shown(outcome)
        assert (again.steps, again.preemptions, again.state) == (outcome.steps, outcome.preemptions, outcome.state)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_schedule_replays_to_the_same_trace_in_a_fresh_process(scenario: str) -> None:
    outcomes = recorded(scenario, Granularity.INSTRUCTIONS)
    lines = [base64.b64encode(pickle.dumps((outcome.schedule, outcome.execution))).decode() for outcome in outcomes]
    here = Path(__file__).parents[1]
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, str(here / "replayed.py"), scenario],
            input="\n".join(lines) + "\n",
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
        assert done.stdout.splitlines() == [shown(outcome) for outcome in outcomes]


def test_a_schedule_replays_a_hundred_times_out_of_a_hundred() -> None:
    outcome = max(recorded("waiting", Granularity.INSTRUCTIONS), key=lambda o: o.preemptions)
    assert outcome.preemptions > 5
    hashes = {
        run(SCENARIOS["waiting"], schedule=outcome.schedule, canary_number=outcome.execution).only.trace_hash
        for _ in range(100)
    }
    assert hashes == {outcome.trace_hash}


def test_a_leak_comes_again_with_its_schedule_and_not_without_it() -> None:
    outcomes = recorded("locked", Granularity.CALLS)
    leaks = [outcome for outcome in outcomes if outcome.leaks]
    clean = [outcome for outcome in outcomes if not outcome.leaks]
    assert leaks
    assert clean
    for outcome in (leaks[0], clean[0]):
        assert outcome.schedule is not None
        again = run(SCENARIOS["locked"], schedule=outcome.schedule, canary_number=outcome.execution).only
        assert bool(again.leaks) == bool(outcome.leaks)


def test_a_schedule_between_calls_names_no_interpreter_and_a_finer_one_does() -> None:
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    needed = {Granularity.CALLS: "", Granularity.SWITCHES: here, Granularity.INSTRUCTIONS: here}
    for granularity, python in needed.items():
        outcomes = recorded("locked", granularity)
        assert outcomes
        for outcome in outcomes:
            assert outcome.schedule is not None
            assert outcome.schedule.python == python


@pytest.mark.parametrize(
    ("deviation", "expected"),
    [
        (Deviation("one", Site("replayed", "locked.<locals>.use", "+99:1-2"), 1, Action.SWITCH, "two"), "not met"),
        (Deviation("nobody", Site("replayed", "use", "+0"), 1, Action.SWITCH, "two"), "'nobody'"),
        (Deviation("one", Site("replayed", "use", "+0"), 1, Action.CRASH, "one", "other crash"), "'other crash'"),
    ],
)
def test_a_schedule_of_another_program_diverges_and_says_where(deviation: Deviation, expected: str) -> None:
    ran = run(SCENARIOS["locked"], schedule=Schedule(Granularity.CALLS, (deviation,)))
    problem = ran.problem(ProblemKind.DIVERGED)
    assert expected in problem.what
    assert problem.remedy
