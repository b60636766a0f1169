"""A crash reporter scrubs the live event and serialises it afterwards; the application writes in between."""

import json

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"
SENSITIVE = ("password", "token")


def scrub(event: dict[str, str]) -> dict[str, str]:
    """Mask the sensitive fields of ``event`` in place and return it."""
    for name in SENSITIVE:
        if name in event:
            event[name] = "[masked]"
    return event


@attrs.define(eq=False)
class Scope:
    """What the application tells the crash reporter as it goes."""

    event: dict[str, str] = attrs.field(factory=lambda: {"build": BUILD})

    def annotate(self, name: str, value: str) -> None:
        """Add one field to the next crash report."""
        self.event[name] = value

    def payload(self) -> dict[str, str]:
        """Return what is to be scrubbed and serialised."""
        raise NotImplementedError


class Vulnerable(Scope):
    """Hands out the live event."""

    def payload(self) -> dict[str, str]:
        """Return the dictionary that the application goes on writing to."""
        return self.event


class Fixed(Scope):
    """Hands out a snapshot."""

    def payload(self) -> dict[str, str]:
        """Return a copy, made in one step."""
        return dict(self.event)


def stage(race: Race, kind: type[Scope]) -> None:
    """Two threads annotate the scope; a crash reports it."""
    race.witness("build id", BUILD)
    scope = kind()
    clean = race.redactor(scrub)
    race.thread(scope.annotate, "token", race.canary("token").text, name="api")
    race.thread(scope.annotate, "password", race.canary("password").text, name="login")
    race.crash(lambda: json.dumps(clean(scope.payload())))


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when a field is written between scrub and serialisation."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
