"""A crash handler asks the worker to stop and to scrub its buffer, waits a second, and dumps whatever there is."""

import threading
from collections.abc import Callable

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


@attrs.define(eq=False)
class Worker:
    """Handles requests and keeps their raw text until it stops."""

    scrub: Callable[[str], str]
    lines: list[str] = attrs.field(factory=lambda: [f"build {BUILD}"])
    stop: threading.Event = attrs.field(factory=threading.Event)
    stopped: threading.Event = attrs.field(factory=threading.Event)

    def run(self, requests: tuple[str, ...]) -> None:
        """Handle ``requests``, or as many as there is time for, then scrub."""
        for request in requests:
            if self.stop.is_set():
                break
            self.lines.append(request)
        self.lines = [self.scrub(line) for line in self.lines]
        self.stopped.set()

    def crashed(self) -> str | None:
        """Stop the worker and return its buffer."""
        self.stop.set()
        in_time = self.stopped.wait(timeout=1.0)
        return self.report(in_time)

    def report(self, in_time: bool) -> str | None:
        """Return the buffer; ``in_time`` tells whether the worker has scrubbed it."""
        raise NotImplementedError


class Vulnerable(Worker):
    """Best effort."""

    def report(self, in_time: bool) -> str | None:
        """Return what there is."""
        return "\n".join(self.lines)


class Fixed(Worker):
    """Fails closed."""

    def report(self, in_time: bool) -> str | None:
        """Return nothing that may not have been scrubbed."""
        return "\n".join(self.lines) if in_time else None


def stage(race: Race, kind: type[Worker]) -> None:
    """A worker handles two requests while a crash is reported."""
    race.witness("build id", BUILD)
    token = race.canary("token").text
    worker = kind(race.redactor(lambda line: line.replace(token, "[masked]")))
    race.thread(worker.run, (f"login token={token}", "logout"), name="worker")
    race.crash(worker.crashed)


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the wait expires before the worker has scrubbed."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks: that report is dropped."""
    stage(race, Fixed)
