"""How long a search goes on after a bug: a leak is worse, and must not be hidden by it.

It has all that is left of its budget. A thread that spins for ever is no reason for less: such an execution takes as
long as hundreds of others, so the seconds end the search there, and not a number of executions.
"""

from __future__ import annotations

from redactfuzz.campaign.session.spec import FOREVER, Limits

AFTER_BUG = 50
"""Executions at least."""
_ENDLESS = 1_000
"""Executions of a search that has no limit: it would never get to report the bug."""


def after_bug(limits: Limits, remaining: int) -> int:
    """Executions, of those that remain."""
    if not limits.bounded and limits.seconds >= FOREVER:
        return _ENDLESS
    return max(AFTER_BUG, remaining)
