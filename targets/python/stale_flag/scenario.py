"""A log record is masked once and flagged; it leaves a buffer after a new secret was registered, unmasked.

There is no crash: what the log handler ships is the dump. The value may be seen until it is marked as secret.
"""

import logging
import logging.handlers
import threading
from collections.abc import Callable

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"

# The first record of a process fills caches of `isinstance`, which makes its way longer than that of all others.
logging.LogRecord("warm-up", logging.INFO, "", 0, "%s", ("",), None)


@attrs.define(eq=False)
class Masker:
    """The secrets that must not leave, and how often their list has changed."""

    secrets: tuple[str, ...] = ()
    version: int = 0
    lock: threading.RLock = attrs.field(factory=threading.RLock)

    def register(self, secret: str) -> None:
        """From now on ``secret`` is masked."""
        with self.lock:
            self.secrets = (*self.secrets, secret)
            self.version += 1

    def scrub(self, text: str) -> str:
        """Return ``text`` without the registered secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "[masked]")
        return text

    def flag(self) -> int:
        """What a record is marked with once it has been masked; a record with this mark is not masked again."""
        raise NotImplementedError


class Vulnerable(Masker):
    """Masked is masked."""

    def flag(self) -> int:
        """Return the same mark for ever."""
        return 1


class Fixed(Masker):
    """The mark tells which secrets were known."""

    def flag(self) -> int:
        """Return the version of the list."""
        return self.version


class MaskingFilter(logging.Filter):
    """Masks each record, unless it bears the mark already."""

    def __init__(self, masker: Masker, scrub: Callable[[str], str]) -> None:
        """Mask with ``scrub``, marked by ``masker``."""
        super().__init__()
        self.masker = masker
        self.scrub = scrub

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask in place; every record passes. The mark is read before the secrets."""
        flag = self.masker.flag()
        if getattr(record, "masked", None) != flag:
            record.msg, record.args = self.scrub(record.getMessage()), None
            record.masked = flag
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
    """One thread logs a setting and flushes the buffer, another finds out that the setting is a secret."""
    race.witness("build id", BUILD)
    masker = kind()
    masking = MaskingFilter(masker, race.redactor(masker.scrub))
    shipper = Shipper(race.dump)
    shipper.addFilter(masking)
    buffer = logging.handlers.MemoryHandler(capacity=100, target=shipper)
    buffer.addFilter(masking)
    logger = logging.Logger("settings")
    logger.addHandler(buffer)
    setting = race.canary("setting")
    setting.allow()

    def start(value: str) -> None:
        logger.info("endpoint key is %s", value)
        with masker.lock:
            buffer.flush()

    def mark_as_secret(value: str) -> None:
        masker.register(value)
        setting.forbid()

    race.thread(start, setting.text, name="start")
    race.thread(mark_as_secret, setting.text, name="policy")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the value becomes a secret between filter and flush."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
