"""Comparisons of one schedule, of a Python scenario or of a program, and what they add to the outcome of a replay."""

from __future__ import annotations

from typing import Any

import attrs

from redactfuzz.campaign.compare.comparison import Comparing
from redactfuzz.campaign.compare.unlisted import ComparingImages
from redactfuzz.campaign.session.fresh import Fresh
from redactfuzz.campaign.session.spec import FOREVER
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.repro import Identity
from redactfuzz.model.schedule import Schedule
from redactfuzz.native.run.runtime import NativeRuntime


def can_compare(session: Session) -> bool:
    """Whether schedules can be run again under other secrets."""
    if session.spec.is_program:
        return isinstance(session.runtime, NativeRuntime)
    return session.oracle.record is not None


def comparing(session: Session, schedule: Schedule, **fields: Any) -> Comparing | ComparingImages:
    """A context in which a schedule is compared. ``fields`` are those of Comparing."""
    if session.spec.is_program:
        return ComparingImages(session, schedule, **fields)
    return Comparing(session, schedule, **fields)


def completed(
    session: Session,
    outcome: Outcome | None,
    identity: Identity,
    schedule: Schedule,
    *,
    seed: int,
    number: int,
    crash_last: bool = False,
    quick: bool = False,
    fresh: Fresh | None = None,
    seconds: float = FOREVER,
) -> Outcome | None:
    """The outcome of a replay, with the leaks that only a comparison shows where the finding is one of these.

    Raises OutOfTime when that takes more than ``seconds``.
    """
    wanted = identity.by_comparison and can_compare(session)
    if outcome is None or not wanted or outcome.leaks or not outcome.dumps:
        return outcome
    how: dict[str, Any] = {"seed": seed, "number": number, "crash_last": crash_last, "seconds": seconds}
    how |= {} if fresh is None else {"fresh": fresh}
    with comparing(session, schedule, **how) as context:
        return attrs.evolve(outcome, leaks=context.compare(quick=quick).leaks)
