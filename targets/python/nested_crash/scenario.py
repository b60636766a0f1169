"""A second crash strikes while the first is being redacted, and hands out the half-made report."""

import threading
from collections.abc import Callable

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


@attrs.define(eq=False)
class Reporter:
    """Writes the crash report into memory that was reserved at the start."""

    session: list[str]
    scrub: Callable[[str], str]
    report: str = f"build {BUILD}"
    busy: bool = False
    gate: threading.Lock = attrs.field(factory=threading.Lock)

    def crashed(self) -> str | None:
        """Return the crash report."""
        raise NotImplementedError

    def write(self) -> str:
        """Fill the reserved memory, then redact it."""
        self.report = "\n".join([f"build {BUILD}", *self.session])
        self.report = self.scrub(self.report)
        return self.report


class Vulnerable(Reporter):
    """A report that is being written is thought better than none."""

    def crashed(self) -> str | None:
        """Write the report, or return what there is of it."""
        if self.busy:
            return self.report
        self.busy = True
        return self.write()


class Fixed(Reporter):
    """One atomic gate: who comes second reports nothing."""

    def crashed(self) -> str | None:
        """Write the report, once."""
        if not self.gate.acquire(blocking=False):
            return None
        return self.write()


def stage(race: Race, kind: type[Reporter]) -> None:
    """A session goes on while two threads crash."""
    race.witness("build id", BUILD)
    key = race.canary("session key").text
    session = [f"key {key}"]
    reporter = kind(session, race.redactor(lambda text: text.replace(key, "[masked]")))
    race.thread(lambda: session.append("request served"), name="session")
    race.crash(reporter.crashed)
    race.crash(reporter.crashed)


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the second crash strikes between filling and redacting."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
