"""One driver with its memory: executions that it reports, as outcomes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.kinds import kind_to_json, of_canaries
from redactfuzz.model.outcome import Bug, BugKind, Inspection, Outcome, Problem, ProblemKind
from redactfuzz.model.plan import Counters, Plan, Stage
from redactfuzz.model.schedule import Schedule, Step
from redactfuzz.native._plan import lib
from redactfuzz.native.compile.shared import Shared
from redactfuzz.native.drive.control_block import NO_DUMP, ControlBlock, DriverConfig
from redactfuzz.native.drive.driver import Driver, DriverError, Ending
from redactfuzz.native.drive.events import Asked, Ended, RawExecution
from redactfuzz.native.drive.numbers import End
from redactfuzz.native.drive.piped import Piped
from redactfuzz.native.drive.vault import Delivery, Sources, Vault
from redactfuzz.native.explain import names
from redactfuzz.native.explain.conflicts import told
from redactfuzz.native.explain.describe import Words, names_in, raw_deviations
from redactfuzz.native.explain.false_bugs import doubted, faulted, hung, mistaken
from redactfuzz.native.explain.masking import Masking
from redactfuzz.native.run.ready import Ready
from redactfuzz.schedule.engine import STATES, Act, Engine, State, size_of
from redactfuzz.schedule.naming import parted
from redactfuzz.schedule.pairs import by_name, noted
from redactfuzz.schedule.record import follow

THREADS = int(lib.RFN_THREADS)
"""As many as the C part has room for."""
FRONTIER = 64 << 20
_REPLAY = 4096
_SHOWN_OF_SPIN = 1000
"""Steps described of an execution that met the step limit: the end of it says all."""


def replay_room(plan: Plan) -> int:
    """How many deviations a replay has room for: those of its schedule, or as many as most schedules have."""
    wanted = len(plan.schedule.deviations) if plan.schedule is not None else 0
    room = _REPLAY
    while room < wanted:
        room *= 2
    return room


@attrs.frozen
class Reported:
    """An execution that the driver reported."""

    outcome: Outcome
    threads: Mapping[int, str]
    pending: int
    """Deviations of a replay that were not met."""
    files: tuple[str, ...] = ()
    """Names of the files that it wrote."""
    allowed: frozenset[str] = frozenset()
    """Canaries in legitimate use when the crash struck."""
    places: tuple[str, ...] = ()
    """What is known of the places that were asked for."""
    cut: bool = False
    """Its core may lack the end, by RLIMIT_CORE."""


@attrs.define(eq=False)
class DriverBatch:
    """A driver and what it shares with us. Iterate ``events``; ``close`` it whatever happens."""

    ready: Ready
    plan: Plan
    stages: Sequence[Stage]
    deliveries: Sequence[Delivery]
    sources: Sources
    config: DriverConfig
    control_block: ControlBlock = attrs.field(init=False, factory=ControlBlock)
    vault: Vault = attrs.field(init=False)
    engine: Engine = attrs.field(init=False)
    driver: Driver | None = attrs.field(init=False, default=None)
    threads: Mapping[int, str] = attrs.field(factory=lambda: {0: names.MAIN, **names.CRASHES})
    """Of the last execution that was reported."""
    _core: Shared = attrs.field(init=False)
    _piped: Piped | None = attrs.field(init=False, default=None)
    _discretion: Masking = attrs.field(init=False)
    _started: float = attrs.field(init=False, factory=time.monotonic)
    _limits: dict[str, Any] = attrs.field(init=False)
    _counted: Counters = attrs.field(init=False, factory=Counters)
    overwritten: bool = attrs.field(init=False, default=False)
    """The program wrote over what the driver and we share: nothing in there is true any more."""

    def __attrs_post_init__(self) -> None:
        """Memory for everything; nothing runs yet."""
        replaying = self.plan.schedule is not None
        limits = {
            "threads": THREADS,
            "steps": self.config.step_limit,
            "frontier": 0 if replaying else FRONTIER,
            "replay": replay_room(self.plan) if replaying else len(self.plan.way),
        }
        self._core = Shared("core", size_of(self.stages, **limits))
        self._limits = limits
        self.engine = Engine(self.stages, self.plan.seed, memory=self._core.memory, **limits)
        if self.plan.way:
            follow(self.engine, self.plan.way)
        self.vault = Vault(self.deliveries, self.sources)
        self.config = attrs.evolve(
            self.config,
            canaries=len(self.deliveries),
            sources=len(self.vault.planted),
            redactors=self.ready.redactors,
        )
        if self.plan.proof is not None and any(stage.proof for stage in self.stages):
            self.plan.proof.begin({each.canary.name: each.canary.bytes for each in self.deliveries})
            self._piped = Piped(self.plan.proof.write)
            self.config = attrs.evolve(self.config, proof=self._piped.descriptor)
        self.control_block.configure(self.config)
        self.control_block.strikes(0, 0, rotates=not replaying)
        self._discretion = Masking(self.plan.mask, self.canaries)
        self.counters()

    def begin_as_replayed(self, threads: Mapping[int, str]) -> None:
        """Walks begin as the plan's schedule does. ``threads``: names by number, as a replay of it had them."""
        schedule = self.plan.schedule
        assert schedule is not None
        raw, _ = raw_deviations(schedule, self.ready.sites, names.numbered(threads, names_in(schedule)))
        self.engine.replay(raw)
        self.control_block.strikes(schedule.child, schedule.moment)

    @property
    def canaries(self) -> dict[str, Canary]:
        """By name."""
        return {delivery.canary.name: delivery.canary for delivery in self.deliveries}

    def start(
        self,
        *,
        cores: bool = False,
        debugger: tuple[str, ...] = (),
        also: Sequence[int] = (),
    ) -> None:
        """Starts a driver, or a new one on the same memory. Raises DriverError.

        ``cores``: its death may leave a core. ``also``: other descriptors that it has.
        """
        command = attrs.evolve(self.ready.command(), debugger=debugger)
        vault, core = self.vault.shared.descriptor, self._core.descriptor
        also = (*also, self._piped.descriptor) if self._piped is not None else also
        self.driver = Driver(command, self.control_block, vault, core, cores=cores, also=also)

    def events(self, hang_seconds: float) -> Iterator[Reported | Asked | Ended | Ending | None]:
        """What happens, and None now and then. An Ending is the last: the driver died before it had ended.

        After Reported the driver waits for ``go`` or ``stop``.
        """
        assert self.driver is not None
        for event in self.driver.events(hang_seconds):
            match event:
                case None:
                    yield None
                case RawExecution():
                    yield self._executed(event)
                case Asked():
                    yield event
                case Ended():
                    self.driver.close()
                    yield event
                    return
        ending = self.driver.ending
        assert ending is not None
        if ending.status == lib.RFN_INTERNAL:
            raise DriverError(ending.said or "the driver failed")
        yield ending

    def counters(self) -> Counters:
        """So far."""
        self._doubt()
        if not self.overwritten:
            counters = self.control_block.counters(self.vault.names, time.monotonic() - self._started)
            reports = tuple(self.engine.report(index) for index in range(len(self.stages)))
            preemptible, preempted = self.engine.displaced()
            self._counted = attrs.evolve(counters, stages=reports, preemptible=preemptible, preempted=preempted)
        return self._counted

    def _doubt(self) -> None:
        """Puts an empty engine in the place of one that cannot be followed any more."""
        if not (self.engine.intact and self.control_block.intact):
            self.engine = Engine(self.stages, self.plan.seed, **self._limits)
            self.overwritten = True

    def conclusion(self) -> Counters:
        """The same at its end: with what made the spaces of its stages large."""
        counters = self.counters()
        named = tuple(told(self.engine, self.ready.sites, counters.stages))
        return attrs.evolve(counters, stages=self._discretion.shown(named))

    def close(self) -> None:
        """Ends the driver and wipes the secrets."""
        if self.driver is not None:
            self.driver.close()
        if self._piped is not None:
            self._piped.close()
        self.vault.close()
        self.control_block.close()
        self._core.close()

    # -- outcomes

    def lost(self, ending: Ending) -> Outcome:
        """The outcome of an execution in which the driver died: its schedule is on our side."""
        self._doubt()
        status = self.engine.status
        if self.overwritten:
            summary, kind = f"the program wrote over the driver's memory, which {ending.how}", BugKind.DIED
        elif ending.hung:
            summary = "nothing moved any more, and no memory was touched: an endless loop, or a call that never returns"
            kind = BugKind.HANG
        else:
            summary, kind = f"the process {ending.how}", BugKind.DIED
        words = Words(self.ready.sites, self.threads)
        trace = self.engine.trace()
        last = self.ready.sites.place(trace[-1].site) if trace else None
        detail = f"its last step was at {last} in {last.function}: {last.source}" if last and last.file else ""
        thread = "" if self.overwritten else words.thread(self.control_block.thread)
        execution = self._counted.executions + 1 if self.overwritten else self.control_block.execution
        outcome = Outcome(
            execution=max(1, execution),
            stage=status.stage,
            bug=Bug(kind, summary, thread, detail),
            **self._always(),
            state="hang" if ending.hung else "died",
            steps=status.steps,
            preemptions=status.preemptions,
            switches=status.switches,
            trace_hash=status.trace_hash,
        )
        # Described at once, with its steps: to run it again would cost the whole hang limit.
        return self._discretion.shown(hung(self._described(outcome, words, steps=True), self.ready.unknown))

    def _executed(self, raw: RawExecution) -> Reported:
        self._doubt()
        self.threads = names.named(raw.threads, self.ready.sites)
        words = Words(
            self.ready.sites,
            self.threads,
            records=self.engine.trace() if self.plan.describe or (self.plan.writers and raw.hits) else (),
            redactors=frozenset(self.ready.redactors),
            calls=raw.redactions,
            struck=raw.struck,
            traced=self.plan.describe or self.plan.writers,
        )
        pending = self.engine.status.pending_deviations
        outcome = mistaken(doubted(self._outcome(raw, words, pending)), self.ready.unknown)
        if not outcome.clean or self.plan.describe:
            outcome = faulted(self._described(outcome, words), self.ready.unknown)
        elif not self.plan.replays:
            notable = self.plan.wants(outcome)
            if notable or self.plan.every:
                outcome = attrs.evolve(outcome, schedule=self._schedule(words), notable=notable)
        if self.plan.pairs:
            outcome = attrs.evolve(outcome, pairs=by_name(noted(self.engine), words.line))
        allowed = frozenset(self.vault.names[index] for index in raw.allowed if index < len(self.vault.names))
        files = tuple(self._discretion.shown(file.name) for file in raw.files)
        places = tuple(self._discretion.shown(words.place(place)) for place in raw.places)
        shown = self._discretion.shown(outcome)
        return Reported(shown, self.threads, pending, files, allowed, places, raw.cut)

    def _outcome(self, raw: RawExecution, words: Words, pending: int) -> Outcome:
        known = self.vault.names
        allowed = frozenset(known[index] for index in raw.allowed if index < len(known))
        inspection = Inspection(
            shown=frozenset(known[index] for index in raw.seen if index < len(known)),
            counted=frozenset(known) - allowed if raw.dumps else frozenset(),
            new=raw.unlike,
            new_on_stacks=raw.unlike_on_stacks,
        )
        leaks = words.leaks(raw.hits, self.vault.planted)
        oracles = self.ready.program.oracles
        bug = words.bug(raw.bug, oracles)
        if bug is None and NO_DUMP in oracles and not raw.dumps and raw.state in (End.EXITED, End.KILLED):
            bug = Bug(BugKind.NO_DUMP, "the program came to its end, and no dump was written")
        return Outcome(
            execution=raw.execution,
            stage=raw.stage,
            leaks=leaks,
            inspection=attrs.evolve(inspection, leaks=leaks),
            bug=bug,
            problems=tuple(self._problems(raw, words, pending)),
            dumps=raw.dumps,
            redactions=raw.redactions,
            **self._always(),
            threads=tuple(name for number, name in sorted(self.threads.items()) if number not in names.CRASHES),
            state=STATES[raw.engine],
            steps=raw.steps,
            preemptions=raw.preemptions,
            switches=raw.switches,
            trace_hash=raw.trace_hash,
            strike_step=max(0, raw.struck[0].step - 1) if raw.struck else None,
        )

    def _always(self) -> dict[str, Any]:
        """What every outcome of this batch says."""
        crashes = self.crashes
        return {
            "redactors": len(self.ready.redactors),
            **of_canaries(self.canaries),
            "crashes": crashes,
            "anywhere": crashes,
        }

    @property
    def crashes(self) -> tuple[str, ...]:
        """Those that may strike."""
        program = self.ready.program
        if program.crash == "none":
            return ()
        return (names.CRASH, names.SECOND) if program.signal and program.second_crash else (names.CRASH,)

    def _problems(self, raw: RawExecution, words: Words, pending: int) -> Iterator[Problem]:
        yield from (words.problem(raised) for raised in raw.problems)
        replaying = self.plan.schedule is not None
        total = len(self.plan.schedule.deviations) if self.plan.schedule is not None else 0
        if raw.engine is State.DIVERGED:
            yield Problem(
                ProblemKind.DIVERGED if replaying else ProblemKind.NONDETERMINISM,
                parted("program", raw.step_diverged, self.engine.trace(), words.thread, words.sites.place),
                remedy="Look for uninitialised memory or addresses that are compared; or the code has changed since.",
            )
        elif self.plan.replays and pending:
            yield Problem(
                ProblemKind.DIVERGED,
                f"{pending} of {total} deviations of the schedule were not met",
                remedy="The code has changed since: explore it again.",
            )

    def _schedule(self, words: Words) -> Schedule:
        child, moment = (0, 0) if self.overwritten else self.control_block.moment
        schedule = words.schedule(self.engine.granularity, self.engine.deviations())
        return attrs.evolve(schedule, child=child, moment=moment, double=bool(self.plan.otherwise["double"]))

    def _described(self, outcome: Outcome, words: Words, *, steps: bool = False) -> Outcome:
        """With its schedule, and, where the plan asks for a description, its steps."""
        engine, schedule = self.engine, self._schedule(words)
        described: tuple[Step, ...] = ()
        if self.plan.describe or steps:
            trace = engine.trace()
            if outcome.bug is not None and outcome.bug.kind is BugKind.DEADLOCK and trace[-1].action is Act.FIRE:
                trace = trace[:-1]  # the crash was all that could still come: it has not struck
            endless = steps or engine.status.state is State.STEP_LIMIT
            first = len(trace) - _SHOWN_OF_SPIN if endless else 0
            described = tuple(words.step(index, record) for index, record in enumerate(trace) if index >= first)
            described = words.with_strikes(described)
        planted = {name: kind_to_json(canary.kind) for name, canary in self.canaries.items()}
        return attrs.evolve(outcome, schedule=schedule, trace=described, planted={} if outcome.clean else planted)
