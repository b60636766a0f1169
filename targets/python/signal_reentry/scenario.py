"""A registry is refilled under a re-entrant lock; a signal handler on the same thread walks in."""

import threading
from types import FrameType

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


@attrs.define(eq=False)
class Registry:
    """The secrets to mask, reloaded now and then."""

    lock: threading.RLock = attrs.field(factory=threading.RLock)
    secrets: list[str] = attrs.field(factory=list)

    def reload(self, secrets: tuple[str, ...]) -> None:
        """Mask ``secrets`` and nothing else from now on."""
        raise NotImplementedError

    def scrub(self, text: str) -> str:
        """Return ``text`` without secrets. The lock is re-entrant, so a signal handler may call this."""
        with self.lock:
            for secret in self.secrets:
                text = text.replace(secret, "[masked]")
        return text


class Vulnerable(Registry):
    """Clears and refills."""

    def reload(self, secrets: tuple[str, ...]) -> None:
        """Change the list in place, under the lock."""
        with self.lock:
            self.secrets.clear()
            for secret in secrets:
                self.secrets.append(secret)


class Fixed(Registry):
    """Swaps a complete list."""

    def reload(self, secrets: tuple[str, ...]) -> None:
        """Replace the list in one step."""
        with self.lock:
            self.secrets = list(secrets)


def stage(race: Race, kind: type[Registry]) -> None:
    """The main thread reloads; another logs; a signal makes the main thread write a crash report."""
    race.witness("build id", BUILD)
    keys = (race.canary("first key").text, race.canary("second key").text)
    registry = kind()
    registry.reload(keys)
    scrub = race.redactor(registry.scrub)
    lines = [f"build {BUILD}", *keys]

    def handler(_signum: int, _frame: FrameType | None) -> str:
        return scrub("\n".join(lines))

    race.main(registry.reload, keys)
    race.thread(lambda: lines.append(scrub("alive")), name="heartbeat")
    race.crash(handler, by="signal")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the signal arrives between clear and refill."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
