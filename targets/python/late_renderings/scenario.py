"""The password is registered as it is; how JSON and ``repr`` write it is registered a moment later."""

import json

import attrs

from redactfuzz import Race, probe, scenario

BUILD = "7f3a-2291"


def renderings(secret: str) -> list[str]:
    """Return ``secret`` as JSON and ``repr`` write it."""
    return [json.dumps(secret)[1:-1], repr(secret)[1:-1]]


@attrs.define(eq=False)
class Masker:
    """Replaces the texts that it was told about."""

    needles: list[str] = attrs.field(factory=list)

    def add(self, needles: list[str]) -> None:
        """From now on each of ``needles`` is masked."""
        self.needles.extend(needles)

    def scrub(self, text: str) -> str:
        """Return ``text`` without the registered texts."""
        for needle in self.needles:
            text = text.replace(needle, "[masked]")
        return text


@attrs.define(eq=False)
class Sessions:
    """Open sessions, by password."""

    masker: Masker
    passwords: list[str] = attrs.field(factory=list)

    def open(self, password: str) -> None:
        """Open one more."""
        raise NotImplementedError

    def report(self) -> str:
        """Return the crash report, not yet redacted."""
        passwords = list(self.passwords)
        return f"build {BUILD}\n{json.dumps(passwords)}\n{passwords!r}"


class Vulnerable(Sessions):
    """The raw password is masked, that seems enough to begin with."""

    def open(self, password: str) -> None:
        """Register the renderings once the session is open."""
        self.masker.add([password])
        self.passwords.append(password)
        self.masker.add(renderings(password))


class Fixed(Sessions):
    """All renderings are registered in one step, before the first use."""

    def open(self, password: str) -> None:
        """Register, then open the session."""
        self.masker.add([password, *renderings(password)])
        self.passwords.append(password)


def stage(race: Race, kind: type[Sessions]) -> None:
    """Two sessions are opened, then a crash."""
    race.witness("build id", BUILD)
    sessions = kind(Masker())
    scrub = race.redactor(sessions.masker.scrub)
    race.thread(sessions.open, race.canary("password", probe()).text, name="login")
    race.thread(sessions.open, race.canary("other password", probe()).text, name="other")
    race.crash(lambda: scrub(sessions.report()))


@scenario
def vulnerable(race: Race) -> None:
    """Leaks escaped passwords when the crash strikes before their renderings are known."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
