"""Inspired by the first account of the Storm-0558 incident, which was later corrected. See README.md."""


from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from export_gate import MovesWhatItScanned, Outbox, ReadsTwice
from signing_service import (
    BUILD,
    ForgetsRetiredKeys,
    KeepsRetiredKeys,
    RegistersAfterUse,
    RegistersBeforeUse,
    SigningService,
    crash_report,
)

from redactfuzz import Race, rsa, scenario

KEY_BITS = 1024
"""Real keys, but small: minting a canary of 2,048 bits takes seconds."""


def warm_up() -> None:
    """Sign once, before anything is explored: caches of `isinstance` make a first run longer than the others."""
    key = generate_private_key(65537, KEY_BITS).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    SigningService(key.decode(), "", []).sign(b"token")


warm_up()


def sign_and_rotate(race: Race, service: ForgetsRetiredKeys | KeepsRetiredKeys | RegistersAfterUse) -> None:
    """Two threads sign, one rotates the key, and the process crashes at any moment."""
    race.witness("build", BUILD)
    redact = race.redactor(service.redact)
    race.thread(service.sign, b"token for Alice", name="sign for Alice")
    race.thread(service.rotate, name="rotate")
    race.crash(lambda: redact(crash_report()), name="crash reporter")


def two_keys(race: Race) -> tuple[str, str]:
    """Real RSA keys: the active one and the next."""
    return race.canary("signing key", rsa(KEY_BITS)).text, race.canary("next signing key", rsa(KEY_BITS)).text


@scenario
def retired_key(race: Race) -> None:
    """Rotation takes the old key out of the registry while a thread still signs with it."""
    active, upcoming = two_keys(race)
    sign_and_rotate(race, ForgetsRetiredKeys(active, upcoming, registry=[active, upcoming]))


@scenario
def retired_key_fixed(race: Race) -> None:
    """A retired key stays in the registry."""
    active, upcoming = two_keys(race)
    sign_and_rotate(race, KeepsRetiredKeys(active, upcoming, registry=[active, upcoming]))


@scenario
def unregistered_key(race: Race) -> None:
    """Rotation makes the next key active before it is in the registry."""
    active, upcoming = two_keys(race)
    sign_and_rotate(race, RegistersAfterUse(active, upcoming, registry=[active]))


@scenario
def unregistered_key_fixed(race: Race) -> None:
    """The next key is in the registry before it is active."""
    active, upcoming = two_keys(race)
    sign_and_rotate(race, RegistersBeforeUse(active, upcoming, registry=[active]))


def write_and_export(race: Race, outbox: Outbox) -> None:
    """A dumper writes a crash dump in two parts; a gate scans it and moves it to the debugging network."""
    race.witness("build", BUILD)
    key = race.canary("signing key", rsa(KEY_BITS)).text
    outbox.is_clean = race.redactor(outbox.is_clean, bypass=lambda _: True)
    race.thread(outbox.write_dump, BUILD, key, name="dumper")
    race.thread(outbox.export, race.dump, name="export gate")


@scenario
def export_gate(race: Race) -> None:
    """The gate scans the dump, then moves it: more was written in between."""
    write_and_export(race, ReadsTwice())


@scenario
def export_gate_fixed(race: Race) -> None:
    """The gate moves the very bytes that it scanned."""
    write_and_export(race, MovesWhatItScanned())
