"""One log record fans out to two sinks; each masks it in place for as long as it ships it, and puts it back.

There is no crash: what the sinks ship are the dumps.
"""

import copy
import logging
from collections.abc import Callable

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"

# The first record of a process fills caches of `isinstance` and `copy`, which makes its way longer than that of others.
copy.copy(logging.LogRecord("warm-up", logging.INFO, "", 0, "%s", ("",), None))


class Sink(logging.Handler):
    """Ships masked lines to one log server."""

    def __init__(self, scrub: Callable[[str], str], ship: Callable[[str], None]) -> None:
        """Mask with ``scrub``, send with ``ship``."""
        super().__init__()
        self.scrub = scrub
        self.ship = ship
        self.setFormatter(logging.Formatter(f"build {BUILD} %(message)s"))


class Vulnerable(Sink):
    """Borrows the record: other handlers shall find the original."""

    def emit(self, record: logging.LogRecord) -> None:
        """Mask, ship, restore."""
        original = record.msg
        record.msg = self.scrub(original)
        self.ship(self.format(record))
        record.msg = original


class Fixed(Sink):
    """Works on a record of its own."""

    def emit(self, record: logging.LogRecord) -> None:
        """Mask a copy and ship it."""
        masked = copy.copy(record)
        masked.msg = self.scrub(record.msg)
        self.ship(self.format(masked))


def stage(race: Race, kind: type[Sink]) -> None:
    """A record is handed to two sinks, each in its own thread."""
    race.witness("build id", BUILD)
    token = race.canary("token").text
    scrub = race.redactor(lambda line: line.replace(token, "[masked]"))
    record = logging.LogRecord("app", logging.INFO, __file__, 1, f"logged in with {token}", None, None)
    race.thread(kind(scrub, race.dump).handle, record, name="search index")
    race.thread(kind(scrub, race.dump).handle, record, name="archive")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when one sink puts the message back before the other has formatted it."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
