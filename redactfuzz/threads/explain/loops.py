"""What is said of loops that are too long to have points everywhere; see loops.h."""

from __future__ import annotations

from types import CodeType

from redactfuzz.model.outcome import Problem, ProblemKind

_REMEDY = "Give the scenario less to do there."


def long_loop(code: CodeType, index: int) -> Problem:
    """One that has points in few of its later passes; ``index`` of the instruction that closes it."""
    lines = [position[0] for position in code.co_positions()]
    line = (lines[index] if index < len(lines) else None) or code.co_firstlineno
    what = f"a loop in {code.co_qualname} is long: most of its later passes have no points, and are not preempted"
    return Problem(ProblemKind.LONG, what, f"{code.co_filename}:{line}", _REMEDY, fatal=False)


def endless_loop(thread: str) -> Problem:
    """One that gets on, but not to its end."""
    what = f"thread {thread!r} was stopped in a loop of millions of passes, which gets on but did not come to its end"
    return Problem(ProblemKind.LONG, what, remedy=_REMEDY)


def long_way(steps: int) -> Problem:
    """An execution that is long: no loop was seen that nobody gets out of."""
    what = f"an execution did not come to its end within {steps:,} steps, and no loop was seen that spins"
    return Problem(ProblemKind.LONG, what, remedy=f"{_REMEDY} Import beforehand what it imports.")
