"""Drivers that stay to run one schedule after the other: shrinking runs hundreds, each shorter than a start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from redactfuzz.model.outcome import Outcome, Problem, ProblemKind
from redactfuzz.model.plan import Plan, Policy, Stage
from redactfuzz.native.drive.control_block import DriverConfig
from redactfuzz.native.drive.driver import Ending
from redactfuzz.native.drive.events import Asked, Ended
from redactfuzz.native.drive.vault import Delivery, Sources
from redactfuzz.native.explain.describe import names_in, raw_deviations
from redactfuzz.native.explain.names import numbered
from redactfuzz.native.run.batch import DriverBatch, Reported, replay_room
from redactfuzz.native.run.ready import Ready

_KEPT = 4
_TRIES = 3
"""Runs until the threads have the numbers that a schedule's names were taken for."""


class Replays:
    """The drivers, by what they were started for."""

    def __init__(self) -> None:
        self._running: dict[Any, DriverBatch] = {}
        self.threads: Mapping[int, str] = {}
        """Names by number, as the last schedule that was run had them."""

    def run(
        self,
        built: Ready,
        plan: Plan,
        deliveries: Sequence[Delivery],
        sources: Sources,
        config: DriverConfig,
        threads: Mapping[int, str],
    ) -> Outcome | None:
        """One execution of ``plan.schedule``. ``threads``: the numbers that its threads probably have.

        None when nothing came out of it. Raises DriverError.
        """
        assert plan.schedule is not None
        wanted = names_in(plan.schedule)
        numbers = numbered(threads, wanted)
        executed: Reported | Outcome | None = None
        missing = ""
        for _ in range(_TRIES):
            raw, missing = raw_deviations(plan.schedule, built.sites, numbers)
            run = self._taken(built, plan, deliveries, sources, config)
            try:
                run.engine.replay(raw)
                run.control_block.strikes(plan.schedule.child, plan.schedule.moment)
                executed = _next(run, plan.hang_seconds)
            except BaseException:
                run.close()
                raise
            if isinstance(executed, Outcome):  # the driver died of it
                run.close()
                return executed
            if executed is None:
                run.close()
                return None
            self._running[_key(built, plan, config)] = run
            self.threads = executed.threads
            real = numbered(executed.threads, wanted)
            if real == numbers or not executed.outcome.problems:
                break
            numbers = real
        assert isinstance(executed, Reported)
        return _with_missing(executed.outcome, missing)

    def close(self) -> None:
        """Ends them."""
        while self._running:
            self._running.popitem()[1].close()

    def _taken(
        self, built: Ready, plan: Plan, deliveries: Sequence[Delivery], sources: Sources, config: DriverConfig
    ) -> DriverBatch:
        """A driver that waits, or a new one."""
        run = self._running.pop(_key(built, plan, config), None)
        if run is not None:
            run.plan = plan
            return run
        if len(self._running) >= _KEPT:
            self._running.pop(next(iter(self._running))).close()
        assert plan.schedule is not None
        stages = (Stage(Policy.REPLAY, plan.schedule.granularity, pairs=plan.pairs),)
        return DriverBatch(built, plan, stages, deliveries, sources, config)


def _key(built: Ready, plan: Plan, config: DriverConfig) -> Any:
    assert plan.schedule is not None
    room = replay_room(plan)
    return id(built), plan.seed, plan.canary_number, plan.schedule.granularity, plan.describe, plan.pairs, config, room


def _next(run: DriverBatch, hang_seconds: float) -> Reported | Outcome | None:
    """Lets the driver run one execution."""
    if run.driver is None:
        run.start()
    else:
        run.driver.go()
    for event in run.events(hang_seconds):
        match event:
            case Reported():
                return event
            case Ending():
                return run.lost(event)
            case Ended() | Asked() | None:
                continue
    return None


def _with_missing(outcome: Outcome, missing: str) -> Outcome:
    if not missing:
        return outcome
    problem = Problem(
        ProblemKind.DIVERGED,
        f"the schedule names a place that the program does not have: {missing}",
        missing,
        "The code has changed since: explore it again.",
    )
    return attrs.evolve(outcome, problems=(problem, *outcome.problems))
