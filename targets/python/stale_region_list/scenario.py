"""A key is revoked: every buffer on a list is wiped. Meanwhile a thread moves the key to a larger buffer.

The key may be in memory until it is revoked. An outside dumper kills the process: the kernel writes a core of its
real memory.
"""

import contextlib
import threading

import attrs

from redactfuzz import Race, dumps, raw, scenario

BUILD = "7f3a-2291"
SIZE = 32


def clear(buffer: bytearray) -> None:
    """Overwrite a buffer where it is."""
    buffer[:] = bytes(len(buffer))


@attrs.define(eq=False)
class Keyring:
    """All buffers that a key is in."""

    buffers: list[bytearray] = attrs.field(factory=list)
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def grow(self) -> None:
        """Move each key to a buffer of twice the size, and wipe the old one."""
        with self.lock:
            for old in tuple(self.buffers):
                new = bytearray(2 * len(old))
                new[: len(old)] = old
                self.buffers.append(new)
                self.buffers.remove(old)
                clear(old)

    def wipe(self) -> None:
        """Wipe all buffers."""
        raise NotImplementedError


class Vulnerable(Keyring):
    """Wipes what was on the list when it was read."""

    def wipe(self) -> None:
        """Wipe all buffers."""
        with self.lock:
            regions = tuple(self.buffers)
        for buffer in regions:
            clear(buffer)


class Fixed(Keyring):
    """The list cannot change while its buffers are wiped."""

    def wipe(self) -> None:
        """Wipe all buffers."""
        with self.lock:
            for buffer in self.buffers:
                clear(buffer)


def stage(race: Race, kind: type[Keyring]) -> None:
    """The key is revoked while it is moved; the process is killed."""
    race.witness("build id", BUILD)
    key = race.canary("signing key", raw(SIZE))
    key.allow()
    ring = kind([bytearray(SIZE)])
    key.write_into(ring.buffers[0])
    wipe = race.redactor(ring.wipe, bypass=lambda: None)

    def revoke() -> None:
        wipe()
        key.forbid()

    race.thread(revoke, name="revoker")
    race.thread(ring.grow, name="mover")
    race.enter(contextlib.nullcontext(ring))  # it lives until the process dies
    race.crash(dumps.core, by="kill")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks for good when the key moves between reading the list and wiping."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
