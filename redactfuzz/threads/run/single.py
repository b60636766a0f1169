"""One execution, from the first choice to its outcome."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any

import attrs

from redactfuzz import workplace
from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.kinds import kind_to_json, of_canaries
from redactfuzz.model.outcome import BugKind, Inspection, Outcome, Problem, ProblemKind
from redactfuzz.model.plan import Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule.engine import STATES, Engine, RawDeviation, State
from redactfuzz.schedule.naming import parted
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain.describe import Description, raw_deviations
from redactfuzz.threads.explain.loops import long_way
from redactfuzz.threads.explain.masking import Masking
from redactfuzz.threads.explain.survey import read_survey
from redactfuzz.threads.explain.unreached import problems
from redactfuzz.threads.face import exits
from redactfuzz.threads.face.execution import Execution
from redactfuzz.threads.face.race import Race
from redactfuzz.threads.output.sink import Sink
from redactfuzz.threads.output.streams import Output, shown
from redactfuzz.threads.process import foreign
from redactfuzz.threads.process.presented import MAIN
from redactfuzz.threads.restore import descriptions
from redactfuzz.threads.restore.order import number_anew
from redactfuzz.threads.restore.shared import chance_of_file_names, swapped_hooks
from redactfuzz.threads.restore.surroundings import put_back
from redactfuzz.threads.run.died import DeathDescription
from redactfuzz.threads.run.focus import Focus
from redactfuzz.threads.run.noted import NotedExecution
from redactfuzz.threads.run.remains import Remains
from redactfuzz.threads.run.standstill import bug_of_state

THREADS = _hooks.MAX_THREADS
"""As many as the C part has room for."""
_GRANULARITIES = tuple(Granularity)
_MANY_NAMES = 32
"""Of canaries and witnesses in all executions together. A scenario that declares as many in each is not meant."""
_LEAKED, _WENT_WRONG = 1, 2
"""Outcomes, as the core counts them and a certificate has them."""
_SHOWN_OF_SPIN = 1000
"""Steps described of an execution that met the step limit: the end of it says all."""


_LOOKED_BACK = 8
"""With the secrets of so many earlier executions a schedule is run, to find where it led with them."""
_ENDED = "to its end"


class Single:
    """Runs executions of one plan, one after the other, on one engine."""

    def __init__(self, plan: Plan, engine: Engine) -> None:
        workplace.prepare()
        self._plan = plan
        self._engine = engine
        self._sink: Sink | None = None
        self.remains: Remains | None = None
        self.output = Output()
        self.printed: Mapping[str, str] = {}
        """What the first execution that wrote to stdout or stderr wrote there, by name of the stream, masked."""
        self.masking = Masking(plan)
        self.canaries: Mapping[str, Canary] = {}
        """Of the last execution that ran here."""
        asides = {(), plan.aside, plan.aside_in(0)}
        self._focuses = {names: Focus.resolve(plan.focused, names, plan.body) for names in asides}
        self._declared: set[str] = set()
        self._names_vary = False
        self._strayed: dict[str, Problem] = {}

    @property
    def _aside(self) -> tuple[str, ...]:
        """Of the execution at hand, or of the one that has ended."""
        return self._plan.aside_in(self._engine.status.stage if self._plan.aside else 0)

    @property
    def _focus(self) -> Focus:
        return self._focuses[self._aside]

    def keep_apart(self) -> None:
        """From now on executions run in children of fork: what one has shown whose process dies is known here."""
        if self.remains is None:
            with suppress(OSError):  # where there is no room for it, they run without
                self.remains = Remains(self.output, self._sink)
                self._sink = self.remains.sink

    def close(self) -> None:
        """No execution follows."""
        self.output.close()
        if self.remains is not None:
            self.remains.close()

    def run(self, number: int, index: int, granularity: Granularity, quick: bool = False) -> tuple[Outcome, int, bool]:
        """One execution that the engine has begun: (outcome, dumps dropped, whether it is worth a look).

        ``number`` is what canaries derive from, ``index`` its number in the batch. ``quick`` leaves out the
        description of what is worth a look.
        """
        describe = self._plan.describe
        execution = self._execution(number, index)
        if self._plan.schedule is not None:
            execution.when_body_begins = lambda: self._set_replay(execution)
        execution.watch = _hooks.watch if self._engine.profiles else None
        result = self._run(self._engine, execution, granularity, describe)
        self._note_names(execution)
        self._note_printed(execution)
        outcome = self._outcome(self._engine, execution, result, number, index)
        strayed = result.state == State.DIVERGED and self._plan.schedule is None and not (outcome.leaks or outcome.bug)
        if execution.watch or self._plan.surveys:  # a sequential order that was run before; now we looked on
            outcome = attrs.evolve(outcome, leaks=(), inspection=Inspection(), bug=None)
        elif strayed:
            outcome = self._locate_divergence(outcome, granularity, number)
        elif not outcome.clean and _hooks.kept_in_vain():  # a reduction begins again
            inspection = attrs.evolve(outcome.inspection, leaks=())
            outcome = attrs.evolve(outcome, leaks=(), inspection=inspection, bug=None, begins_again=True)
        interesting = not outcome.clean
        notable = not (quick or describe or execution.watch) and self._plan.wants(outcome)
        if describe:
            outcome = self._described(outcome, self._engine, self._engine.deviations(), granularity, execution)
            outcome = self.masking.shown(outcome, execution.canaries)
        elif interesting and not (quick or outcome.abandoned or strayed):
            outcome = self.describe_again(outcome, granularity, number)
        elif notable:
            outcome = attrs.evolve(self.describe_again(outcome, granularity, number, steps=False), notable=True)
        elif interesting or outcome.problems or outcome.inspection.missing_witnesses:
            outcome = self.masking.shown(outcome, execution.canaries)
        self.canaries = execution.canaries
        self._engine.end(_LEAKED if outcome.leaks else _WENT_WRONG if interesting else 0)
        return outcome, execution.dropped, interesting or notable or bool(outcome.inspection.missing_witnesses)

    def _execution(self, number: int, index: int) -> Execution:
        if self.remains is None:
            return Execution(self._plan, number, self._sink, self.masking, self.output)
        self.remains.box.begin(index)
        return NotedExecution(self._plan, number, self._sink, self.masking, self.output, self.remains.box)

    def _note_printed(self, execution: Execution) -> None:
        if execution.printed and not self.printed:
            text = {name: shown(data) for name, data in execution.printed.items()}
            self.printed = self.masking.printed(text, execution.canaries)

    def _note_names(self, execution: Execution) -> None:
        """Names of canaries and witnesses that never come again are noted once: reports would list them all."""
        if self._names_vary:
            return
        self._declared.update(execution.canaries, execution.witnesses)
        now = len(execution.canaries) + len(execution.witnesses)
        self._names_vary = len(self._declared) > max(_MANY_NAMES, 4 * now)
        if self._names_vary:
            what = "its canaries or witnesses have other names from one execution to the next"
            execution.problem(ProblemKind.NONDETERMINISM, what, "", "Give each the same name in every execution.")

    def _set_replay(self, execution: Execution) -> None:
        """Before anything runs: the body may start threads, and wait for them."""
        assert self._plan.schedule is not None
        expected: dict[str, int] = {}
        self._engine.replay(raw_deviations(self._plan.schedule, MAIN, expected))
        _hooks.expect(expected)
        execution.when_body_ends = lambda: self._check_names(execution, expected)

    def _check_names(self, execution: Execution, expected: Iterable[str]) -> None:
        """A thread that neither is there nor can still be started by one that is: the schedule is another program's."""
        there = set(_hooks.thread_names())
        strange = next((name for name in expected if name.split("/")[0] not in there), None)
        if strange is not None:
            execution.problem(
                ProblemKind.DIVERGED,
                f"the schedule names a thread or crash {strange!r} that the scenario does not have",
                "",
                "The scenario has changed since: explore it again.",
            )
            self._engine.replay([])

    def _run(
        self, engine: Engine, execution: Execution, granularity: Granularity, describe: bool, **options: int
    ) -> _hooks.Result:
        with put_back(), descriptions.put_back(here=True):
            return self._run_here(engine, execution, granularity, describe, **options)

    def _run_here(
        self, engine: Engine, execution: Execution, granularity: Granularity, describe: bool, **options: int
    ) -> _hooks.Result:
        plan, focus = self._plan, self._focus
        gc.disable()
        active: dict[int, threading.Thread] = threading._active  # type: ignore[attr-defined]
        main_thread = threading._main_thread  # type: ignore[attr-defined]
        explorer = active.pop(threading.get_ident(), None)
        hook = threading.excepthook
        usual: Any = threading.__excepthook__  # the interpreter's own only prints
        threading.excepthook = _hooks.excepthook(None if hook is usual else hook)
        if hook is usual:
            threading.__excepthook__ = threading.excepthook
        tracer, profiler = swapped_hooks(None, None)
        if plan.listens:
            self.output.begin()
        result: _hooks.Result | None = None
        try:
            number_anew()
            execution.foreign = foreign.there()
            _hooks.awaited(foreign.awaited(execution.foreign))
            _hooks.begin_chance(plan.seed_of_chance, execution.number, chance_of_file_names())
            _hooks.confine_rest(execution.kept.noted)
            result = _hooks.run(
                engine.address,
                _GRANULARITIES.index(granularity),
                execution,
                MAIN,
                plan.body,
                (Race(execution),),
                bypass=plan.bypass,
                crash_last=plan.crash_last,
                hang_seconds=plan.hang_seconds,
                describe=describe,
                stalls=plan.stalls,
                turned=plan.turned,
                double=bool(plan.otherwise["double"]),
                focus=focus.places,
                aside=focus.aside,
                survey=plan.surveys,
                title=plan.name,
                number=execution.number,
                **options,
            )
            return result
        finally:
            threading.excepthook, threading.__excepthook__ = hook, usual
            if any(swapped_hooks(tracer, profiler)):
                execution.noticed(ProblemKind.TRACER, MAIN)
            if explorer is not None:
                active[threading.get_ident()] = explorer
            threading._main_thread = main_thread  # type: ignore[attr-defined]
            if result is not None:
                whole = result.state == State.ALL_ENDED and not (result.drained or result.outlived or result.abandoned)
                exits.leave(execution, whole=whole, killed=execution.modes.get(result.struck) == "kill")
            execution.close()
            gc.enable()
            self._sink = execution.keep_sink()

    def _outcome(self, engine: Engine, execution: Execution, result: _hooks.Result, number: int, index: int) -> Outcome:
        status, inspection = engine.status, Inspection()
        if dumps := [*execution.dumps, *execution.written_dumps()]:
            looked = (*dumps, *execution.file_names)
            inspection = self._plan.inspect(looked, execution.canaries, execution.witnesses, number)
        names = _hooks.thread_names()
        self._note_problems(execution, engine, result, inspection)
        bug = execution.bug or (None if execution.timed_out else bug_of_state(result, names))
        alone = result.waited and foreign.served(execution.foreign, result.asked)
        if alone or result.looked_in_vain or result.denied or execution.kept.refused:  # it means nothing
            inspection, bug = Inspection(), None
        return Outcome(
            execution=index,
            stage=status.stage,
            leaks=inspection.leaks,
            inspection=inspection,
            bug=bug,
            problems=tuple(execution.problems.values()),
            dumps=len(dumps),
            redactions=execution.redactors.calls,
            redactors=len(execution.redactors),
            **of_canaries(execution.canaries),
            witnesses=tuple(execution.witnesses),
            threads=tuple(name for i, name in enumerate(names) if i not in execution.crashes),
            crashes=tuple(execution.crashes.values()),
            anywhere=tuple(sorted(execution.strikes_anywhere)),
            state=STATES[result.state],
            new_place=self._plan.notable is not None and engine.comes_to_new(),
            looks=result.clock_reads,
            sets=result.orders,
            left_out=result.left_out,
            entered=self._focus.entered(result.entered),
            surveyed=read_survey() if self._plan.surveys else None,
            steps=status.steps,
            preemptions=status.preemptions,
            switches=status.switches,
            trace_hash=status.trace_hash,
            strike_step=result.strike_step if result.struck >= 0 else None,
        )

    def _note_problems(
        self, execution: Execution, engine: Engine, result: _hooks.Result, inspection: Inspection
    ) -> None:
        for name in inspection.stale:
            execution.problem(
                ProblemKind.CARRIED_OVER,
                f"canary {name!r} of an earlier execution is in a dump: the scenario carries state over",
                "",
                'Make it anew in the body, or use isolation="process".',
            )
        for what in inspection.unreadable:
            execution.problem(
                ProblemKind.UNREADABLE, what, "", "Return bytes, str, a path or what JSON can hold from the handler."
            )
        if result.abandoned:
            for name in _hooks.abandoned():
                execution.problem(
                    ProblemKind.ABANDONED, f"thread {name!r} could not be ended after the execution", "", ""
                )
        if result.outside_holds:
            execution.problem(
                ProblemKind.UNSEEN_LOCK,
                "a lock is held by something that the tool does not control (another thread of the process, C code, or "
                "an earlier execution that never released it)",
                "",
                "Release it before the scenario starts, or take it in the scenario.",
            )
        if result.outside_help:
            execution.problem(ProblemKind.UNCONTROLLED_THREAD, foreign.HELPED, "", foreign.REMEDY)
        if served := foreign.served(execution.foreign, result.asked, waited=bool(result.waited)):
            execution.problem(ProblemKind.UNCONTROLLED_THREAD, served, "", foreign.REMEDY)
        if result.state == State.STEP_LIMIT and not result.spinning:
            problem = long_way(engine.status.steps)
            execution.problems.setdefault((problem.kind, problem.what), problem)
        unreached = problems(result, refused=execution.kept.refused, focused=bool(self._plan.focused))
        execution.problems.update(((p.kind, p.what), p) for p in unreached)
        if result.state == State.DIVERGED:
            execution.problem(
                ProblemKind.DIVERGED if self._plan.schedule is not None else ProblemKind.NONDETERMINISM,
                parted("scenario", engine.status.step, engine.trace(), lambda number: _hooks.thread_names()[number]),
                "",
                "Look for random, time, id() or the order of a set there; or the code has changed since.",
            )
        elif self._plan.schedule is not None and self._plan.replays and engine.status.pending_deviations:
            left = engine.status.pending_deviations
            total = len(self._plan.schedule.deviations)
            missed = self._plan.schedule.deviations[total - left]
            execution.problem(
                ProblemKind.DIVERGED,
                f"{left} of {total} deviations of the schedule were not met; the first: thread {missed.thread!r} did "
                f"not reach {missed.site} for the {missed.nth}. time",
                str(missed.site),
                "The code has changed since: explore it again.",
            )

    def _locate_divergence(self, outcome: Outcome, granularity: Granularity, number: int) -> Outcome:
        """The same, told with both places."""
        told = [each for each in outcome.problems if each.kind is ProblemKind.NONDETERMINISM][-1]
        if told.what not in self._strayed:
            self._strayed[told.what] = self._compare_with_earlier(told, granularity, number)
        rest = (each for each in outcome.problems if each is not told)
        return attrs.evolve(outcome, problems=(*rest, self._strayed[told.what]))

    def _compare_with_earlier(self, told: Problem, granularity: Granularity, number: int) -> Problem:
        """The same with where the schedule of the last execution leads now, and where with the secrets of before.

        Where it leads to one place whenever the secrets are those of now, their values, or chance, are why.
        """
        deviations = self._engine.deviations()
        first = self._places(deviations, granularity, number)
        earlier = range(number - 1, max(number - 1 - _LOOKED_BACK, 0), -1) if self._plan.canary_number is None else ()
        for other in (number, *earlier):
            here, there = _find_first_difference(first, self._places(deviations, granularity, other))
            if here != there:
                whose = "the same secrets" if other == number else "those of an earlier execution"
                follows = other != number and first == self._places(deviations, granularity, number)
                what = f"{told.what}: run again it came {here}, and with {whose} {there}"
                return attrs.evolve(told, what=what, follows=follows)
        return told

    def _places(self, deviations: Sequence[RawDeviation], granularity: Granularity, number: int) -> tuple[str, ...]:
        """Where each step of these deviations is, with the secrets of that number."""
        engine = self._replaying(deviations, granularity, self._plan.step_limit)
        execution = Execution(self._plan, number, self._sink, self.masking, self.output)
        self._run(engine, execution, granularity, describe=True)
        steps = Description(engine.trace(), _hooks.described(), _hooks.thread_names()).steps()
        engine.end(0)
        told = tuple(f"to {Path(step.file).name}:{step.line} in thread '{step.thread}'" for step in steps)
        return self.masking.shown(told, execution.canaries)

    # -- what is worth a look is run again, described

    def describe_again(self, outcome: Outcome, granularity: Granularity, number: int, *, steps: bool = True) -> Outcome:
        """The same outcome with its schedule, steps and label: out of a second run of the execution that just ended."""
        deviations = self._engine.deviations()
        engine = self._replaying(deviations, granularity, self._plan.step_limit)
        execution = Execution(self._plan, number, self._sink, self.masking, self.output)
        result = self._run(engine, execution, granularity, describe=True)
        again = self._outcome(engine, execution, result, number, outcome.execution)
        described = self._described(outcome, engine, deviations, granularity, execution, steps=steps)
        strays = again.trace_hash != outcome.trace_hash
        if strays and not (outcome.clean and self._settles(deviations, granularity, number, again)):
            problem = Problem(
                ProblemKind.NONDETERMINISM,
                f"the scenario is not deterministic: run again under the same schedule it went another way "
                f"({outcome.steps} steps, then {again.steps})",
                "",
                "Look for random, time, id() or the order of a set; seed it, or replace it in the scenario.",
            )
            described = attrs.evolve(described, problems=(*described.problems, problem))
        engine.end(0)
        return self.masking.shown(described, execution.canaries)

    def _settles(
        self, deviations: Sequence[RawDeviation], granularity: Granularity, number: int, second: Outcome
    ) -> bool:
        """Whether a third run goes the way of the second one: the first made what is made once in a process."""
        engine = self._replaying(deviations, granularity, self._plan.step_limit)
        execution = Execution(self._plan, number, self._sink, self.masking, self.output)
        result = self._run(engine, execution, granularity, describe=False)
        third = self._outcome(engine, execution, result, number, second.execution)
        engine.end(0)
        return third.trace_hash == second.trace_hash

    def _replaying(self, deviations: Sequence[RawDeviation], granularity: Granularity, steps: int) -> Engine:
        """An engine that has begun the execution which these deviations make."""
        stages = (Stage(Policy.REPLAY, granularity),)
        replay = max(1, len(deviations))
        engine = Engine(stages, self._plan.seed, threads=THREADS, steps=steps, frontier=0, replay=replay)
        engine.replay(deviations)
        engine.begin()
        return engine

    def describe_death(self, granularity: Granularity, number: int, steps: int) -> DeathDescription:
        """What the process of the last execution did before it died: out of a second run of so many ``steps``."""
        deviations = self._engine.deviations()
        engine = self._replaying(deviations, granularity, steps)
        execution = Execution(self._plan, number, self._sink, self.masking, self.output)
        self._run(engine, execution, granularity, describe=True, drain_limit=0)  # nothing runs on into the death
        names = _hooks.thread_names()
        description = Description(self._engine.trace(), _hooks.described(), names)
        schedule = description.schedule(granularity, deviations, self._plan, self._aside)
        death = DeathDescription.of(self._engine, description, names, schedule, execution.strikes_anywhere)
        return self.masking.shown(death, execution.canaries)

    def _described(
        self,
        outcome: Outcome,
        engine: Engine,
        deviations: Sequence[RawDeviation],
        granularity: Granularity,
        execution: Execution,
        *,
        steps: bool = True,
    ) -> Outcome:
        outcome = attrs.evolve(outcome, planted={name: kind_to_json(kind) for name, kind in execution.kinds.items()})
        description = Description(engine.trace(), _hooks.described(), _hooks.thread_names(), _hooks.early_waits())
        bug = outcome.bug
        spins = bug is not None and bug.kind is BugKind.SPIN
        shown = slice(-_SHOWN_OF_SPIN, None) if spins else slice(None)
        if bug is not None and spins:
            place = description.place(engine.trace()[-1].site)
            bug = attrs.evolve(bug, detail=f"last seen at {place.file}:{place.line} in {place.function}")
        return attrs.evolve(
            outcome,
            bug=bug,
            schedule=description.schedule(granularity, deviations, self._plan, self._aside),
            trace=description.steps(shown) if steps and self._plan.steps else (),
            label=description.label(execution.strikes_anywhere),
            pairs=description.pairs(engine),
        )


def _find_first_difference(first: Sequence[str], second: Sequence[str]) -> tuple[str, str]:
    """The first places that differ; two that are alike where none do."""
    both = zip_longest(first, second, fillvalue=_ENDED)
    return next(((here, there) for here, there in both if here != there), (_ENDED, _ENDED))
