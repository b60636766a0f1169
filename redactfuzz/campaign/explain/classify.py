"""Sequential, permanent, transient or a double fault: when must which crash strike for the leak to happen?"""

from __future__ import annotations

import attrs

from redactfuzz.campaign.search.trial import Trial
from redactfuzz.model.outcome import RESIDUE, LeakKind, Outcome
from redactfuzz.model.schedule import Action, Deviation, Schedule
from redactfuzz.schedule.shrink import Failing


def classify(trial: Trial, failing: Failing) -> LeakKind | None:
    """The kind of a leak. None for a bug."""
    outcome = failing.outcome
    if not outcome.leaks:
        return None
    if trial.identity.place == RESIDUE:
        return LeakKind.RESIDUE
    if failing.schedule.double:
        return LeakKind.DOUBLE_FAULT
    if trial.found.stage.first or _sequential(outcome, failing.schedule):
        return LeakKind.SEQUENTIAL
    if not outcome.crashes:
        return LeakKind.PERMANENT
    # Once as it is without its crashes, once cut off at the first of them: what follows may belong to the handler.
    for deviations in dict.fromkeys((_without_crashes(failing.schedule), _before_crash(failing.schedule))):
        last = trial.crash_last(attrs.evolve(failing.schedule, deviations=deviations))
        if last is not None and trial.same(last):
            return LeakKind.PERMANENT
    return LeakKind.TRANSIENT


def _sequential(outcome: Outcome, schedule: Schedule) -> bool:
    return outcome.preemptions == 0 and all(d.action is Action.SWITCH for d in schedule.deviations)


def _without_crashes(schedule: Schedule) -> tuple[Deviation, ...]:
    return tuple(d for d in schedule.deviations if d.action is not Action.CRASH)


def _before_crash(schedule: Schedule) -> tuple[Deviation, ...]:
    deviations = schedule.deviations
    crash = next((i for i, d in enumerate(deviations) if d.action is Action.CRASH), len(deviations))
    return deviations[:crash]
