"""The runtime for Python threads: explores one batch of executions and gives the campaign what is worth a look."""

from __future__ import annotations

import contextlib
import ctypes  # noqa: F401  (whole before a scenario imports it: our own look at one of its calls needs it)
import gc
import json
import math
import random
import resource
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import attrs

from redactfuzz import workplace
from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.canary import Kind
from redactfuzz.model.events import BatchEnded, Executed, Noticed, Printed, Probed, Progress, RuntimeEvent
from redactfuzz.model.outcome import Bug, BugKind, Inspection, Outcome, ProblemKind
from redactfuzz.model.plan import Budget, Counters, Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule.engine import Engine
from redactfuzz.schedule.record import follow
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain import opaque, releases
from redactfuzz.threads.explain.conflicts import Names, Naming
from redactfuzz.threads.explain.masking import Lesson
from redactfuzz.threads.explain.unreached import denied
from redactfuzz.threads.face.race import Race
from redactfuzz.threads.output.streams import without_log_capture
from redactfuzz.threads.process import hang
from redactfuzz.threads.process.child import Answer, Died, T, in_child
from redactfuzz.threads.process.debuggers import no_prompts
from redactfuzz.threads.process.duplicates import descriptors
from redactfuzz.threads.process.writable import confined
from redactfuzz.threads.restore import descriptions
from redactfuzz.threads.restore.carried import only_at_first
from redactfuzz.threads.restore.descriptions import watched
from redactfuzz.threads.restore.order import ordered_sets
from redactfuzz.threads.run.died import DeathDescription, died_outcome
from redactfuzz.threads.run.probing import probe, warm_up
from redactfuzz.threads.run.recorder import Met, Recorder
from redactfuzz.threads.run.remains import UNKNOWN
from redactfuzz.threads.run.single import THREADS, Single

_hooks.set_home(str(Path(__file__).resolve().parents[2]))
_hooks.knows_ours(Race, Canary)

_PROGRESS_SECONDS = 0.25
_COLLECT_EVERY = 64
_FRONTIER_BYTES = 64 << 20
_REPLAY = 4096
"""Choices of a schedule or a way for which there is room in any case."""
_CHILD_GRACE_SECONDS = 5.0
_LEFT_OPEN = 64
"""File descriptors that executions may leave open, before each gets a process of its own."""


@attrs.define
class _Totals:
    executions: int = 0
    steps: int = 0
    switches: int = 0
    leaks: int = 0
    bugs: int = 0
    dumps: int = 0
    dropped: int = 0
    redactions: int = 0
    looks: int = 0
    sets: int = 0
    left_out: int = 0
    entered: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()

    def add(self, outcome: Outcome, dropped: int) -> None:
        self.executions += 1
        self.steps += outcome.steps
        self.switches += outcome.switches
        self.leaks += bool(outcome.leaks)
        self.bugs += outcome.bug is not None
        self.dumps += outcome.dumps
        self.dropped += dropped
        self.redactions += outcome.redactions
        self.looks, self.sets = max(self.looks, outcome.looks), self.sets | outcome.sets
        self.left_out = max(self.left_out, outcome.left_out)
        self.entered |= outcome.entered
        if not outcome.inspection.counted <= self.counted:
            self.counted |= outcome.inspection.counted


@attrs.frozen
class _Ran:
    """One execution in a child of its own, and what it found out for those that follow."""

    outcome: Outcome
    dropped: int
    interesting: bool
    lesson: Lesson
    printed: Mapping[str, str]
    sites: dict[int, releases.Does]
    met: Met
    named: Names
    repeating: Mapping[str, Kind]
    """Kinds of canaries of which other executions have the same."""


class _CannotStart(Exception):
    """No batch can begin in this process now. The message says why, its second line what to do."""


class ThreadRuntime:
    """Runs scenarios that are Python functions. One batch at a time in a process."""

    def explore(self, plan: Plan, budget: Budget) -> Iterator[RuntimeEvent]:
        """Explores ``plan.stages`` (or runs ``plan.schedule``) until the budget ends. The last event is BatchEnded."""
        yield from _Batch(plan, budget).events()


class _Batch:
    def __init__(self, plan: Plan, budget: Budget) -> None:
        self._plan = plan
        self._budget = budget
        self._totals = _Totals()
        self._started = time.monotonic()
        self._known: set[tuple[ProblemKind, str]] = set()
        stages = plan.stages
        if plan.schedule is not None and plan.replays:
            stages = (Stage(Policy.REPLAY, plan.schedule.granularity, limit=budget.executions, pairs=plan.pairs),)
        self._stages = stages
        frontier = _FRONTIER_BYTES if plan.schedule is None else 0
        room = max(_REPLAY, len(plan.way))
        # Among others SURW has few executions, and one that goes by places is one less that goes by names.
        asking = [attrs.evolve(stage, asks=stage.policy is Policy.SURW and len(stages) == 1) for stage in stages]
        self._engine = Engine(asking, plan.seed, threads=THREADS, steps=plan.step_limit, frontier=frontier, replay=room)
        if plan.way:
            follow(self._engine, plan.way)
        self._single = Single(plan, self._engine)
        self._recorder = Recorder(self._engine)
        self._naming = Naming(self._engine, self._single.masking)

    def events(self) -> Iterator[RuntimeEvent]:
        try:
            with contextlib.closing(self._events()) as events:  # whoever refers to it: it ends with this
                for event in events:
                    self._single.output.off()
                    yield event
        except _CannotStart as error:
            what, _, remedy = str(error).partition("\n")
            yield Executed(Outcome(execution=0, stage=0, bug=Bug(BugKind.SCENARIO, what, detail=remedy)))
            yield BatchEnded(self._counters(), exhausted=False, interrupted=False)
        finally:
            self._single.close()

    def _events(self) -> Generator[RuntimeEvent, None, None]:
        exhausted = interrupted = False
        with _explorer(self._plan.confined):
            try:
                isolation = self._plan.isolation
                if isolation is Isolation.AUTO:
                    chosen = probe(self._plan, self._in_child, self._started + self._budget.seconds)
                    self._probed = True
                    isolation, self._leaked_at_first = chosen.isolation, chosen.leaked
                    yield Probed(isolation, chosen.reason, chosen.warms, chosen.parted)
                if isolation is Isolation.WARM and not self._plan.warmed:
                    warm_up(self._plan)
                yield from self._loop(isolation)
                exhausted = self._exhausted
                if self._leaked_at_first and self._totals.executions and not self._totals.leaks:
                    yield Noticed(only_at_first(self._leaked_at_first))
            except KeyboardInterrupt:
                interrupted = True
            finally:
                self._nothing_runs()
        counters = self._counters()
        named = tuple(self._naming.told(counters.stages))
        yield BatchEnded(attrs.evolve(counters, stages=named), exhausted, interrupted)

    _exhausted = False
    _printed = False
    _probed = False
    _opened = 0
    _leaked_at_first: Sequence[str] = ()
    """Canaries that the runs in a child leaked, before any execution of the search."""
    _died = False
    """The last execution in a child of its own killed it."""

    def _loop(self, isolation: Isolation) -> Iterator[RuntimeEvent]:
        self._opened = len(descriptors())
        last = self._started
        engine = self._engine
        while self._totals.executions < self._budget.executions:
            now = time.monotonic()
            if self._over(now - self._started):
                return
            if now - last >= _PROGRESS_SECONDS:
                last = now
                yield Progress(self._counters())
            if not engine.begin():
                self._exhausted = True
                return
            self._recorder.begins()
            outcome, dropped, interesting = self._execute(isolation)
            if self._recorder.records:
                yield self._recorder.recorded()
            self._totals.add(outcome, dropped)
            if self._single.printed and not self._printed:
                self._printed = True
                yield from (Printed(stream, text) for stream, text in self._single.printed.items())
            for problem in (*outcome.problems, *descriptions.problems()):
                if (problem.kind, problem.what) not in self._known:
                    self._known.add((problem.kind, problem.what))
                    interesting = True
                    yield Noticed(problem)
            if self._plan.every or interesting:
                yield Executed(outcome)
            if isolation is not Isolation.PROCESS and self._leaves_open():
                isolation = Isolation.PROCESS
                yield Probed(isolation, "it leaves file descriptors open: every execution gets a process of its own")
            if outcome.abandoned and isolation is not Isolation.PROCESS:
                isolation = Isolation.PROCESS
                yield Probed(isolation, "a thread could not be ended: every execution gets a process of its own")
            if not outcome.clean and self._budget.stop_at_first:
                return
        self._exhausted = False

    def _over(self, seconds: float) -> bool:
        """Whether the time is over: that a look at isolation took long must not be all that is known."""
        budget = self._budget
        if seconds >= budget.patience:
            return self._totals.executions > 0 or not self._probed
        return seconds >= budget.seconds and self._totals.executions >= budget.least

    def _leaves_open(self) -> bool:
        """Whether executions leave so many descriptors open that a later one would find none."""
        done = self._totals.executions
        if done & (done - 1) and done % _COLLECT_EVERY:  # at every power of two, and now and then
            return False
        try:
            return len(descriptors()) - self._opened > _LEFT_OPEN
        except OSError:  # there is none left to look with
            return True

    def _in_child(self, job: Callable[[], T], seconds: float = math.inf) -> Answer[T] | Died:
        with descriptions.around_child():
            return in_child(job, min(seconds, self._plan.hang_seconds + _CHILD_GRACE_SECONDS))

    def _execute(self, isolation: Isolation) -> tuple[Outcome, int, bool]:
        index = self._totals.executions + 1
        number = self._plan.number_of(index, self._engine.status.stage)
        granularity = self._engine.granularity
        if isolation is not Isolation.PROCESS:
            result = self._single.run(number, index, granularity)
            self._recorder.learn(self._recorder.met(self._single.canaries))
            self._naming.had(self._single.canaries)
            if index % _COLLECT_EVERY == 0:
                _hooks.collect_between()
            return result
        self._keep_running(number)
        self._died = False
        single, recorder, naming = self._single, self._recorder, self._naming
        single.keep_apart()

        def once() -> _Ran:
            ran = single.run(number, index, granularity, quick=True)
            naming.had(single.canaries)
            return _Ran(
                *ran,
                lesson=single.masking.lesson(),
                printed=single.printed,
                sites=dict(releases.sites()),
                met=recorder.met(single.canaries),
                named=naming.met(),
                repeating={name: each.kind for name, each in single.canaries.items() if each.kind.repeats},
            )

        answer = self._in_child(once)
        if isinstance(answer, Answer):
            ran = answer.value
            outcome, single.printed = ran.outcome, ran.printed
            releases.learn(ran.sites)
            recorder.learn(ran.met)
            naming.learn(ran.named)
            single.masking.learn(ran.lesson)
            single.masking.foresee(ran.repeating, number)
            # One that held what holds the secrets was not searched, and is like no other.
            notable = not (self._plan.describe or self._engine.profiles) and self._plan.wants(outcome)
            self._engine.comes_to_new()  # the child knew those before it
            if notable or (not outcome.clean and not outcome.abandoned and not self._plan.describe):
                # In a child of its own: in the first one the paths are warm by now, and others.
                again = self._in_child(lambda: single.describe_again(outcome, granularity, number, steps=not notable))
                if isinstance(again, Answer):
                    outcome = attrs.evolve(again.value, notable=notable)
            return outcome, ran.dropped, ran.interesting or outcome.notable
        self._died = True
        refused = _hooks.was_refused(False)
        remains = single.remains
        shown = remains.judged(self._plan, number, index) if remains is not None else UNKNOWN
        way = self._way_to_death(granularity, number)
        outcome = died_outcome(self._engine, self._plan, answer, index, granularity, way, shown)
        if refused:  # it would not have died elsewhere, and what it had shown says as little
            outcome = attrs.evolve(outcome, leaks=(), inspection=Inspection(), bug=None, problems=(denied(),))
        outcome = single.masking.shown(outcome, shown.canaries)
        self._engine.end(1)
        return outcome, 0, True

    def _way_to_death(self, granularity: Granularity, number: int) -> DeathDescription | None:
        """Runs the execution again up to a step before the last; further back where the signal came late."""
        steps = self._engine.status.steps
        for back in (1, 2, 4, 8, 16, 32):
            answer = self._in_child(partial(self._single.describe_death, granularity, number, max(1, steps - back)))
            if isinstance(answer, Answer):
                return answer.value
            if answer.hung or steps <= back:
                break
        return None

    def _keep_running(self, number: int) -> None:
        """What is about to run is on disk before it runs."""
        if not self._plan.running_file:
            return
        with contextlib.suppress(OSError):
            running = {
                "scenario": self._plan.name,
                "seed": self._plan.seed,
                "execution": number,
                "stage": self._engine.status.stage,
            }
            workplace.write(Path(self._plan.running_file), json.dumps(running) + "\n")

    def _nothing_runs(self) -> None:
        """Only the input of an execution that died stays on disk."""
        if self._plan.running_file and not self._died:
            with contextlib.suppress(OSError):
                Path(self._plan.running_file).unlink()

    def _counters(self) -> Counters:
        preemptible, preempted = self._engine.displaced()
        return Counters(
            preemptible=preemptible,
            preempted=preempted,
            seconds=time.monotonic() - self._started,
            stages=tuple(self._engine.report(index) for index in range(len(self._stages))),
            **attrs.asdict(self._totals),
        )


_explorers = 0
"""Batches in progress: one may run while another waits between two of its executions,"""
_explorer_thread = 0
"""all of them in this thread."""


@contextlib.contextmanager
def _explorer(confines: bool) -> Iterator[None]:
    """This process explores: the outermost batch puts the hooks in place, and removes them. Raises _CannotStart."""
    global _explorers, _explorer_thread
    here = threading.get_ident()
    if _explorers and here != _explorer_thread:
        raise _CannotStart("A campaign is running in this process already.\nRun one after the other.")
    _explorers, _explorer_thread = _explorers + 1, here
    try:
        if _explorers == 1:
            with _hooked(confines):
                yield
        else:
            yield
    finally:
        _explorers -= 1


@contextlib.contextmanager
def _hooked(confines: bool) -> Iterator[None]:
    """Hooks in place, one CPU; random and gc as they were afterwards. Raises _CannotStart."""
    state, collecting = random.getstate(), gc.isenabled()
    main_thread = threading._main_thread  # type: ignore[attr-defined]
    try:
        _hooks.install()
    except RuntimeError as error:
        raise _CannotStart(str(error)) from None
    cores = resource.getrlimit(resource.RLIMIT_CORE)  # one of a whole session of tests would hold their secrets
    resource.setrlimit(resource.RLIMIT_CORE, (0, cores[1]))
    # Afterwards: what is replaced hashes by its replacement.
    _hooks.set_releasing(opaque.releasing_callables(), opaque.releasing_types())
    try:
        with hang.shown(), ordered_sets(), no_prompts(), without_log_capture(), confined(confines), watched():
            yield
    finally:
        _hooks.remove()
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, cores)
        threading._main_thread = main_thread  # type: ignore[attr-defined]
        random.setstate(state)
        (gc.enable if collecting else gc.disable)()
