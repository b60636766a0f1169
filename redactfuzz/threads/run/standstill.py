"""The bug of an execution of which threads did not come to their end: they wait for each other, or one spins."""

from __future__ import annotations

from collections.abc import Sequence

from redactfuzz.model.outcome import Bug, BugKind
from redactfuzz.schedule.engine import State
from redactfuzz.threads import _hooks


def bug_of_state(result: _hooks.Result, names: Sequence[str]) -> Bug | None:
    """The bug, or None. ``result``: what the C part says of the execution, ``names`` those of its threads."""
    # Who waits for somebody outside waits for one who is not stuck, as far as we know.
    if (result.state == State.DEADLOCK or result.deadlock) and not result.outside_holds:
        waits = _hooks.deadlock()
        lines = [
            f"{thread} waits for "
            + (f"lock {ordinal}" if ordinal else "nothing that can happen")
            + (f", held by {holder}" if holder else "")
            for thread, ordinal, holder, _site in waits
        ]
        blocked = ", ".join(thread for thread, *_ in waits)
        return Bug(BugKind.DEADLOCK, f"deadlock of {blocked}", waits[0][0] if waits else "", "\n".join(lines))
    if result.state == State.STEP_LIMIT and result.spinning and not result.too_long:
        name = names[result.spinning]
        return Bug(
            BugKind.SPIN,
            f"step limit: thread {name!r} does not come to an end",
            name,
        )
    return None
