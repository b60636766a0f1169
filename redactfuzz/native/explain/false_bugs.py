"""What looks like a bug, and may come of what redactfuzz does not carry out or see: it is none."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from redactfuzz.model.outcome import BugKind, Outcome, Problem, ProblemKind
from redactfuzz.native.compile.symbols import Unknown

_NOT_DONE = frozenset({ProblemKind.OUTSIDE, ProblemKind.CHILD_PROCESS})
_RACY = frozenset({BugKind.FAULT, BugKind.ABORT, BugKind.ASSERT, BugKind.MISUSE, BugKind.MEMORY})
_NAMED = 3


def doubted(outcome: Outcome) -> Outcome:
    """Without its bug, if a call had failed by then that does not fail elsewhere, or a signal had not come."""
    bug = outcome.bug
    reason = next((one for one in outcome.problems if one.fatal and one.kind in _NOT_DONE), None)
    if bug is None or reason is None:
        return outcome
    said = attrs.evolve(reason, what=f"{reason.what}. What went wrong then may come of that: {bug.summary}")
    return attrs.evolve(outcome, bug=None, problems=tuple(said if one is reason else one for one in outcome.problems))


def mistaken(outcome: Outcome, unknown: Sequence[Unknown]) -> Outcome:
    """A fault, an abort or a misuse, without its bug if the program calls what is real beside models of its like.

    A stream or a descriptor of a model means nothing to the C library's own functions, nor do theirs to a model.
    """
    bug, real = outcome.bug, [one.name for one in unknown if one.reaches_out]
    if bug is None or bug.kind not in _RACY or not real:
        return outcome
    problem = Problem(
        ProblemKind.OUTSIDE,
        f"{bug.kind}: {bug.summary}. It may come of what redactfuzz does not carry out: {_listed(real)}",
        remedy="Call what is modelled in its place: open, read and write, or fopen, fread and fwrite.",
    )
    return attrs.evolve(outcome, bug=None, problems=(*outcome.problems, problem))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def faulted(outcome: Outcome, unknown: Sequence[Unknown]) -> Outcome:
    """A fault or abort after a preemption, without its bug if library code may have locked what nobody saw it lock.

    The threads here are one for the kernel and for libraries: theirs keep none apart. Without a preemption every thread
    has left such a section before the next one came to it, so that a fault stays one.
    """
    bug, locks = outcome.bug, [one.name for one in unknown if one.may_lock]
    threads = {step.thread for step in outcome.trace}
    if bug is None or bug.kind not in _RACY or not locks or not outcome.preemptions or len(threads) == 1:
        return outcome
    problem = Problem(
        ProblemKind.UNSEEN_LOCK,
        f"{bug.kind}: {bug.summary}, met after a thread was preempted. Threads may be kept apart there by what"
        f" redactfuzz does not see: {_listed(locks)}",
        remedy="Name the library's sources beside the program's, or lock by pthread_mutex_lock or C11's mtx_lock.",
    )
    return attrs.evolve(outcome, bug=None, problems=(*outcome.problems, problem))


def hung(outcome: Outcome, unknown: Sequence[Unknown]) -> Outcome:
    """A hang, without its bug if there is code that may wait, and no other thread is given its turn there."""
    if outcome.bug is None or outcome.bug.kind is not BugKind.HANG or not unknown:
        return outcome
    problem = Problem(
        ProblemKind.UNSEEN_LOCK,
        f"an endless loop; {outcome.bug.detail or outcome.bug.summary}. It may wait for another thread where redactfuzz"
        f" does not see it: {_listed([one.name for one in unknown])}",
        remedy="Make it of C11 atomics or of library calls that are modelled, or name its source beside the program's.",
    )
    return attrs.evolve(outcome, bug=None, problems=(*outcome.problems, problem))
