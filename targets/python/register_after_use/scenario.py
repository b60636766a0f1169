"""A token is written to the request trail first and registered with the masker afterwards."""

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


@attrs.define(eq=False)
class Masker:
    """Replaces the secrets that it was told about."""

    secrets: list[str] = attrs.field(factory=list)

    def register(self, secret: str) -> None:
        """From now on ``secret`` is masked."""
        self.secrets.append(secret)

    def scrub(self, text: str) -> str:
        """Return ``text`` without the registered secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "[masked]")
        return text


@attrs.define(eq=False)
class Client:
    """An API client with a trail of what it did lately, which crash reports attach."""

    masker: Masker
    trail: list[str] = attrs.field(factory=list)

    def connect(self, host: str, token: str) -> None:
        """Log in to ``host``."""
        raise NotImplementedError

    def report(self) -> str:
        """Return the crash report, not yet redacted."""
        return "\n".join([f"build {BUILD}", *self.trail])


class Vulnerable(Client):
    """Uses the token, then registers it."""

    def connect(self, host: str, token: str) -> None:
        """Log in to ``host``."""
        self.trail.append(f"login {host} token={token}")
        self.masker.register(token)
        self.trail.append(f"connected {host}")


class Fixed(Client):
    """Registers the token before its first use."""

    def connect(self, host: str, token: str) -> None:
        """Log in to ``host``."""
        self.masker.register(token)
        self.trail.append(f"login {host} token={token}")
        self.trail.append(f"connected {host}")


def stage(race: Race, kind: type[Client]) -> None:
    """Two logins and a crash."""
    race.witness("build id", BUILD)
    client = kind(Masker())
    scrub = race.redactor(client.masker.scrub)
    race.thread(client.connect, "eu", race.canary("eu token").text, name="eu")
    race.thread(client.connect, "us", race.canary("us token").text, name="us")
    race.crash(lambda: scrub(client.report()))


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the crash strikes between use and registration."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
