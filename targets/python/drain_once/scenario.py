"""A crash handler waits until no writer is active, but does not look again after it was woken."""

import threading
from collections.abc import Callable

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


@attrs.define(eq=False)
class Journal:
    """Writers put a raw line down and redact it in place; nobody may dump meanwhile."""

    scrub: Callable[[str], str]
    changed: threading.Condition = attrs.field(factory=threading.Condition)
    writers: int = 0
    lines: dict[str, str] = attrs.field(factory=dict)

    def write(self, writer: str, line: str) -> None:
        """Write one line."""
        with self.changed:
            self.writers += 1
        self.lines[writer] = line
        self.lines[writer] = self.scrub(line)
        with self.changed:
            self.writers -= 1
            if self.writers == 0:
                self.changed.notify_all()

    def report(self) -> str:
        """Return the crash report, made while nobody writes."""
        with self.changed:
            self.drain()
            return "\n".join([f"build {BUILD}", *self.lines.values()])

    def drain(self) -> None:
        """Wait until nobody writes."""
        raise NotImplementedError


class Vulnerable(Journal):
    """Waits once."""

    def drain(self) -> None:
        """Return at the first notification."""
        if self.writers:
            self.changed.wait()


class Fixed(Journal):
    """Waits for the condition, not for the notification."""

    def drain(self) -> None:
        """Return when nobody writes."""
        while self.writers:
            self.changed.wait()


def stage(race: Race, kind: type[Journal]) -> None:
    """Two writers and a crash."""
    race.witness("build id", BUILD)
    tokens = [race.canary(name).text for name in ("api token", "db token")]

    def scrub(line: str) -> str:
        for token in tokens:
            line = line.replace(token, "[masked]")
        return line

    journal = kind(race.redactor(scrub))
    race.thread(journal.write, "api", f"api token={tokens[0]}", name="api")
    race.thread(journal.write, "db", f"db token={tokens[1]}", name="db")
    race.crash(journal.report)


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when a second writer starts between notification and wake-up."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
