"""Two runs share a log handler; the one that ends takes the redacting formatter away from the other.

There is no crash: what the log handler ships is the dump. The lock has existed since the module was imported.
"""

import logging
import threading
from collections.abc import Callable
from types import TracebackType

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"
_LOCK = threading.Lock()
LINE = f"build {BUILD} %(message)s"


class RedactingFormatter(logging.Formatter):
    """Formats and masks."""

    def __init__(self, scrub: Callable[[str], str]) -> None:
        """Mask with ``scrub``."""
        super().__init__(LINE)
        self.scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        """Return the masked line."""
        return self.scrub(super().format(record))


class Shipper(logging.Handler):
    """Sends each line to the log server."""

    def __init__(self, ship: Callable[[str], None]) -> None:
        """Send with ``ship``, unmasked to begin with."""
        super().__init__()
        self.ship = ship
        self.setFormatter(logging.Formatter(LINE))

    def emit(self, record: logging.LogRecord) -> None:
        """Send one line."""
        self.ship(self.format(record))


class Redaction:
    """While at least one run is inside, the handler masks."""

    def __init__(self, handler: logging.Handler, scrub: Callable[[str], str]) -> None:
        """Mask what goes through ``handler`` with ``scrub``."""
        self.handler = handler
        self.redacting = RedactingFormatter(scrub)
        self.plain = handler.formatter
        self.users = 0

    def __enter__(self) -> None:
        """Install the redacting formatter with the first run."""
        with _LOCK:
            self.users += 1
            if self.users == 1:
                self.handler.setFormatter(self.redacting)

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _tb: TracebackType | None) -> None:
        """Leave."""
        raise NotImplementedError

    def leave(self) -> None:
        """Uninstall the redacting formatter with the last run."""
        self.users -= 1
        if self.users == 0:
            self.handler.setFormatter(self.plain)


class Vulnerable(Redaction):
    """Takes the lock on the way in only."""

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _tb: TracebackType | None) -> None:
        """Leave without the lock."""
        self.leave()


class Fixed(Redaction):
    """Takes the lock on the way out as well."""

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _tb: TracebackType | None) -> None:
        """Leave."""
        with _LOCK:
            self.leave()


def stage(race: Race, kind: type[Redaction]) -> None:
    """Two runs log a token each."""
    race.witness("build id", BUILD)
    tokens = {name: race.canary(f"{name} token").text for name in ("build", "deploy")}

    def scrub(line: str) -> str:
        for token in tokens.values():
            line = line.replace(token, "[masked]")
        return line

    handler = Shipper(race.dump)
    logger = logging.Logger("runs")
    logger.addHandler(handler)
    redaction = kind(handler, race.redactor(scrub))

    def run(name: str) -> None:
        with redaction:
            logger.info("%s with %s", name, tokens[name])

    race.thread(run, "build", name="build")
    race.thread(run, "deploy", name="deploy")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when one run leaves while the other enters and logs."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
