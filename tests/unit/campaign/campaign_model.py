"""A runtime over toy programs, in plain Python: what the campaign is tested against.

A program is a few threads of operations on a shared state. The default order, the deviations and their counting are
those of ``_core/choices/types.h``; each strategy is the simplest thing that is what it is called.
"""

from __future__ import annotations

import itertools
import random
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import attrs

from redactfuzz.campaign.session.oracle import Oracle
from redactfuzz.model.events import BatchEnded, Executed, Noticed, Probed, RuntimeEvent
from redactfuzz.model.outcome import Bug, BugKind, Inspection, Leak, Outcome, Problem, ProblemKind
from redactfuzz.model.plan import Budget, Counters, Isolation, Plan, Policy, Stage, StageReport
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Site, Step

CRASH = "crash"
NOWHERE = Site("", "", "")


@attrs.frozen
class Op:
    """One operation. ``call``: also a point at call granularity."""

    do: Callable[[Any], object]
    source: str = ""
    call: bool = True
    ready: Callable[[Any], bool] | None = None


@attrs.frozen
class Program:
    threads: dict[str, tuple[Op, ...]]
    crash: tuple[Op, ...] = ()
    init: Callable[[Any], object] = lambda s: None
    canaries: tuple[str, ...] = ("key",)
    witnesses: tuple[str, ...] = ("build",)
    redactors: int = 1
    anywhere: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()


class Fails(Exception):
    """What an operation raises that makes a bug of another kind than an exception."""

    def __init__(self, kind: BugKind) -> None:
        super().__init__(f"it is a {kind}")
        self.kind = kind


class World(SimpleNamespace):
    """The state of one execution."""

    def emit(self, *shown: str, allowed: Sequence[str] = (), witnesses: Sequence[str] = ("build",)) -> None:
        self.dumps.append((frozenset(shown), frozenset(allowed), frozenset(witnesses)))

    def redact(self) -> bool:
        """Whether the redactor does its work."""
        self.redactions += 1
        return not self.bypass


Option = tuple[Action | None, str, bool]
"""What, to whom, and whether that displaces a thread that could go on."""
Chooser = Callable[[int, str, Site, int, list[Option]], int]


class Interpreter:
    """One execution."""

    def __init__(self, program: Program, plan: Plan, level: Granularity, number: int, run: int) -> None:
        self.program, self.plan, self.level = program, plan, level
        self.world = World(dumps=[], redactions=0, bypass=plan.bypass, number=number, run=run, problems=[])
        self.steps: list[Step] = []
        self.deviations: list[Deviation] = []
        self.preemptions = 0
        self.bug: Bug | None = None
        self.state = "all ended"

    def execute(self, choose: Chooser) -> None:
        program, world = self.program, self.world
        try:
            program.init(world)
        except Exception as error:
            self.bug = Bug(BugKind.SCENARIO, f"{type(error).__name__}: {error}")
            return
        code = {**program.threads, **({CRASH: program.crash} if program.crash else {})}
        at = dict.fromkeys(code, 0)
        fired, current, counts = False, "", {}
        while True:
            enabled = [
                name
                for name, ops in code.items()
                if (name != CRASH or fired)
                and at[name] < len(ops)
                and (ops[at[name]].ready is None or ops[at[name]].ready(world))
            ]
            if fired and at[CRASH] == len(program.crash):
                self.state = "crashed"
                return
            options = self._options(code, at, enabled, current, fired)
            if not options:
                waiting = [name for name in program.threads if at[name] < len(code[name])]
                if waiting:
                    self.bug = Bug(BugKind.DEADLOCK, "waits: " + ", ".join(waiting))
                return
            site = self._site(current, at[current]) if current and at[current] < len(code[current]) else NOWHERE
            counts[current, site] = nth = counts.get((current, site), 0) + 1
            index = choose(len(self.steps), current, site, nth, options)
            action, target, displaces = options[index]
            if index:
                self.deviations.append(
                    Deviation(
                        current, site, nth, action or Action.SWITCH, target, CRASH if action is Action.CRASH else ""
                    )
                )
            self.preemptions += displaces
            if action is Action.CRASH:
                fired, current = True, CRASH
                self._step(CRASH, NOWHERE, None, action, displaces, bool(index))
                continue
            op = code[target][at[target]]
            self._step(target, self._site(target, at[target]), op, action, displaces, bool(index))
            at[target] += 1
            current = target
            try:
                op.do(world)
            except Fails as error:
                self.bug = Bug(error.kind, str(error), target)
                return
            except Exception as error:
                kind = BugKind.HANDLER if target == CRASH else BugKind.EXCEPTION
                self.bug = Bug(kind, f"{type(error).__name__}: {error}", target)
                return

    def _options(self, code: Any, at: Any, enabled: list[str], current: str, fired: bool) -> list[Option]:
        names = list(code)
        running = current in enabled
        after = names.index(current) + 1 if current else 0
        cyclic = [name for name in names[after:] + names[:after] if name in enabled and name != current]
        options: list[Option] = [(None, current, False)] if running else []
        free = not running or self.level is not Granularity.CALLS or code[current][at[current]].call
        if free or not options:
            options += [
                (Action.SWITCH if options else None, name, running) for name in cyclic[: 1 if not free else None]
            ]
            if not running and options:
                options = [options[0], *((Action.SWITCH, name, False) for name in cyclic[1:])]
        early = bool(options)
        if self.program.crash and not fired and free and not (early and self.plan.crash_last):
            options.append((Action.CRASH, CRASH, running))
        return options

    def _site(self, thread: str, index: int) -> Site:
        return Site("model", thread, f"+{index}:0")

    def _step(
        self, thread: str, site: Site, op: Op | None, action: Action | None, displaces: bool, deviation: bool
    ) -> None:
        index = int(site.place[1:].partition(":")[0]) if site.place else 0
        source = op.source if op is not None else ""
        file = "model.py" if op is not None else ""
        self.steps.append(
            Step(len(self.steps), thread, file, index + 1, thread, source, site, action, displaces, deviation)
        )

    def _counted(self) -> frozenset[str]:
        names = frozenset(self.program.canaries)
        return frozenset().union(*(names - allowed for _, allowed, _ in self.world.dumps))

    def outcome(self, execution: int, stage: int) -> Outcome:
        program, world = self.program, self.world
        leaked = {name for shown, allowed, _ in world.dumps for name in shown - allowed}
        shown = {name for shown, _, _ in world.dumps for name in shown}
        missing = {w for _, _, held in world.dumps for w in program.witnesses if w not in held}
        leaks = tuple(Leak(name, "utf-8", 0, 32, CRASH, "00000000", entropy=190.0) for name in sorted(leaked))
        trace = [(s.thread, str(s.site), s.action) for s in self.steps]
        return Outcome(
            execution=execution,
            stage=stage,
            leaks=leaks,
            inspection=Inspection(leaks, frozenset(shown), self._counted(), tuple(sorted(missing))),
            bug=self.bug,
            problems=tuple(world.problems),
            dumps=len(world.dumps),
            redactions=world.redactions,
            redactors=program.redactors,
            canaries=program.canaries,
            witnesses=program.witnesses,
            threads=tuple(program.threads),
            crashes=(CRASH,) if program.crash else (),
            anywhere=program.anywhere,
            repeats=program.repeats,
            state=self.state,
            steps=len(self.steps),
            preemptions=self.preemptions,
            switches=sum(a.thread != b.thread for a, b in itertools.pairwise(self.steps)),
            trace_hash=zlib.crc32(repr(trace).encode()) + 1,
            schedule=Schedule(self.level, tuple(self.deviations), "" if self.level is Granularity.CALLS else "3.x"),
            trace=tuple(self.steps) if self.plan.describe else (),
            label="reachable on this build" if self.plan.describe else "",
        )


class ModelRuntime:
    """Explores programs: the scenario's body is the Program itself."""

    def __init__(self, *, interrupt_after: int | None = None, noticed: Problem | None = None) -> None:
        self.interrupt_after, self.noticed = interrupt_after, noticed
        self.runs = 0
        self.plans: list[Plan] = []
        self.open = 0

    def explore(self, plan: Plan, budget: Budget) -> Iterator[RuntimeEvent]:
        self.plans.append(plan)
        self.open += 1
        try:
            yield from self._explore(plan, budget)
        finally:
            self.open -= 1

    def _explore(self, plan: Plan, budget: Budget) -> Iterator[RuntimeEvent]:
        yield Probed(Isolation.NONE, "the model keeps nothing")
        if self.noticed is not None:
            yield Noticed(self.noticed)
        stages = plan.stages or (Stage(Policy.REPLAY, limit=1),)
        searches = [self._search(plan, index, stage) for index, stage in enumerate(stages)]
        counts, exhausted = [0] * len(stages), [False] * len(stages)
        preempted = [0] * len(stages)
        executions, interrupted, dumps, redactions = 0, False, 0, 0
        counted: frozenset[str] = frozenset()
        while executions < budget.executions and not interrupted:
            turn = self._turn(stages, counts, exhausted)
            if turn is None:
                break
            run = next(searches[turn], None)
            if run is None:
                exhausted[turn] = True
                continue
            counts[turn] += 1
            executions += 1
            outcome = run(executions)
            preempted[turn] += outcome.preemptions > 0
            dumps, redactions = dumps + outcome.dumps, redactions + outcome.redactions
            counted |= outcome.inspection.counted
            # As a real runtime does, only what is worth a look is reported.
            if plan.every or not outcome.clean or outcome.inspection.missing_witnesses:
                yield Executed(outcome)
            if budget.stop_at_first and not outcome.clean:
                break
            interrupted = self.interrupt_after is not None and self.runs >= self.interrupt_after
        done = [exhausted[i] or (self._peek(searches, i) and stages[i].policy in _FINITE) for i in range(len(stages))]
        reports = tuple(StageReport(counts[i], 0.0, done[i], False, preempted=preempted[i]) for i in range(len(stages)))
        counters = Counters(executions, 0.0, dumps=dumps, redactions=redactions, counted=counted, stages=reports)
        yield BatchEnded(counters, all(done), interrupted)

    def _peek(self, searches: list[Any], index: int) -> bool:
        return next(searches[index], None) is None

    def _turn(self, stages: Sequence[Stage], counts: list[int], exhausted: list[bool]) -> int | None:
        def over(i: int) -> bool:
            return exhausted[i] or bool(stages[i].limit and counts[i] >= stages[i].limit)

        ready = [i for i, stage in enumerate(stages) if not over(i) and (stage.after < 0 or over(stage.after))]
        return min(ready, key=lambda i: (not stages[i].first, counts[i] / stages[i].share), default=None)

    def _search(self, plan: Plan, index: int, stage: Stage) -> Iterator[Callable[[int], Outcome]]:
        if stage.policy is Policy.NEAR:
            return  # no secret moves here
        level = stage.granularity if plan.schedule is None else plan.schedule.granularity

        def runner(
            make: Callable[[Interpreter], Chooser], after: Callable[[Interpreter], None]
        ) -> Callable[[int], Outcome]:
            def run(execution: int) -> Outcome:
                self.runs += 1
                # What a canary is minted with is what the program sees.
                number = plan.mint("number", None, plan.number_of(execution, index))
                one = Interpreter(plan.body, plan, level, number, self.runs)
                one.execute(make(one))
                after(one)
                return one.outcome(execution, index)

            return run

        if (schedule := plan.schedule) is not None:
            yield runner(lambda one: _replaying(one, schedule.deviations), lambda one: None)
        elif stage.policy in _FINITE:
            pending: deque[tuple[int, ...]] = deque([()])
            while pending:
                prefix = pending.popleft()
                seen: list[tuple[int, int]] = []
                yield runner(
                    lambda one, prefix=prefix, seen=seen: _following(one, prefix, seen, stage),
                    lambda one, prefix=prefix, seen=seen: pending.extend(_branches(prefix, seen)),
                )
        else:
            for execution in itertools.count():
                rng = random.Random(f"{plan.seed} {stage.policy} {execution}")
                yield runner(
                    lambda one, rng=rng: lambda i, c, s, n, options: rng.randrange(len(options)), lambda one: None
                )


_FINITE = (Policy.NEAR, Policy.SEQUENTIAL, Policy.BOUNDED, Policy.EXHAUSTIVE, Policy.DPOR, Policy.REPLAY)


def _following(one: Interpreter, prefix: tuple[int, ...], seen: list[tuple[int, int]], stage: Stage) -> Chooser:
    """Follows the prefix, then the default; notes at each choice how many options the stage allows."""

    def choose(index: int, current: str, site: Site, nth: int, options: list[Option]) -> int:
        allowed = [i for i, option in enumerate(options) if _allowed(one, option, stage, options)]
        # A nondeterministic program may offer less than it did; noticing that is not what this model is for.
        chosen = min(prefix[index], len(allowed) - 1) if index < len(prefix) else 0
        seen.append((chosen, len(allowed)))
        return allowed[chosen]

    return choose


def _allowed(one: Interpreter, option: Option, stage: Stage, options: list[Option]) -> bool:
    action, _, displaces = option
    if stage.policy is Policy.SEQUENTIAL:
        return not displaces and (action is not Action.CRASH or len(options) == 1)
    if stage.policy is Policy.EXHAUSTIVE or not displaces:
        return True
    bound = stage.bound + (stage.strike and action is Action.CRASH)
    return one.preemptions < bound


def _branches(prefix: tuple[int, ...], seen: list[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    taken = [chosen for chosen, _ in seen]
    for index in range(len(prefix), len(seen)):
        for other in range(1, seen[index][1]):
            yield (*taken[:index], other)


def _replaying(one: Interpreter, deviations: tuple[Deviation, ...]) -> Chooser:
    waiting = deque(deviations)

    def choose(index: int, current: str, site: Site, nth: int, options: list[Option]) -> int:
        if waiting and (waiting[0].thread, waiting[0].site, waiting[0].nth) == (current, site, nth):
            wanted = waiting.popleft()
            for i, (action, target, _) in enumerate(options):
                if target == wanted.target and (action is Action.CRASH) == (wanted.action is Action.CRASH):
                    return i
            one.world.problems.append(
                Problem(ProblemKind.DIVERGED, f"'{wanted.target}' cannot go on there", str(wanted.site), fatal=True)
            )
        return 0

    return choose


def oracle() -> Oracle:
    """For programs whose canaries are names only: a canary is its number."""
    return Oracle(
        lambda seed, name, kind, number: number,
        lambda seed: lambda dumps, canaries, witnesses, number: Inspection(),
        lambda seed: lambda said, named, canaries: {},
    )
