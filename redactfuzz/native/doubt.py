"""What looks like a bug, and may come of what redactfuzz does not carry out or see: it is none."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from redactfuzz.model.outcome import BugKind, Outcome, Problem, ProblemKind
from redactfuzz.native.symbols import Unknown

_NOT_DONE = frozenset({ProblemKind.OUTSIDE, ProblemKind.CHILD_PROCESS})
_NAMED = 3


def doubted(outcome: Outcome) -> Outcome:
    """Without its bug, if a call had failed by then that does not fail elsewhere, or a signal had not come."""
    bug = outcome.bug
    reason = next((one for one in outcome.problems if one.fatal and one.kind in _NOT_DONE), None)
    if bug is None or reason is None:
        return outcome
    said = attrs.evolve(reason, what=f"{reason.what}. What went wrong then may come of that: {bug.summary}")
    return attrs.evolve(outcome, bug=None, problems=tuple(said if one is reason else one for one in outcome.problems))


def hung(outcome: Outcome, unknown: Sequence[Unknown]) -> Outcome:
    """A hang, without its bug if there is code that may wait, and no other thread is given its turn there."""
    if outcome.bug is None or outcome.bug.kind is not BugKind.HANG or not unknown:
        return outcome
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    problem = Problem(
        ProblemKind.UNSEEN_LOCK,
        f"an endless loop; {outcome.bug.detail or outcome.bug.summary}. It may wait for another thread where redactfuzz"
        f" does not see it: {', '.join(one.name for one in unknown[:_NAMED])}{more}",
        remedy="Make it of C11 atomics or of library calls that are modelled, or name its source beside the program's.",
    )
    return attrs.evolve(outcome, bug=None, problems=(*outcome.problems, problem))
