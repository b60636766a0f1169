"""How long the search of a program goes on after a leak: it must not hide the others."""

from __future__ import annotations

from redactfuzz.campaign.session.state import Session
from redactfuzz.model.plan import Isolation

AFTER_LEAK = 10_000
"""Executions that bring no other leak in memory, after which the search ends; or twice those until the last one."""
AFTER_LEAK_FORKED = 1_000
"""The same where each has a process of its own."""


def after_leak(session: Session) -> int:
    """Of ``Plan``; 0 for a scenario in Python, whose first leak ends the search."""
    if not session.spec.is_program:
        return 0
    return AFTER_LEAK_FORKED if session.isolation is Isolation.PROCESS else AFTER_LEAK
