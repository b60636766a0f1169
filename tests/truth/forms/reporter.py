"""A report beside which something stands that may follow from the secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redactfuzz import Race

NOTED = frozenset({"NO_LEAK_FOUND"})
"""A pass that says what it saw, and no proof."""
UNSURE = frozenset({"INCONCLUSIVE"})


class Reporter:
    """A report of an event whose secret is redacted, with something beside it that may follow from the secret."""

    def __init__(self, race: Race, beside: Callable[[Any], Any], kind: Any = None) -> None:
        key = race.canary("key", kind)
        event: dict[str, Any] = {"user": "alice", "token": key.text}
        redact = race.redactor(lambda fields: {**fields, "token": "[redacted]"})

        def work() -> None:
            event["seen"] = True

        race.thread(work)
        race.crash(lambda: {**redact(dict(event)), "beside": beside(key)})
