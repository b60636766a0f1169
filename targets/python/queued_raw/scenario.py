"""Log records wait in a queue and are masked by the listener; a crash report holds the queue."""

import copy
import logging
import logging.handlers
import queue
from collections.abc import Callable

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"
Records = "queue.Queue[logging.LogRecord | None]"

# The first record of a process fills caches of `isinstance` and `copy`, which makes its way longer than that of others.
copy.copy(logging.LogRecord("warm-up", logging.INFO, "", 0, "%s", ("",), None))


class Vulnerable(logging.handlers.QueueHandler):
    """The stock handler: the merged message goes into the queue."""

    def __init__(self, records: Records, scrub: Callable[[str], str]) -> None:
        """Leave masking to the listener."""
        super().__init__(records)
        self.scrub = scrub


class Fixed(Vulnerable):
    """Masks before the record is queued."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return the record that is queued: a masked copy."""
        queued = super().prepare(record)
        queued.msg = queued.message = self.scrub(queued.msg)
        return queued


@attrs.define(eq=False)
class Log:
    """The queue and what the listener has written."""

    records: Records
    lines: list[str] = attrs.field(factory=lambda: [f"build {BUILD}"])

    def listen(self, scrub: Callable[[str], str]) -> None:
        """Write records, masked, until None comes."""
        while (record := self.records.get()) is not None:
            self.lines.append(scrub(record.getMessage()))

    def report(self) -> str:
        """Return the crash report: what was logged and what is still waiting."""
        waiting = [record for record in list(self.records.queue) if record is not None]
        return "\n".join([*self.lines, *[record.getMessage() for record in waiting]])


def stage(race: Race, kind: type[Vulnerable]) -> None:
    """The application logs, a listener writes, a crash reports both."""
    race.witness("build id", BUILD)
    token = race.canary("token").text
    scrub = race.redactor(lambda text: text.replace(token, "[masked]"))
    log = Log(queue.Queue())
    logger = logging.Logger("application")
    logger.addHandler(kind(log.records, scrub))

    def application() -> None:
        logger.info("logged in with %s", token)
        log.records.put(None)

    race.thread(application, name="application")
    race.thread(log.listen, scrub, name="listener")
    race.crash(log.report)


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the crash strikes before the listener has taken the record."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
