"""A reader without a lock copies a key into a page of a pool, and gives it back when the key was revoked meanwhile.

Such a page belongs to nobody, so that no report about the program's objects shows it. An outside dumper kills the
process: the kernel writes a core of its real memory. The key may be there until it is revoked and nobody uses it.
"""

import contextlib
import mmap
from collections.abc import Callable

import attrs

from redactfuzz import Race, dumps, raw, scenario

BUILD = "7f3a-2291"
SIZE = 32


def page() -> mmap.mmap:
    """Return a page of memory that is shared with nobody."""
    return mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def clear(memory: bytearray | mmap.mmap) -> None:
    """Overwrite the place of a key."""
    memory[:SIZE] = bytes(SIZE)


@attrs.define(eq=False)
class Holder:
    """A key, how often it was written, and pages that wait for their next use."""

    clear: Callable[[bytearray | mmap.mmap], None]
    key: bytearray = attrs.field(factory=lambda: bytearray(SIZE))
    version: int = 0
    free: list[mmap.mmap] = attrs.field(factory=lambda: [page()])

    def revoke(self) -> None:
        """Leave no key."""
        self.version += 1
        self.clear(self.key)

    def sign(self, message: bytes) -> int | None:
        """Sign with the key; None when it is revoked meanwhile."""
        version = self.version
        work = self.free.pop()
        work[:SIZE] = self.key
        if not self.unchanged(version):
            self.discard(work)
            return None
        with memoryview(work) as whole, whole[:SIZE] as key:
            signature = sum(left * right for left, right in zip(message, key, strict=False))
        self.clear(work)
        self.free.append(work)
        return signature

    def unchanged(self, version: int) -> bool:
        """Whether nothing was written since ``version`` was read."""
        return version == self.version

    def discard(self, work: mmap.mmap) -> None:
        """Give back a page with a copy that must not be used."""
        raise NotImplementedError


class Vulnerable(Holder):
    """The copy was not used, so there seems to be nothing to wipe."""

    def discard(self, work: mmap.mmap) -> None:
        """Give back a page with a copy that must not be used."""
        self.free.append(work)


class Fixed(Holder):
    """Wipes the copy that was not used as well."""

    def discard(self, work: mmap.mmap) -> None:
        """Give back a page with a copy that must not be used."""
        self.clear(work)
        self.free.append(work)


def stage(race: Race, kind: type[Holder]) -> None:
    """One signature while the key is revoked; the process is killed."""
    race.witness("build id", BUILD)
    key = race.canary("signing key", raw(SIZE))
    key.allow()
    holder = kind(race.redactor(clear, bypass=lambda memory: None))
    key.write_into(holder.key)
    users = ["signer", "revoker"]

    def leave() -> None:
        users.pop()
        if not users:
            key.forbid()

    def revoke() -> None:
        holder.revoke()
        leave()

    def sign() -> None:
        holder.sign(b"ship it")
        leave()

    race.thread(sign, name="signer")
    race.thread(revoke, name="revoker")
    race.enter(contextlib.nullcontext(holder))  # it lives until the process dies
    race.crash(dumps.core, by="kill")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks for good when the key is revoked while it is copied."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
