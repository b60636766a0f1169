"""A registry with room for two secrets evicts the oldest while its request is still in flight.

An outside dumper stops the process and reads the log.
"""

from collections.abc import Callable

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"
CAPACITY = 2


@attrs.define(eq=False)
class Registry:
    """The secrets of the requests in flight."""

    entries: dict[str, None] = attrs.field(factory=dict)
    overflowed: bool = False

    def add(self, secret: str) -> None:
        """Mask ``secret`` until it is discarded."""
        raise NotImplementedError

    def discard(self, secret: str) -> None:
        """The request with ``secret`` is done."""
        self.entries.pop(secret, None)

    def scrub(self, text: str) -> str | None:
        """Return ``text`` without the registered secrets, or None when it must not go out at all."""
        for secret in tuple(self.entries):
            text = text.replace(secret, "[masked]")
        return None if self.overflowed else text


class Vulnerable(Registry):
    """Evicts the oldest entry."""

    def add(self, secret: str) -> None:
        """Make room when there is none."""
        self.entries[secret] = None
        entries = list(self.entries)
        if len(entries) > CAPACITY:
            self.entries.pop(entries[0], None)


class Fixed(Registry):
    """Fails closed: once a secret found no room, nothing goes out any more."""

    def add(self, secret: str) -> None:
        """Remember that there was no room."""
        if len(self.entries) < CAPACITY:
            self.entries[secret] = None
        else:
            self.overflowed = True


@attrs.define(eq=False)
class Server:
    """Serves requests and logs who was authorised."""

    registry: Registry
    scrub: Callable[[str], str | None]
    log: list[str] = attrs.field(factory=lambda: [f"build {BUILD}"])

    def serve(self, name: str, token: str) -> None:
        """Serve one request."""
        self.registry.add(token)
        line = self.scrub(f"{name} authorised by {token}")
        if line is not None:
            self.log.append(line)
        self.registry.discard(token)


def stage(race: Race, kind: type[Registry]) -> None:
    """Three requests, and an outside dumper."""
    race.witness("build id", BUILD)
    registry = kind()
    server = Server(registry, race.redactor(registry.scrub))
    for name in ("first", "second", "third"):
        race.thread(server.serve, name, race.canary(f"{name} token").text, name=name)
    race.crash(lambda: "\n".join(server.log), by="kill")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when three requests are in flight."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
