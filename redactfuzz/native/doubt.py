"""What looks like a bug, and may come of what redactfuzz does not carry out or see: it is none."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from redactfuzz.model.outcome import BugKind, Outcome, Problem, ProblemKind
from redactfuzz.native.symbols import Unknown

_NOT_DONE = frozenset({ProblemKind.OUTSIDE, ProblemKind.CHILD_PROCESS})
_RACY = frozenset({BugKind.FAULT, BugKind.ABORT, BugKind.ASSERT, BugKind.MISUSE})
_NAMED = 3


def doubted(outcome: Outcome) -> Outcome:
    """Without its bug, if a call had failed by then that does not fail elsewhere, or a signal had not come."""
    bug = outcome.bug
    reason = next((one for one in outcome.problems if one.fatal and one.kind in _NOT_DONE), None)
    if bug is None or reason is None:
        return outcome
    said = attrs.evolve(reason, what=f"{reason.what}. What went wrong then may come of that: {bug.summary}")
    return attrs.evolve(outcome, bug=None, problems=tuple(said if one is reason else one for one in outcome.problems))


def faulted(outcome: Outcome, unknown: Sequence[Unknown]) -> Outcome:
    """A fault or abort after a preemption, without its bug if library code may have locked what nobody saw it lock.

    The threads here are one for the kernel and for libraries: theirs keep none apart. Without a preemption every thread
    has left such a section before the next one came to it, so that a fault stays one.
    """
    bug, locks = outcome.bug, [one.name for one in unknown if one.may_lock]
    threads = {step.thread for step in outcome.trace}
    if bug is None or bug.kind not in _RACY or not locks or not outcome.preemptions or len(threads) == 1:
        return outcome
    more = f" and {len(locks) - _NAMED} more" if len(locks) > _NAMED else ""
    problem = Problem(
        ProblemKind.UNSEEN_LOCK,
        f"{bug.kind}: {bug.summary}, met after a thread was preempted. Threads may be kept apart there by what"
        f" redactfuzz does not see: {', '.join(locks[:_NAMED])}{more}",
        remedy="Name the library's sources beside the program's, or lock by pthread_mutex_lock or C11's mtx_lock.",
    )
    return attrs.evolve(outcome, bug=None, problems=(*outcome.problems, problem))


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
