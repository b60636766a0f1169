"""A logging filter's masker says "known" before it can mask: the second registrant logs at once.

There is no crash: what the log handler ships is the dump.
"""

import logging
import threading
from collections.abc import Callable

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"

# The first record of a process fills caches of `isinstance`, which makes its way longer than that of all others.
logging.LogRecord("warm-up", logging.INFO, "", 0, "%s", ("",), None)


@attrs.define(eq=False)
class Masker:
    """The secrets that must not appear in a log line."""

    known: dict[str, None] = attrs.field(factory=dict)
    matcher: tuple[str, ...] = ()
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def add(self, secret: str) -> None:
        """From now on ``secret`` is masked; twice is once."""
        raise NotImplementedError

    def scrub(self, text: str) -> str:
        """Return ``text`` without the registered secrets."""
        for needle in self.matcher:
            text = text.replace(needle, "[masked]")
        return text


class Vulnerable(Masker):
    """Publishes the set before the matcher."""

    def add(self, secret: str) -> None:
        """Return early when the secret is known, though perhaps not yet masked."""
        if secret in self.known:
            return
        self.known[secret] = None
        self.matcher = tuple(sorted(self.known, key=len, reverse=True))


class Fixed(Masker):
    """The set is the matcher: one immutable value, replaced under a lock."""

    def add(self, secret: str) -> None:
        """Return when the secret is masked."""
        with self.lock:
            if secret in self.matcher:
                return
            self.matcher = tuple(sorted((*self.matcher, secret), key=len, reverse=True))


class RedactingFilter(logging.Filter):
    """Masks each record on its way to the handler."""

    def __init__(self, scrub: Callable[[str], str]) -> None:
        """Mask with ``scrub``."""
        super().__init__()
        self.scrub = scrub

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the message in place; every record passes."""
        record.msg, record.args = self.scrub(record.getMessage()), None
        return True


class Shipper(logging.Handler):
    """Sends each line to the log server."""

    def __init__(self, ship: Callable[[str], None]) -> None:
        """Send with ``ship``."""
        super().__init__()
        self.ship = ship
        self.setFormatter(logging.Formatter(f"build {BUILD} %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Send one line."""
        self.ship(self.format(record))


def stage(race: Race, kind: type[Masker]) -> None:
    """Two workers open a session with the same credential and say so in the log."""
    race.witness("build id", BUILD)
    masker = kind()
    logger = logging.Logger("sessions")
    logger.addFilter(RedactingFilter(race.redactor(masker.scrub)))
    logger.addHandler(Shipper(race.dump))

    def session(credential: str) -> None:
        masker.add(credential)
        logger.info("opened with %s", credential)

    key = race.canary("shared credential")
    race.thread(session, key.text, name="worker-1")
    race.thread(session, key.text, name="worker-2")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when one worker registers while the other is between set and matcher."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
