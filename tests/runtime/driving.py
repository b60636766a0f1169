"""Drives the runtime for Python threads without a campaign: one batch, and everything that it told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from redactfuzz import Race
from redactfuzz.model.canary import mint
from redactfuzz.model.events import BatchEnded, Executed, Noticed, Probed, Recorded
from redactfuzz.model.outcome import Bug, Dump, Inspection, Outcome, Problem, ProblemKind
from redactfuzz.model.plan import Budget, Counters, Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.scan import Inspector, Masker
from redactfuzz.threads import ThreadRuntime

SEED = 7
MOST = 600.0
"""Seconds of a batch: the number of its executions decides, on a busy machine too."""
DEFAULT_ORDER = (Stage(Policy.REPLAY, Granularity.INSTRUCTIONS, limit=1),)
"""One execution without any deviation."""
SEQUENTIAL = (Stage(Policy.SEQUENTIAL),)


def bounded(preemptions: int, granularity: Granularity = Granularity.INSTRUCTIONS) -> tuple[Stage, ...]:
    return (Stage(Policy.BOUNDED, granularity, bound=preemptions),)


def randomly(executions: int, granularity: Granularity = Granularity.INSTRUCTIONS) -> tuple[Stage, ...]:
    return (Stage(Policy.RANDOM, granularity, limit=executions),)


def exhaustively(granularity: Granularity = Granularity.SWITCHES) -> tuple[Stage, ...]:
    return (Stage(Policy.EXHAUSTIVE, granularity),)


@attrs.define
class Ran:
    """What came out of a batch."""

    outcomes: list[Outcome] = attrs.field(factory=list)
    problems: list[Problem] = attrs.field(factory=list)
    dumped: list[list[Any]] = attrs.field(factory=list)
    """For each execution with a dump: the data of its dumps. Seen in this process only."""
    recorded: list[Recorded] = attrs.field(factory=list)
    counters: Counters = attrs.field(factory=Counters)
    exhausted: bool = False
    isolation: Isolation | None = None

    @property
    def bugs(self) -> list[Bug]:
        return [outcome.bug for outcome in self.outcomes if outcome.bug is not None]

    @property
    def bug(self) -> Bug:
        """The only one. AssertionError when there is none, or another."""
        (bug,) = {(bug.kind, bug.summary): bug for bug in self.bugs}.values()
        return bug

    @property
    def leaks(self) -> int:
        return sum(bool(outcome.leaks) for outcome in self.outcomes)

    @property
    def fatal(self) -> list[ProblemKind]:
        return sorted({problem.kind for problem in self.problems if problem.fatal})

    def problem(self, kind: ProblemKind) -> Problem:
        """The first of its kind. AssertionError when there is none."""
        found = [problem for problem in self.problems if problem.kind is kind]
        assert found, f"no problem {kind!r} among {self.problems}"
        return found[0]

    @property
    def only(self) -> Outcome:
        """Of a batch of one execution."""
        (outcome,) = self.outcomes
        return outcome


def run(
    body: Callable[[Race], object],
    stages: Sequence[Stage] = DEFAULT_ORDER,
    *,
    executions: int = 3_000,
    seconds: float = MOST,
    isolation: Isolation = Isolation.NONE,
    schedule: Schedule | None = None,
    stop_at_first: bool = False,
    every: bool = True,
    seed: int = SEED,
    inspect: Callable[..., Inspection] | None = None,
    mask: Masker | None = None,
    **fields: Any,
) -> Ran:
    """Explores ``body`` under ``stages``, or runs ``schedule``; ``fields`` are those of Plan."""
    ran = Ran()
    search = inspect or Inspector(seed)

    def inspected(
        dumps: Sequence[Dump], canaries: Mapping[str, Any], witnesses: Mapping[str, str], number: int
    ) -> Inspection:
        ran.dumped.append([dump.data for dump in dumps])
        return search(dumps, canaries, witnesses, number)

    plan = Plan(
        name="scenario",
        body=body,
        seed=seed,
        stages=tuple(stages),
        mint=lambda name, kind, number: mint(seed, name, kind, number),
        inspect=inspected,
        mask=mask or Masker(seed),
        isolation=isolation,
        schedule=schedule,
        every=every,
        **fields,
    )
    most = executions if schedule is None else 1
    budget = Budget(most, seconds, stop_at_first=stop_at_first, patience=seconds)
    for event in ThreadRuntime().explore(plan, budget):
        match event:
            case Executed(outcome):
                ran.outcomes.append(outcome)
            case Noticed(problem):
                ran.problems.append(problem)
            case Probed(isolation, _):
                ran.isolation = isolation
            case Recorded():
                ran.recorded.append(event)
            case BatchEnded(counters, exhausted, _):
                ran.counters, ran.exhausted = counters, exhausted
    return ran
