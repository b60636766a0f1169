"""A body under the reduction and under every schedule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from driving import run

from redactfuzz import Race
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity


def both(
    body: Callable[[Race], object], granularity: Granularity = Granularity.SWITCHES, **fields: Any
) -> tuple[int, int]:
    """Executions of the reduction and of every schedule, which show the same dumps and bugs."""
    counts, seen = [], []
    for policy in (Policy.DPOR, Policy.EXHAUSTIVE):
        ran = run(body, (Stage(policy, granularity),), executions=20_000, **fields)
        assert ran.exhausted
        assert not [(policy, p) for p in ran.problems if p.kind is ProblemKind.NONDETERMINISM]
        counts.append(len(ran.outcomes))
        seen.append({repr(dumped) for dumped in ran.dumped} | {repr(bug.kind) for bug in ran.bugs})
    assert seen[0] == seen[1]
    return counts[0], counts[1]
