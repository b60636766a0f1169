"""What one schedule covers: it is run once more, with all that its steps touch reported."""

from __future__ import annotations

import re
from collections.abc import Iterator

from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.campaign.session.spec import Options, ScenarioSpec
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.coverage import Coverage
from redactfuzz.model.outcome import Outcome, ProblemKind
from redactfuzz.model.schedule import Schedule

_COUNTED = re.compile(r"\d+")
"""Offsets, indices and lines of a dump: they follow from lengths and times, and are no other place."""


def coverage_of(of: Session | ScenarioSpec, schedule: Schedule, seed: int, number: int) -> Coverage:
    """The pairs of places that met over memory, and where canary bytes lay, in one execution of ``schedule``.

    ``number``: of the canaries. Empty where no execution came out of it, or the schedule could not be followed: a part
    of another execution is no coverage of this one. Raises OptionError as a campaign does.
    """
    if not isinstance(of, Session):
        of = Session(of, of.limits(Options()), of.target.runtime(), Store(), default_oracle())
    outcome = described(of, schedule, seed, number)
    return Coverage() if outcome is None else in_outcome(outcome)


def described(session: Session, schedule: Schedule, seed: int, number: int) -> Outcome | None:
    """The execution, with what it covered; None where there was none."""
    return session.once(schedule, seed=seed, number=number, describe=True, pairs=True, writers=True, steps=False)


def in_outcome(outcome: Outcome) -> Coverage:
    """What such an execution covered."""
    return Coverage() if strayed(outcome) else Coverage(outcome.pairs, frozenset(_shown(outcome)))


def strayed(outcome: Outcome) -> bool:
    """Whether the schedule could not be followed: the code is another one by now."""
    return any(problem.kind is ProblemKind.DIVERGED for problem in outcome.problems)


def _shown(outcome: Outcome) -> Iterator[str]:
    for leak in outcome.leaks:
        yield f"{leak.canary}: {leak.place or _COUNTED.sub('#', f'{leak.dump} {leak.where}'.strip())}"
    leaked = {leak.canary for leak in outcome.leaks}
    yield from (f"{name}: allowed" for name in outcome.inspection.shown - leaked)
