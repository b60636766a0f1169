"""The state of one campaign, and its way to the runtime: batches of executions, and single schedules."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import attrs

from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.session.deadline import Deadline
from redactfuzz.campaign.session.fresh import Fresh, fresh
from redactfuzz.campaign.session.isolated import reason_of
from redactfuzz.campaign.session.oracle import Oracle, Values, other_values
from redactfuzz.campaign.session.recording import hand_on
from redactfuzz.campaign.session.runtime import Runtime
from redactfuzz.campaign.session.spec import FOREVER, Limits, ScenarioSpec
from redactfuzz.campaign.session.streamed import Gone
from redactfuzz.campaign.session.target import Target
from redactfuzz.model.canary.secret import seed_of_secrets
from redactfuzz.model.events import (
    BatchEnded,
    CampaignProgress,
    Executed,
    Noticed,
    Printed,
    Probed,
    Progress,
    Recorded,
    RuntimeEvent,
)
from redactfuzz.model.outcome import Outcome, Problem, ProblemKind
from redactfuzz.model.plan import Budget, Counters, Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Schedule
from redactfuzz.threads.restore import carried

_NO_COLD = "executions that are each the first of a process could not be run to their end: it has ended"
_PROBLEMS_KEPT = 100
_MAKE_ANEW = 'Make it anew in the body, or use isolation="process".'


@attrs.define(eq=False)
class Session:
    """What the parts of one campaign share."""

    spec: ScenarioSpec
    limits: Limits
    runtime: Runtime
    store: Store
    oracle: Oracle
    clock: Callable[[], float] = time.monotonic
    isolation: Isolation = Isolation.AUTO
    isolation_reason: str = ""
    warms: Probed | None = None
    """Executions need a process each, and may be run after a warm-up as well: see Probed."""
    warmed: bool = False
    """This process has had one."""
    cold: Callable[[Plan, Budget], Generator[RuntimeEvent, None, None]] | None = None
    """Runs, where the scenario has never run, a batch whose executions are each the first of a process."""
    problems: list[Problem] = attrs.field(factory=list)
    interrupted: bool = False
    pinned: int | None = None
    """Number of the canaries of every execution, where the trace, or what steps touch, depends on their bytes."""
    planted: Mapping[str, Any] = attrs.field(factory=dict)
    """What makes the canaries' kinds again, of the last execution in which something was found."""
    deadline: Deadline = attrs.field(init=False)
    fresh: Fresh | None = None
    """Where the scenario has never run; None when every execution has a process of its own anyway."""
    carried: Sequence[str] = ()
    """Objects in which one execution leaves something for the next, by name."""
    aside: tuple[str, ...] = ()
    """Modules of libraries that were chosen not to be in focus: see Schedule."""
    surveyed: tuple[int, bool] = (0, False)
    """How many schedules with one preemption were surveyed to choose `aside`, and whether these are all."""
    isolation_of_findings: Isolation | None = None
    """Where it is another one than that of the search."""
    _only_fresh: bool = False
    _numbers: int = 0
    _passed_on: set[str] = attrs.field(factory=set)

    def __attrs_post_init__(self) -> None:
        """Starts the clock."""
        self.isolation = self.limits.isolation
        if not self.target.facts.values_change or self.limits.strategy == "dpor":
            self.pinned = 1
        self.deadline = Deadline(self.limits.seconds, self.clock, self.limits.after_seconds)

    @property
    def target(self) -> Target:
        """What is to be known of what is tested."""
        return self.spec.target

    @property
    def apart(self) -> Fresh | None:
        """Where single schedules run, when they do not run here."""
        return self.fresh if self._only_fresh else None

    @property
    def seconds(self) -> float:
        """Since the campaign began."""
        return self.deadline.spent

    @property
    def fatal(self) -> Problem | None:
        """The first problem for which a pass would mean nothing."""
        return next((problem for problem in self.problems if problem.fatal), None)

    @property
    def nondeterministic(self) -> bool:
        """The first problem that rules out a pass is that the same schedule gave two executions."""
        return self.fatal is not None and self.fatal.kind is ProblemKind.NONDETERMINISM

    @property
    def drew_chance(self) -> bool:
        """Some execution drew random numbers: with others it may go another way."""
        return any(problem.kind is ProblemKind.CHANCE for problem in self.problems)

    def pin_values(self) -> bool:
        """Pin canaries and chance where an enumeration went another way by their values. Return whether it did."""
        strayed = [p for p in self.problems if p.fatal and p.kind is ProblemKind.NONDETERMINISM]
        if self.fatal not in strayed or self.pinned is not None or not all(p.follows for p in strayed):
            return False
        self.problems = [p for p in self.problems if p not in strayed]
        return self.pin(self.count_numbers(1) + 1, strayed[0].what)

    def pin(self, number: int, why: str) -> bool:
        """Give every execution from now on the canaries, and the chance, of one number. Return whether it did.

        It does not where executions leave something for the next: a redactor would know all secrets from the first on.
        """
        if self.carries():
            remedy = f"It follows from secrets, which cannot be held fixed while {self.carried[0]} changes."
            self.note(Problem(ProblemKind.NONDETERMINISM, why, remedy=f"{remedy} {_MAKE_ANEW}"))
            return False
        self.pinned = number
        on = "on chance, or on the bytes of the canaries" if self.drew_chance else "on the bytes of the canaries"
        what = f"the trace depends {on}, so all executions have the same ones: {why}"
        self.note(Problem(ProblemKind.NONDETERMINISM, what, fatal=False))
        return True

    def note(self, problem: Problem) -> None:
        """Keeps a problem, once."""
        if problem not in self.problems and len(self.problems) < _PROBLEMS_KEPT:
            self.problems.append(problem)

    @property
    def forked(self) -> bool:
        """Each execution has a process of its own."""
        return self.isolation is Isolation.PROCESS

    @property
    def shares(self) -> bool:
        """Executions follow one another in one process."""
        return self.isolation in (Isolation.NONE, Isolation.WARM)

    def carries(self) -> bool:
        """Whether executions leave something for the next, in objects of the program."""
        self.carried = self.fresh.carried(near=True) if self.fresh is not None and self.shares else []
        return bool(self.carried)

    @property
    def both(self) -> bool:
        """A proof takes executions that are each the first of a process: others are not enough."""
        return self.isolation is Isolation.WARM or (self.shares and bool(self.carried))

    def note_carried(self, *, proved: bool) -> Sequence[str]:
        """What a certificate says where ``both``, if that is ``proved``; else it is a problem."""
        if not self.carried or not self.shares:
            return ()
        what = f"one execution leaves something for the next in {', '.join(self.carried)}"
        if proved:
            return (f"{what}: what is proved is of executions that are each the first of a process",)
        what = f"{what}; few were the first of a process"
        self.note(Problem(ProblemKind.CARRIED_OVER, what, "", _MAKE_ANEW, fatal=False))
        return ()

    def pass_on(self, stream: str, text: str) -> None:
        """Shows what the scenario wrote to stdout or stderr, once."""
        if stream not in self._passed_on:
            self._passed_on.add(stream)
            with contextlib.suppress(AttributeError, OSError, ValueError):  # whatever the stream is by now
                getattr(sys, stream).write(text)
                getattr(sys, stream).flush()

    def batch(
        self, stages: Sequence[Stage], budget: Budget, phase: str, keep_problems: bool = True, **fields: Any
    ) -> Batch:
        """A batch of executions, to be iterated once. ``fields`` are those of Plan."""
        seconds = min(budget.seconds, self.deadline.left)
        budget = attrs.evolve(budget, seconds=seconds, patience=min(budget.patience, self.deadline.patience))
        return Batch(self, self._plan(tuple(stages), **fields), budget, phase, keep_problems)

    def counted(self, stages: Sequence[Stage], executions: int, seconds: float, phase: str, **fields: Any) -> Batch:
        """A batch that its executions end; ``seconds``, and those of the campaign, are for what never would."""
        seconds = min(seconds, self.deadline.left)
        budget = Budget(executions, seconds, stop_at_first=False)  # the first may be another finding
        return Batch(self, self._plan(tuple(stages), **fields), budget, phase, keep_problems=False)

    def once(
        self, schedule: Schedule, *, seed: int, number: int, seconds: float = 30.0, **fields: Any
    ) -> Outcome | None:
        """Runs one schedule with the canaries of ``number``. None when no execution came out of it.

        Its problems are not kept: a candidate of the shrinker may diverge without harm.
        """
        if self._only_fresh and self.fresh is not None:
            return self.fresh.once(schedule, seed=seed, number=number, seconds=seconds, **fields)
        return self._once_here(schedule, seed=seed, number=number, seconds=seconds, **fields)

    def only_fresh(self, *, cold: bool = False) -> None:
        """From now on single schedules run where the scenario has never run: here something is left of earlier ones.

        ``cold``: each as the first of its process, whatever the others are.
        """
        self._only_fresh = True
        if cold and self.fresh is not None:
            self.fresh.known["isolation"] = Isolation.NONE
            self.isolation_of_findings = Isolation.PROCESS

    def begin(self) -> None:
        """Before the first execution."""
        if self.target.facts.starts_afresh and self.isolation is not Isolation.PROCESS:
            self.fresh = fresh(self._there, self.spec.body, self.limits.hang_seconds)
            if self.fresh is not None and self.isolation is not Isolation.AUTO:
                self.fresh.known["isolation"] = self.isolation

    def end(self) -> None:
        """After the last one. Nothing refers to itself any more: what drives programs ends with the campaign."""
        self.cold = None
        if self.fresh is not None:
            self.fresh.close()
            self.fresh = None

    def _there(self, what: str, *args: Any, isolation: Isolation = Isolation.AUTO, **fields: Any) -> Any:
        """``isolation``: what the campaign has chosen since, so that it need not be found out for each execution."""
        self.isolation = isolation
        return getattr(self, what)(*args, **fields)

    def explore(self, plan: Plan, budget: Budget) -> Iterator[RuntimeEvent]:
        """The runtime's events; of a batch whose executions are each the first of a process, from where it is run."""
        if not any(stage.cold for stage in plan.stages):
            return self.runtime.explore(plan, budget)
        return self._cold(plan, budget)

    def _cold(self, plan: Plan, budget: Budget) -> Iterator[RuntimeEvent]:
        names = ("seed", "canary_number", "every", "describe", "aside", "surveys")
        fields = {name: getattr(plan, name) for name in names}
        try:
            if self.fresh is None:
                raise Gone
            yield from self.fresh.stream("cold_here", plan.stages, budget, plan.first_number, fields)
        except Gone:
            self.note(Problem(ProblemKind.ABANDONED, _NO_COLD, fatal=False))

    def cold_here(
        self, stages: tuple[Stage, ...], budget: Budget, first_number: int, fields: dict[str, Any]
    ) -> Generator[RuntimeEvent, None, None]:
        """Such a batch, where the scenario has never run."""
        self._numbers = first_number - 1
        assert self.cold is not None
        yield from self.cold(self._plan(stages, **fields | {"isolation": Isolation.PROCESS}), budget)

    def states_here(self, near: bool) -> dict[str, int]:
        """What modules hold before the first execution that counts."""
        if self.isolation is Isolation.WARM:
            list(self.runtime.explore(self._plan((Stage(Policy.SEQUENTIAL),)), Budget(0, FOREVER)))
        return carried.states(self.spec.body, near=near)

    def _once_here(
        self, schedule: Schedule, *, seed: int, number: int, seconds: float = 30.0, **fields: Any
    ) -> Outcome | None:
        plan = self.plan_of(schedule, seed=seed, number=number, **fields)
        batch = Batch(self, plan, Budget(1, seconds), "", keep_problems=False)
        outcome = None
        for item in batch:
            if isinstance(item, Outcome):
                outcome = item
        return outcome

    def outcomes(self, plan: Plan, budget: Budget) -> Generator[Outcome, None, None]:
        """Executions of one schedule, each when it is asked for. Their problems are not kept."""
        for item in Batch(self, plan, budget, "", keep_problems=False):
            if isinstance(item, Outcome):
                yield item

    def of_build(self, program: Any) -> Session:
        """Another session over the same, for another build of its program."""
        spec = attrs.evolve(self.spec, body=program)
        made = Session(spec, self.limits, self.runtime, self.store, self.oracle, self.clock)
        made.deadline = self.deadline
        return made

    def plan_of(self, schedule: Schedule, *, seed: int, number: int, **fields: Any) -> Plan:
        """The plan of one schedule, with the canaries of ``number``."""
        return self._plan((), schedule=schedule, canary_number=number, seed=seed, **fields)

    def _plan(
        self, stages: tuple[Stage, ...], *, seed: int | None = None, values: Values | None = None, **fields: Any
    ) -> Plan:
        """``values``: the dumps are kept for a comparison, and the canaries have these other values."""
        fields.setdefault("canary_number", self.pinned)
        chosen = self.limits.seed if seed is None else seed
        secrets = seed_of_secrets(chosen, self.spec.name)
        if values is not None:
            fields = {"mint": other_values(self.oracle, secrets, values), "inspect": self.oracle.record, **fields}
        return Plan(
            name=self.spec.name,
            item=self.spec.item,
            body=self.spec.body,
            seed=chosen,
            stages=stages,
            mask=self.oracle.masker(secrets),
            hang_seconds=self.limits.hang_seconds,
            confined=self.limits.confined,
            focus=self.limits.focus,
            running_file=self.store.running_file(self.spec.name, self.isolation),
            **{
                # Numbers of executions start again in each batch; canaries must not, or one that was carried over
                # from an earlier batch could not be distinguished from a leak.
                "first_number": 1 if fields["canary_number"] is not None else self._numbers + 1,
                "mint": partial(self.oracle.mint, secrets),
                "inspect": self.oracle.inspect(secrets),
                "every": not stages,
                "isolation": self.isolation,
                "warmed": self.warmed,
                "aside": self.aside,
                **fields,
            },
        )

    def count_numbers(self, executions: int) -> int:
        """Moves the numbers of canaries on; gives the number before the first of the batch."""
        base = self._numbers
        self._numbers += executions
        return base


@attrs.define(eq=False)
class Batch:
    """Executions as they come: yields each Outcome that the runtime reports, and progress for the outputs."""

    session: Session
    plan: Plan
    budget: Budget
    phase: str
    keep_problems: bool = True
    counters: Counters = attrs.field(factory=Counters)
    exhausted: bool = False
    executions: int = 0
    _stopped: bool = False

    def stop(self) -> None:
        """Ends the batch after the event at hand."""
        self._stopped = True

    def __iter__(self) -> Iterator[Outcome | CampaignProgress]:
        """Runs the batch; after an interruption none begins."""
        session = self.session
        if session.interrupted:
            return
        fixed = self.plan.canary_number is not None
        events = session.explore(self.plan, self.budget)
        session.warmed |= self.plan.isolation is Isolation.WARM
        try:
            for event in events:
                match event:
                    case Executed(outcome):
                        self.executions = max(self.executions, outcome.execution)
                        if self.keep_problems:
                            for problem in outcome.problems:
                                session.note(problem)
                        session.planted = outcome.planted or session.planted
                        yield outcome
                    case Progress(counters):
                        self._count(counters)
                        if self.phase:
                            yield CampaignProgress(session.spec.title, self.phase, counters)
                    case Noticed(problem):
                        if self.keep_problems:
                            session.note(problem)
                    case Recorded() if self.plan.proof is not None:
                        hand_on(event, self.plan.proof)
                    case Printed(stream, text) if self.plan.inspect is not session.oracle.record:
                        session.pass_on(stream, text)  # what is run for a comparison alone prints nothing new
                    case Probed(isolation, _, warms):
                        session.isolation, session.isolation_reason = isolation, reason_of(event)
                        session.warms = event if warms else None
                        if session.fresh is not None:
                            session.fresh.known["isolation"] = isolation
                        if isolation is Isolation.PROCESS and not session.count_numbers(0):
                            session.end()  # each execution is the first of its process
                    case BatchEnded(counters, exhausted, interrupted):
                        self._count(counters)
                        self.exhausted = exhausted
                        if interrupted:
                            session.interrupted = True
                if self._stopped:
                    break
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                close()
            if not fixed:
                session.count_numbers(self.executions + 1)

    def _count(self, counters: Counters) -> None:
        self.counters = counters
        self.executions = max(self.executions, counters.executions)
