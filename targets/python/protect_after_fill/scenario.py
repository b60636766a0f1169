"""A key is read into a page first and the page is excluded from core dumps afterwards.

An outside dumper kills the process: the kernel writes a core of its real memory.
"""

import mmap

import attrs

from redactfuzz import Canary, Race, dumps, raw, scenario

BUILD = "7f3a-2291"
SIZE = 32


def page() -> mmap.mmap:
    """Return a page of memory that is shared with nobody."""
    return mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


@attrs.define(eq=False)
class Slot:
    """A page for one key. No core dump holds it once it is protected."""

    memory: mmap.mmap = attrs.field(factory=page)

    def protect(self) -> None:
        """Exclude the page from core dumps."""
        self.memory.madvise(mmap.MADV_DONTDUMP)

    def fill(self, key: Canary) -> None:
        """Read the key into the page, with no other copy on the way."""
        with memoryview(self.memory) as whole, whole[:SIZE] as place:
            key.write_into(place)

    def load(self, key: Canary) -> None:
        """Make the key ready for use."""
        raise NotImplementedError


class Vulnerable(Slot):
    """Fills, then protects."""

    def load(self, key: Canary) -> None:
        """Make the key ready for use."""
        self.fill(key)
        self.protect()


class Fixed(Slot):
    """Protects, then fills."""

    def load(self, key: Canary) -> None:
        """Make the key ready for use."""
        self.protect()
        self.fill(key)


def stage(race: Race, kind: type[Slot]) -> None:
    """Two tenants load their keys; the process is killed."""
    race.witness("build id", BUILD)
    for tenant in ("eu", "us"):
        slot = kind()
        slot.protect = race.redactor(slot.protect, bypass=lambda: None)
        race.thread(slot.load, race.canary(f"{tenant} key", raw(SIZE)), name=tenant)
    race.crash(dumps.core, by="kill")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the process dies between filling and protecting."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
