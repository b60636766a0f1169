"""A secret and an encoder are registered at the same time, and neither sees the other."""

import base64
import threading
from collections.abc import Callable

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"
_LOCK = threading.Lock()
Encoder = Callable[[str], str]


def basic(secret: str) -> str:
    """Encode as in HTTP basic authentication."""
    return base64.b64encode(secret.encode()).decode()


@attrs.define(eq=False)
class Registry:
    """Masks each secret in each encoding that a plug-in has announced."""

    secrets: list[str] = attrs.field(factory=list)
    encoders: list[Encoder] = attrs.field(factory=list)
    needles: list[str] = attrs.field(factory=list)

    def add_secret(self, secret: str) -> None:
        """Mask ``secret``, also as the known encoders write it."""
        raise NotImplementedError

    def add_encoder(self, encode: Encoder) -> None:
        """Mask the known secrets also as ``encode`` writes them."""
        raise NotImplementedError

    def scrub(self, text: str) -> str:
        """Return ``text`` without secrets."""
        for needle in self.needles:
            text = text.replace(needle, "[masked]")
        return text


class Vulnerable(Registry):
    """Encodes outside the lock, because encoders may be slow."""

    def add_secret(self, secret: str) -> None:
        """Look at the encoders, then add the secret."""
        with _LOCK:
            encoders = list(self.encoders)
        needles = [secret, *[encode(secret) for encode in encoders]]
        with _LOCK:
            self.secrets.append(secret)
            self.needles.extend(needles)

    def add_encoder(self, encode: Encoder) -> None:
        """Look at the secrets, then add the encoder."""
        with _LOCK:
            secrets = list(self.secrets)
        needles = [encode(secret) for secret in secrets]
        with _LOCK:
            self.encoders.append(encode)
            self.needles.extend(needles)


class Fixed(Registry):
    """One critical section: whoever comes second sees the first."""

    def add_secret(self, secret: str) -> None:
        """Look at the encoders and add the secret."""
        with _LOCK:
            self.needles.extend([secret, *[encode(secret) for encode in self.encoders]])
            self.secrets.append(secret)

    def add_encoder(self, encode: Encoder) -> None:
        """Look at the secrets and add the encoder."""
        with _LOCK:
            self.needles.extend([encode(secret) for secret in self.secrets])
            self.encoders.append(encode)


@attrs.define(eq=False)
class Client:
    """Sends every credential in every scheme that is installed."""

    registry: Registry
    credentials: list[str] = attrs.field(factory=list)
    schemes: list[Encoder] = attrs.field(factory=lambda: [str])

    def log_in(self, credential: str) -> None:
        """Use ``credential`` from now on."""
        self.registry.add_secret(credential)
        self.credentials.append(credential)

    def install(self, scheme: Encoder) -> None:
        """Use ``scheme`` from now on."""
        self.registry.add_encoder(scheme)
        self.schemes.append(scheme)

    def report(self) -> str:
        """Return the headers that are in use, not yet redacted."""
        credentials, schemes = tuple(self.credentials), tuple(self.schemes)
        headers = [f"authorization: {scheme(credential)}" for credential in credentials for scheme in schemes]
        return "\n".join([f"build {BUILD}", *headers])


def stage(race: Race, kind: type[Registry]) -> None:
    """A plug-in is installed while somebody logs in, then a crash."""
    race.witness("build id", BUILD)
    client = Client(kind())
    scrub = race.redactor(client.registry.scrub)
    race.thread(client.install, basic, name="plug-in")
    race.thread(client.log_in, race.canary("credential").text, name="login")
    race.crash(lambda: scrub(client.report()))


@scenario
def vulnerable(race: Race) -> None:
    """Leaks the encoded credential for good when the two registrations overlap."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
