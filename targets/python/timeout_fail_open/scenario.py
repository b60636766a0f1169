"""Log lines are masked by a worker; when it takes longer than the time-out, the line goes out as it is.

There is no crash: each line that is shipped is a dump.
"""

import threading
from collections.abc import Callable

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


@attrs.define(eq=False)
class Worker:
    """Masks one line in a thread of its own, so that a slow pattern cannot stop the application."""

    scrub: Callable[[str], str]
    changed: threading.Condition = attrs.field(factory=threading.Condition)
    job: str | None = None
    result: str | None = None

    def work(self) -> None:
        """Wait for the line and mask it."""
        with self.changed:
            while self.job is None:
                self.changed.wait()
            job = self.job
        result = self.scrub(job)
        with self.changed:
            self.result = result
            self.changed.notify_all()

    def mask(self, line: str) -> str:
        """Return ``line`` masked, or after 0.5 s what :meth:`expired` says."""
        with self.changed:
            self.job = line
            self.changed.notify_all()
            self.changed.wait(timeout=0.5)
            return self.expired(line) if self.result is None else self.result

    def expired(self, line: str) -> str:
        """Return what goes out when masking took too long."""
        raise NotImplementedError


class Vulnerable(Worker):
    """Fails open: no line may be lost."""

    def expired(self, line: str) -> str:
        """Return the line as it is."""
        return line


class Fixed(Worker):
    """Fails closed."""

    def expired(self, line: str) -> str:
        """Return a placeholder."""
        return "[line dropped: masking took too long]"


def stage(race: Race, kind: type[Worker]) -> None:
    """The application logs one line with a token."""
    race.witness("build id", BUILD)
    token = race.canary("token").text
    worker = kind(race.redactor(lambda line: line.replace(token, "[masked]")))

    def application() -> None:
        race.dump(f"build {BUILD} " + worker.mask(f"logged in with {token}"))

    race.thread(application, name="application")
    race.thread(worker.work, name="worker")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the wait expires before the worker is done."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
