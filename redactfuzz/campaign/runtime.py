"""What the campaign asks of a runtime: one call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from redactfuzz.model.events import RuntimeEvent
from redactfuzz.model.plan import Budget, Plan


class Runtime(Protocol):
    """Runs executions of a scenario: of a Python function, or of a native program."""

    def explore(self, plan: Plan, budget: Budget) -> Iterator[RuntimeEvent]:
        """Explores one batch. The last event is BatchEnded; closing the iterator before it ends the batch."""


def default_runtime() -> Runtime:
    """The runtime for Python threads, imported when it is first needed: it brings the C modules with it."""
    from redactfuzz.threads import ThreadRuntime

    runtime: Runtime = ThreadRuntime()
    return runtime
