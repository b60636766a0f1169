"""Comparisons of one schedule, and what they add to the outcome of a replay."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import attrs

from redactfuzz.campaign.compare.answer import Comparison
from redactfuzz.campaign.session.fresh import Fresh
from redactfuzz.campaign.session.spec import FOREVER
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.repro import Identity
from redactfuzz.model.schedule import Schedule


def can_compare(session: Session) -> bool:
    """Whether schedules can be run again under other secrets."""
    return session.target.can_compare(session)


class Compares(Protocol):
    """One schedule, run again with other values of the secrets."""

    runs: int
    """By now."""

    def compare(self, base: Any = None, *, seen: Any = None, quick: bool = False) -> Comparison:
        """The answer: see ``comparison.Comparing``. Raises OutOfTime."""


def comparing(session: Session, schedule: Schedule, **fields: Any) -> AbstractContextManager[Compares]:
    """A context in which a schedule is compared. ``fields`` are those of Comparing."""
    return session.target.comparing(session, schedule, **fields)


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
