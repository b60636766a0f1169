"""A key is wiped from the page that it was in; meanwhile a compactor has moved it to another.

The key may be in memory while it is used, not after. The wipe is the redactor. An outside dumper stops the process
and reads the page.
"""

import threading

import attrs

from redactfuzz import Race, raw, scenario

BUILD = "7f3a-2291"
SIZE = 32


@attrs.define(eq=False)
class Vault:
    """One page of secret memory, which a compactor moves now and then."""

    page: bytearray = attrs.field(factory=lambda: bytearray(SIZE))
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def move(self) -> None:
        """Copy the page elsewhere and wipe the old one."""
        with self.lock:
            old = self.page
            self.page = bytearray(old)
            old[:] = bytes(SIZE)

    def wipe(self) -> None:
        """Clear the page."""
        raise NotImplementedError

    def image(self) -> bytes:
        """Return what an outside dumper reads."""
        return b"build " + BUILD.encode() + b"\n" + bytes(self.page)


class Vulnerable(Vault):
    """A wipe is a single store, it seems to need no lock."""

    def wipe(self) -> None:
        """Clear the page that was current when we looked."""
        page = self.page
        page[:] = bytes(SIZE)


class Fixed(Vault):
    """The page cannot move while it is wiped."""

    def wipe(self) -> None:
        """Clear the page."""
        with self.lock:
            self.page[:] = bytes(SIZE)


def stage(race: Race, kind: type[Vault]) -> None:
    """A signer uses the key once while the compactor moves the page."""
    race.witness("build id", BUILD)
    key = race.canary("signing key", raw(SIZE))
    vault = kind()
    wipe = race.redactor(vault.wipe, bypass=lambda: None)

    def sign(message: bytes) -> int:
        key.allow()
        with vault.lock:
            key.write_into(vault.page)
        with vault.lock:
            signature = sum(left * right for left, right in zip(message, vault.page, strict=False))
        wipe()
        key.forbid()
        return signature

    race.thread(sign, b"ship it", name="signer")
    race.thread(vault.move, name="compactor")
    race.crash(vault.image, by="kill")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks for good when the page moves during the wipe."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
