"""What the campaign asks of a runtime: one call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.secret import Source
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


def program_runtime() -> Runtime:
    """The runtime for C and C++ programs, which looks for what follows from a canary as well."""
    from redactfuzz.native.run.runtime import NativeRuntime

    runtime: Runtime = NativeRuntime(_sources)
    return runtime


def _sources(canary: Canary) -> list[tuple[Source, bool]]:
    """What ``scan`` looks for in an image of memory."""
    from redactfuzz.native.drive.vault import is_bytes
    from redactfuzz.scan.derived import derived_sources

    own = [(source, False) for source in canary.sources()]
    return own + [(source, is_bytes(source)) for source in derived_sources(canary)]
