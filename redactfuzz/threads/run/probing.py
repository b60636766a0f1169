"""Whether executions of a scenario may follow one another in one process, or each needs one of its own."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any, Protocol

import attrs

from redactfuzz.model.outcome import Outcome, ProblemKind
from redactfuzz.model.plan import Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity, Step
from redactfuzz.schedule.engine import Engine
from redactfuzz.threads import _hooks
from redactfuzz.threads.process.child import Answer, Died
from redactfuzz.threads.process.duplicates import descriptors
from redactfuzz.threads.restore import carried, descriptions
from redactfuzz.threads.restore.grown import is_kept_by, sizes
from redactfuzz.threads.run.single import THREADS, Single

_CLOSES = "it closes file descriptors that were open before"
_READS_ON = "it reads on in a file of which something had been read before"
_AT_FIRST = "its second run took another path than its first, and its third the same one (lazy imports, caches)"
_ANOTHER_WAY = "its second run took another path than its first, and its third another one than its second"
_NO_TIME = "its second run took another path than its first, and there was no time for a third"
_SAME_WAY = "two runs in a child took the same path"
_WARM_UP = 1 << 40
"""Number of the execution that does not count: none of the others has its canaries."""
_PARTING_SHARE = 0.1
"""Of the time that is left, for finding out where runs part: a note says it, and no verdict follows from it."""
_NAMED = 3
"""Objects that carry state over, at most, that are named."""


@attrs.frozen
class Probe:
    """What was chosen, and why."""

    isolation: Isolation
    reason: str
    leaked: Sequence[str] = ()
    """Canaries that the first runs leaked, before any execution of the search."""
    warms: bool = False
    parted: tuple[Step | None, Step | None] = (None, None)
    """See Probed."""


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


class InChild(Protocol):
    """Does something in a child of this process, which may die of it."""

    def __call__(self, job: Callable[[], Any], seconds: float = math.inf, /) -> Answer[Any] | Died:
        """At most so long."""


def probe(plan: Plan, in_child: InChild, until: float) -> Probe:
    """Runs the scenario in a child, twice or thrice: where two traces in a row differ, state is carried over.

    Once it is ``until`` that time, by ``time.monotonic``, executions whose first two differ have a process each, and
    nobody looks for the reason.
    """
    answer = in_child(partial(_first_runs, plan, until))
    if isinstance(answer, Answer) and answer.value.needs_process == _CLOSES:
        gc.collect()  # or the collector did: what nobody holds any more, as files of earlier tests
        answer = in_child(partial(_first_runs, plan, until))
    if isinstance(answer, Died):
        return Probe(Isolation.PROCESS, f"a first run in a child {answer.how}")
    trial, reason = answer.value, _SAME_WAY
    differ = trial.needs_process in (_ANOTHER_WAY, _AT_FIRST)
    if differ and time.monotonic() < until and _finalizers_alone(plan, in_child, until):
        trial = attrs.evolve(trial, needs_process="")
        reason = f"{_SAME_WAY}, but for finalizers of what the first run alone has left"
    warms = trial.needs_process == _AT_FIRST
    if trial.repeats and (warms or not trial.needs_process) and (kept := _kept(plan, in_child, warms=warms)):
        return Probe(
            Isolation.PROCESS,
            f"one execution leaves something for the next in {', '.join(kept)}, and a canary that repeats there "
            "could not be told from a new one",
            trial.leaked,
        )
    where: tuple[Step | None, Step | None] = (None, None)
    if trial.needs_process in (_ANOTHER_WAY, _AT_FIRST) and time.monotonic() < until:
        left = until - time.monotonic()
        parted = in_child(partial(_find_parting, plan, 1 if warms else 2), _PARTING_SHARE * left)
        where, names = parted.value if isinstance(parted, Answer) else ((None, None), ())
        if names:
            trial = attrs.evolve(trial, needs_process=f"{trial.needs_process}; {', '.join(names)} had changed")
    if trial.needs_process:
        return Probe(Isolation.PROCESS, trial.needs_process, trial.leaked, warms, where)
    return Probe(Isolation.NONE, reason, trial.leaked)


def _first_runs(plan: Plan, until: float, collects: bool = True) -> _Trial:
    if not collects:
        _hooks.leave_garbage()
    run, before = _sequential(plan, limit=3), descriptors()
    ran: list[Outcome] = []
    for index in (1, 2, 3):  # with the same canaries: a path that depends on their bytes is another matter
        ran.append(run(index))
        if ran[-1].abandoned:  # a second run would hang as long
            return _Trial.of(ran, "a thread could not be ended")
        if any(problem.kind is ProblemKind.INCOMPLETE for problem in ran[-1].problems):
            return _Trial.of(ran, "its dump is a core, in which memory of earlier executions would be as well")
        if index == 2 and ran[0].trace_hash == ran[1].trace_hash:
            break
        if index == 2 and time.monotonic() >= until:
            return _Trial.of(ran, _NO_TIME)
    if descriptions.reads_on():
        return _Trial.of(ran[:1], _READS_ON)
    if not before <= descriptors():
        return _Trial.of(ran, _CLOSES)
    if len(ran) == 2:
        return _Trial.of(ran)
    return _Trial.of(ran, _AT_FIRST if ran[1].trace_hash == ran[2].trace_hash else _ANOTHER_WAY)


def _find_parting(plan: Plan, first: int) -> tuple[tuple[Step | None, Step | None], Sequence[str]]:
    """Where run number ``first`` and the next one part, from the first run of this process on; what differed, by name.

    Of the program's own state, else of what the library's module keeps in which they part.
    """
    traces: list[Sequence[Step]] = []
    states: list[tuple[dict[str, int], dict[str, int]]] = []
    for index in range(1, first + 2):
        if index >= first:
            states.append((carried.states(plan.body, near=True), sizes()))
        run = _sequential(attrs.evolve(plan, steps=True), limit=1, describe=index >= first)
        traces.append(run(1).trace)
    near, kept = (carried.changed(before, after) for before, after in zip(*states, strict=True))
    for mine, its in zip_longest(*traces[-2:]):
        if mine is None or its is None or (mine.thread, mine.site) != (its.thread, its.site):
            file = next(each.file for each in (mine, its) if each is not None)
            return (mine, its), (near or [name for name in kept if is_kept_by(file, name)])[:_NAMED]
    return (None, None), ()


def _finalizers_alone(plan: Plan, in_child: InChild, until: float) -> bool:
    """Whether the runs take the same path where the collector leaves what they make."""
    answer = in_child(partial(_first_runs, plan, until, collects=False))
    return isinstance(answer, Answer) and not answer.value.needs_process


def _kept(plan: Plan, in_child: InChild, *, warms: bool) -> Sequence[str]:
    """What an execution changes in the modules of the program, by name: the first one, or the one after it.

    What the first one imports is imported before it, in another child: else nobody would know what it left there.
    """

    def loads() -> Sequence[str]:
        before = carried.looked_at()
        _sequential(plan, limit=1)(1)
        return sorted(carried.looked_at() - before)

    loaded = Answer(()) if warms else in_child(loads)
    if not isinstance(loaded, Answer):
        return ("what it imports",)

    def once() -> Sequence[str]:
        if unknown := [name for name in loaded.value if not carried.is_loaded(name)]:
            return unknown[:_NAMED]
        if warms:
            _sequential(plan, limit=1)(1)
        before = carried.states(plan.body)
        _sequential(plan, limit=1)(1)
        return carried.changed(before, carried.states(plan.body))[:_NAMED]

    answer = in_child(once)
    return answer.value if isinstance(answer, Answer) else ("what could not be looked at",)


def warm_up(plan: Plan) -> None:
    """Runs the scenario once, in this process, with canaries that no execution has."""
    engine, single = _single(plan, limit=1)
    try:
        _run(engine, single, _WARM_UP, 1)
    finally:
        single.output.close()


def _sequential(plan: Plan, limit: int, *, describe: bool = False) -> Callable[[int], Outcome]:
    """Runs the default schedule, ``limit`` times at most: takes the number of the execution."""
    return partial(_run, *_single(plan, limit, describe=describe), 1)


def _single(plan: Plan, limit: int, *, describe: bool = False) -> tuple[Engine, Single]:
    stages = (Stage(Policy.REPLAY, Granularity.INSTRUCTIONS, limit=limit),)
    engine = Engine(stages, plan.seed, threads=THREADS, steps=plan.step_limit, frontier=0)
    return engine, Single(attrs.evolve(plan, schedule=None, describe=describe, notable=None), engine)


def _run(engine: Engine, single: Single, number: int, index: int) -> Outcome:
    engine.begin()
    return single.run(number, index, Granularity.INSTRUCTIONS, quick=True)[0]
