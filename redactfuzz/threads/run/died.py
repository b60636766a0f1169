"""The outcome of an execution whose process died."""

from __future__ import annotations

import attrs

from redactfuzz.model.outcome import Bug, BugKind, Outcome
from redactfuzz.model.plan import Plan
from redactfuzz.model.schedule import Granularity, Schedule, Step
from redactfuzz.schedule.engine import Engine
from redactfuzz.threads.explain.describe import Description
from redactfuzz.threads.process.child import Died


@attrs.frozen
class DeathDescription:
    """The way to the death of a process, in names."""

    schedule: Schedule
    steps: tuple[Step, ...]
    label: str = ""
    thread: str = ""
    detail: str = ""


def died_outcome(
    engine: Engine,
    plan: Plan,
    died: Died,
    number: int,
    index: int,
    granularity: Granularity,
    told: DeathDescription | None,
) -> Outcome:
    """The outcome of an execution whose process died: what the engine's shared memory still tells.

    ``told``: what a second run found out, which stopped just before.
    """
    status = engine.status
    if told is None:
        description = Description(engine.trace(), (), ())
        told = DeathDescription(description.schedule(granularity, engine.deviations(), plan), description.steps())
    kind = BugKind.HANG if died.hung else BugKind.DIED
    return Outcome(
        execution=index,
        stage=status.stage,
        bug=Bug(kind, f"the process of the execution {died.how}", told.thread, told.detail),
        steps=status.steps,
        preemptions=status.preemptions,
        switches=status.switches,
        trace_hash=status.trace_hash,
        schedule=told.schedule,
        trace=told.steps,
        label=told.label,
    )
