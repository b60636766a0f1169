"""The outcome of an execution whose process died."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from redactfuzz.model.outcome import Bug, BugKind, Outcome
from redactfuzz.model.plan import Plan
from redactfuzz.model.schedule import Granularity, Schedule, Step
from redactfuzz.schedule.engine import Engine
from redactfuzz.threads.explain.describe import Description
from redactfuzz.threads.process.child import Died
from redactfuzz.threads.run.remains import Judged


@attrs.frozen
class DeathDescription:
    """The way to the death of a process, in names."""

    schedule: Schedule
    steps: Sequence[Step]
    label: str = ""
    thread: str = ""
    detail: str = ""

    @classmethod
    def of(
        cls,
        engine: Engine,
        description: Description,
        names: Sequence[str],
        schedule: Schedule,
        anywhere: frozenset[str],
    ) -> DeathDescription:
        """Of a run that has just come so far. ``names``: of its threads."""
        trace = engine.trace()
        thread = names[trace[-1].thread] if trace and trace[-1].thread < len(names) else ""
        place = description.place(trace[-1].site) if trace else None
        detail = f"last seen at {place.file}:{place.line} in {place.function}" if place and place.file else ""
        return cls(schedule, description.steps(), description.label(anywhere), thread, detail)


def died_outcome(
    engine: Engine,
    plan: Plan,
    died: Died,
    index: int,
    granularity: Granularity,
    death: DeathDescription | None,
    shown: Judged,
) -> Outcome:
    """The outcome of an execution whose process died: what the engine's shared memory still holds, and its black box.

    ``death``: what a second run found out, which stopped just before.
    """
    status = engine.status
    if death is None:
        description = Description(engine.trace(), (), ())
        aside = plan.aside_in(engine.status.stage)
        schedule = description.schedule(granularity, engine.deviations(), plan, aside)
        death = DeathDescription(schedule, description.steps())
    kind = BugKind.HANG if died.hung else BugKind.DIED
    return Outcome(
        execution=index,
        stage=status.stage,
        bug=Bug(kind, f"the process of the execution {died.how}", death.thread, death.detail),
        steps=status.steps,
        preemptions=status.preemptions,
        switches=status.switches,
        trace_hash=status.trace_hash,
        schedule=death.schedule,
        trace=death.steps,
        label=death.label,
        **shown.fields,
    )
