"""The runtime for C and C++ programs: explores one batch of executions and gives the campaign what is worth a look."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.model.canary import Kind, raw
from redactfuzz.model.events import BatchEnded, Executed, Noticed, Probed, Progress, RuntimeEvent
from redactfuzz.model.outcome import Bug, BugKind, Outcome, Problem, ProblemKind
from redactfuzz.model.plan import Budget, Counters, Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.compile.compiler import BuildError
from redactfuzz.native.drive.control_block import AT_END, DriverConfig, Strike
from redactfuzz.native.drive.driver import DriverError, Ending
from redactfuzz.native.drive.events import Asked, Ended
from redactfuzz.native.drive.vault import Delivery, Sources, Way, check, own_sources
from redactfuzz.native.explain import names
from redactfuzz.native.run import batch
from redactfuzz.native.run.batch import DriverBatch, replay_room
from redactfuzz.native.run.images import Camera
from redactfuzz.native.run.program import Program, Route
from redactfuzz.native.run.ready import Ready, ready
from redactfuzz.native.run.real import Remains, died, emptied
from redactfuzz.native.run.replays import Replays

_PROGRESS_SECONDS = 0.25
_DEATHS = 20
"""Executions that kill the driver in one batch: then something else is wrong."""
_DISCOVERY = (Stage(Policy.SEQUENTIAL, limit=1),)
_BY_CHANCE = tuple(Stage(policy, Granularity.SWITCHES, limit=500) for policy in (Policy.RANDOM, Policy.PCT))
"""In other schedules a program may ask for others: where threads alternate, or where one is ahead for long."""
_CHANCE_SECONDS = 1.0
_LARGEST = 1 << 14
"""Bytes that a program may ask for: what is searched for, and kept out of what is said, costs more than they do."""
_CAMERAS = 4
_ASKING = 8
"""Times that the program is started to learn which canaries it asks for: one may come after another was given."""


class NativeRuntime:
    """Runs programs. One batch at a time; a driver that replays schedules stays between batches until ``close``."""

    def __init__(self, sources: Sources = own_sources, driver: Path | None = None) -> None:
        """``sources``: what to look for, of a canary. ``driver``: another one than ours, for tests."""
        self._sources = sources
        self._driver = driver
        self._ready: dict[int, tuple[Program, Ready]] = {}
        self._kinds: dict[int, Mapping[str, Kind]] = {}
        self._threads: dict[int, Mapping[int, str]] = {}
        self._latest: dict[int, Mapping[int, str]] = {}
        """The same of the last execution of a search."""
        self._replays = Replays()
        self._cameras: dict[Any, Camera] = {}

    def explore(self, plan: Plan, budget: Budget) -> Iterator[RuntimeEvent]:
        """Explores ``plan.stages`` (or runs ``plan.schedule``) until the budget ends. The last event is BatchEnded."""
        try:
            built = self.built(plan.body)
            deliveries = self.deliveries(built, plan)
            if plan.replays:
                yield from self._replayed(built, plan, deliveries)
            else:
                yield from self._explored(built, plan, budget, deliveries)
        except BuildError as error:
            bug = Bug(BugKind.SCENARIO, str(error), detail=error.detail)
            yield Executed(Outcome(execution=0, stage=0, bug=bug))
            yield BatchEnded(Counters(), exhausted=False)
        except KeyboardInterrupt:
            yield BatchEnded(Counters(), exhausted=False, interrupted=True)

    def close(self) -> None:
        """Ends the drivers that wait for another schedule."""
        self._replays.close()
        while self._cameras:
            self._cameras.popitem()[1].close()

    def __del__(self) -> None:
        if hasattr(self, "_cameras"):
            self.close()

    def built(self, program: Program) -> Ready:
        """The program, built. Raises BuildError."""
        key = id(program)
        if key not in self._ready:
            self._ready[key] = program, ready(program, driver=self._driver)
        return self._ready[key][1]

    # -- canaries

    def deliveries(self, built: Ready, plan: Plan) -> tuple[Delivery, ...]:
        """The canaries of a batch, those included that the program asks for: the same in all its executions."""
        key = id(built.program)
        if key not in self._kinds:
            self._kinds[key] = self._discovered(built, plan)
        number = plan.number_of(1, 0)
        return tuple(
            _delivery(built.program, name, plan.mint(name, kind, number)) for name, kind in self._kinds[key].items()
        )

    def _discovered(self, built: Ready, plan: Plan) -> dict[str, Kind]:
        """Runs the program until it asks for nothing new."""
        kinds = dict(built.program.canaries)
        for _ in range(_ASKING):
            asked, ended = self._asked(built, plan, kinds, _DISCOVERY)
            if not asked and ended and not built.program.plain:
                asked, _ = self._asked(built, plan, kinds, _BY_CHANCE)
            if not asked:
                break
            for one in asked:
                if one.name in kinds:
                    has = plan.mint(one.name, kinds[one.name], plan.first_number).size
                    raise BuildError(
                        f"The program asks for {one.size} bytes of canary {one.name!r}, which has {has:,}."
                    )
                if one.size > _LARGEST:
                    raise BuildError(f"canary {one.name!r}: {one.size:,} bytes are asked for, of at most {_LARGEST:,}.")
                try:
                    kinds[one.name] = raw(one.size)
                except ValueError as error:
                    raise BuildError(f"canary {one.name!r}: {error}") from None
            try:
                check(kinds)
            except ValueError as error:
                raise BuildError(f"{error}.") from None
        return kinds

    def _asked(
        self, built: Ready, plan: Plan, kinds: Mapping[str, Kind], stages: tuple[Stage, ...]
    ) -> tuple[list[Asked], bool]:
        """What is asked for in vain, by one execution and the crash at its end or by some of many; did one end?"""
        first = plan.first_number
        given = [_delivery(built.program, name, plan.mint(name, kind, first)) for name, kind in kinds.items()]
        quiet = attrs.evolve(plan, schedule=None, describe=False, bypass=False, notable=None)
        executions = sum(stage.limit for stage in stages)
        single = executions == 1
        config = self._config(built, quiet, every=single, executions=executions, seconds=_CHANCE_SECONDS)
        run = DriverBatch(built, quiet, stages, given, self._sources, attrs.evolve(config, strike=None))
        found: dict[str, Asked] = {}
        ended = False
        try:
            run.start()
            for event in run.events(plan.hang_seconds):
                match event:
                    case Asked():
                        found.setdefault(event.name, event)
                    case batch.Reported():
                        ended = True
                        assert run.driver is not None
                        if single:
                            self._threads[id(built.program)] = event.threads
                            run.driver.stop()
                        else:
                            run.driver.go()
        except DriverError as error:
            raise BuildError(f"The program cannot be run: {error}.") from None
        finally:
            run.close()
        return list(found.values()), ended

    # -- a batch

    def _explored(
        self, built: Ready, plan: Plan, budget: Budget, deliveries: tuple[Delivery, ...]
    ) -> Iterator[RuntimeEvent]:
        plan, reason = _isolated(plan, built)
        if reason:
            yield Probed(plan.isolation, reason)
        yield from map(Noticed, built.unseen_calls)
        config = self._config(
            built,
            plan,
            executions=budget.executions,
            seconds=budget.seconds,
            least=budget.least,
            patience=budget.patience,
        )
        run = DriverBatch(built, plan, plan.stages, deliveries, self._sources, config)
        if plan.walks:
            run.begin_as_replayed(self._replays.threads or self.threads(built.program))
        exhausted = interrupted = False
        known: set[tuple[ProblemKind, str]] = set()
        last = time.monotonic()
        deaths = 0
        try:
            run.start()
            going = True
            while going:
                going = False
                for event in run.events(plan.hang_seconds):
                    now = time.monotonic()
                    if now - last >= _PROGRESS_SECONDS:
                        last = now
                        yield Progress(run.counters())
                    match event:
                        case batch.Reported(outcome, threads):
                            self._latest[id(built.program)] = threads
                            yield from _noticed(outcome, known)
                            yield Executed(outcome)
                            assert run.driver is not None
                            if budget.stop_at_first and not outcome.clean:
                                run.driver.stop()
                            else:
                                run.driver.go()
                        case Asked(name):
                            yield from _noticed_once(_late(name), known)
                        case Ended(all_done):
                            exhausted = all_done
                        case Ending():
                            yield Executed(run.lost(event))
                            deaths += 1
                            going = not (event.hung or run.overwritten or budget.stop_at_first) and deaths < _DEATHS
                if going:
                    run.start()
        except KeyboardInterrupt:
            interrupted = True
        finally:
            counters, loose = run.conclusion(), run.control_block.loose
            run.close()
        if loose:
            kept = f"this kernel does not keep a program from {', '.join(loose)}"
            yield Probed(plan.isolation, f"{reason}; {kept}" if reason else kept)
        yield BatchEnded(counters, exhausted, interrupted)

    def _replayed(self, built: Ready, plan: Plan, deliveries: tuple[Delivery, ...]) -> Iterator[RuntimeEvent]:
        plan, reason = _isolated(plan, built)
        if reason:
            yield Probed(plan.isolation, reason)
        config = self._config(built, plan, every=True)
        interrupted = False
        outcome = None
        try:
            known = self.threads(built.program)
            outcome = self._replays.run(built, plan, deliveries, self._sources, config, known)
        except KeyboardInterrupt:
            interrupted = True
        if outcome is not None:
            yield from _noticed(outcome, set())
            yield Executed(outcome)
        done = int(outcome is not None)
        yield BatchEnded(Counters(executions=done), exhausted=bool(done), interrupted=interrupted)

    def _strike(self, program: Program) -> Strike | None:
        if not program.struck:
            return None
        if program.struck.startswith("@"):
            offset, _, nth = program.struck[1:].partition("*")
            return Strike(int(offset), int(nth))
        file, _, line = program.struck.rpartition(":")
        if file and line.isdigit():
            places = self.built(program).sites.addresses(file, int(line))
            if not places:
                raise BuildError(f"{program.struck} has no code of its own in the plain build.")
            return Strike(places[0])
        numbers = names.numbered(self.threads(program), [program.struck])
        return Strike(AT_END, 1, numbers[program.struck])

    def moments(self, program: Program, file: str, line: int, *, each: bool) -> tuple[int, ...]:
        """Offsets of a line at which a program can be struck; ``each``: of every instruction. Raises BuildError."""
        return self.built(program).sites.moments(file, line, each=each)

    def threads(self, program: Program) -> Mapping[int, str]:
        """Names of the threads by number, as the last execution that was reported has them."""
        return self._threads.get(id(program), {0: names.MAIN, **names.CRASHES})

    def thread_names(self, program: Program) -> list[str]:
        """The threads of the program, main first, as far as they are known."""
        return [name for number, name in sorted(self.threads(program).items()) if number not in names.CRASHES]

    def die(
        self,
        plan: Plan,
        folder: Path,
        debugger: tuple[str, ...] = (),
        values: Mapping[str, bytes] | None = None,
    ) -> Remains:
        """Runs ``plan.schedule`` in a process that really dies, in an empty ``folder``. Raises DriverError.

        ``debugger``: what starts it, on the terminal, and stops where it dies. ``values``: of canaries, by
        name, in place of their own.
        """
        built = self.built(plan.body)
        deliveries = self.deliveries(built, plan)
        config = self._config(built, plan, every=True)
        threads = self.threads(built.program)
        remains = died(built, plan, deliveries, self._sources, config, threads, folder, debugger, values)
        latest = self._latest.get(id(built.program), threads)
        if remains.dumps or debugger or latest == threads:
            return remains
        # Threads that start threads have other numbers in another order: by these it may have gone another way.
        emptied(folder)
        return died(built, plan, deliveries, self._sources, config, latest, folder, debugger, values)

    def camera(self, plan: Plan) -> Camera:
        """What takes pictures of ``plan.schedule``. It stays until ``close``. Raises BuildError."""
        schedule, built = plan.schedule, self.built(plan.body)
        assert schedule is not None
        deliveries = self.deliveries(built, plan)
        plan, _ = _isolated(plan, built)
        config = self._config(built, plan, every=True)
        key = id(built), plan.seed, plan.canary_number, schedule.granularity, config, replay_room(plan)
        camera = self._cameras.pop(key, None)
        if camera is not None and camera.ended:
            camera.close()
            camera = None
        if camera is None:
            while len(self._cameras) >= _CAMERAS:
                self._cameras.pop(next(iter(self._cameras))).close()
            camera = Camera(built, plan, deliveries, self._sources, config, self.threads(built.program))
        self._cameras[key] = camera
        camera.schedule = schedule
        return camera

    def _config(
        self,
        built: Ready,
        plan: Plan,
        *,
        every: bool = False,
        executions: int = 2**62,
        seconds: float = 1e9,
        least: int = 1,
        patience: float = 1e9,
    ) -> DriverConfig:
        program = built.program
        return DriverConfig(
            crash=program.crash,
            # Without hooks nobody knows what was written: the whole memory is searched, and thrown away.
            forked=plan.isolation is Isolation.PROCESS or program.plain,
            bypass=plan.bypass,
            lift=plan.lift,
            crash_last=plan.crash_last,
            every=plan.every or every,
            trace=plan.describe or plan.writers,
            oracles=program.oracles,
            plain=program.plain,
            vectors=built.vectors,
            strike=self._strike(program),
            step_limit=plan.step_limit,
            executions=min(executions, 2**62),
            seconds=min(seconds, 1e9),
            least=min(least, 2**62),
            patience=min(patience, 1e9),
            crashes=2 if program.second_crash and plan.otherwise["double"] else 1,
            leaking=plan.leaking,
            unlike=plan.notable is not None,
            after_leak=plan.after_leak,
        )


def _delivery(program: Program, name: str, canary: object) -> Delivery:
    route = program.routes.get(name, Route(Way.ASKED))
    return Delivery(canary, route.way, route.target)  # type: ignore[arg-type]  # Mint makes canaries


def _isolated(plan: Plan, built: Ready) -> tuple[Plan, str]:
    """The plan with AUTO decided, and why."""
    if plan.isolation is not Isolation.AUTO:
        return plan, ""
    why = built.why_forked
    if why:
        return attrs.evolve(
            plan, isolation=Isolation.PROCESS
        ), f"each execution has a process of its own, because {why}"
    reason = "memory is put back after each execution: the program calls nothing that redactfuzz does not know"
    return attrs.evolve(plan, isolation=Isolation.NONE), reason


def _late(name: str) -> Problem:
    return Problem(
        ProblemKind.INCOMPLETE,
        f"canary {name!r} is asked for in some schedules only, and was not planted in them",
        remedy="Declare it: canaries={...}, or ask for it at the start of main.",
    )


def _noticed(outcome: Outcome, known: set[tuple[ProblemKind, str]]) -> Iterator[Noticed]:
    for problem in outcome.problems:
        yield from _noticed_once(problem, known)


def _noticed_once(problem: Problem, known: set[tuple[ProblemKind, str]]) -> Iterator[Noticed]:
    if (problem.kind, problem.what) not in known:
        known.add((problem.kind, problem.what))
        yield Noticed(problem)
