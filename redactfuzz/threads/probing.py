"""Whether executions of a scenario may follow one another in one process, or each needs one of its own."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import attrs

from redactfuzz.model.outcome import Outcome, ProblemKind
from redactfuzz.model.plan import Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule.engine import Engine
from redactfuzz.threads import _hooks, carried
from redactfuzz.threads.child import Answer, Died
from redactfuzz.threads.duplicates import descriptors
from redactfuzz.threads.single import THREADS, Single

_CLOSES = "it closes file descriptors that were open before"
_ANOTHER_WAY = "its second run took another path than its first (lazy imports, caches)"
_SAME_WAY = "two runs in a child took the same path"
_NAMED = 3
"""Objects that carry state over, at most, that are named."""


@attrs.frozen
class Probe:
    """What was chosen, and why."""

    isolation: Isolation
    reason: str
    leaked: Sequence[str] = ()
    """Canaries that the first runs leaked, before any execution of the search."""


@attrs.frozen
class _Trial:
    """What the first runs showed, in a child."""

    needs_process: str
    """Why an execution needs a process of its own; empty for no reason."""
    repeats: bool
    leaked: Sequence[str]

    @classmethod
    def of(cls, ran: Sequence[Outcome], needs_process: str = "") -> _Trial:
        """What these runs had."""
        leaked = sorted({leak.canary for outcome in ran for leak in outcome.leaks})
        return cls(needs_process, any(outcome.repeats for outcome in ran), leaked)


InChild: TypeAlias = Callable[[Callable[[], Any]], Answer[Any] | Died]
"""Does something in a child of this process, which may die of it."""


def probe(plan: Plan, in_child: InChild) -> Probe:
    """Runs the scenario twice in a child: when the second trace differs, state is carried over."""
    answer = in_child(partial(_twice, plan))
    if isinstance(answer, Answer) and answer.value.needs_process == _CLOSES:
        gc.collect()  # or the collector did: what nobody holds any more, as files of earlier tests
        answer = in_child(partial(_twice, plan))
    if isinstance(answer, Died):
        return Probe(Isolation.PROCESS, f"a first run in a child {answer.how}")
    trial, reason = answer.value, _SAME_WAY
    if trial.needs_process == _ANOTHER_WAY and _finalizers_alone(plan, in_child):
        trial = attrs.evolve(trial, needs_process="")
        reason = f"{_SAME_WAY}, but for finalizers of what the first run alone has left"
    if trial.needs_process:
        return Probe(Isolation.PROCESS, trial.needs_process, trial.leaked)
    if trial.repeats and (kept := _kept(plan, in_child)):
        return Probe(
            Isolation.PROCESS,
            f"one execution leaves something for the next in {', '.join(kept)}, and a canary that repeats there "
            "could not be told from a new one",
            trial.leaked,
        )
    return Probe(Isolation.NONE, reason, trial.leaked)


def _twice(plan: Plan, collects: bool = True) -> _Trial:
    if not collects:
        _hooks.leave_garbage()
    run, before = _sequential(plan, limit=2), descriptors()
    ran: list[Outcome] = []
    for index in (1, 2):  # with the same canaries: a path that depends on their bytes is another matter
        ran.append(run(index))
        if ran[-1].abandoned:  # a second run would hang as long
            return _Trial.of(ran, "a thread could not be ended")
        if any(problem.kind is ProblemKind.INCOMPLETE for problem in ran[-1].problems):
            return _Trial.of(ran, "its dump is a core, in which memory of earlier executions would be as well")
    if not before <= descriptors():
        return _Trial.of(ran, _CLOSES)
    same = ran[0].trace_hash == ran[1].trace_hash
    return _Trial.of(ran, "" if same else _ANOTHER_WAY)


def _finalizers_alone(plan: Plan, in_child: InChild) -> bool:
    """Whether the two runs take the same path where the collector leaves what they make."""
    answer = in_child(partial(_twice, plan, collects=False))
    return isinstance(answer, Answer) and not answer.value.needs_process


def _kept(plan: Plan, in_child: InChild) -> Sequence[str]:
    """What a first execution changes in the modules of the program, by name."""

    def once() -> Sequence[str]:
        before = carried.states(plan.body)
        _sequential(plan, limit=1)(1)
        return carried.changed(before, carried.states(plan.body))[:_NAMED]

    answer = in_child(once)
    return answer.value if isinstance(answer, Answer) else ()


def _sequential(plan: Plan, limit: int) -> Callable[[int], Outcome]:
    """Runs the default schedule, ``limit`` times at most: takes the number of the execution."""
    stages = (Stage(Policy.REPLAY, Granularity.INSTRUCTIONS, limit=limit),)
    engine = Engine(stages, plan.seed, threads=THREADS, steps=plan.step_limit, frontier=0)
    single = Single(attrs.evolve(plan, schedule=None, describe=False), engine)

    def run(index: int) -> Outcome:
        engine.begin()
        return single.run(1, index, Granularity.INSTRUCTIONS, quick=True)[0]

    return run
