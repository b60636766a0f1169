"""A page with a key is excluded from core dumps while the key is in it; it is included again before it is wiped.

An outside dumper kills the process: the kernel writes a core of its real memory.
"""

import mmap
from collections.abc import Callable

import attrs

from redactfuzz import Canary, Race, dumps, raw, scenario

BUILD = "7f3a-2291"
SIZE = 32


def page() -> mmap.mmap:
    """Return a page of memory that is shared with nobody."""
    return mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def wipe(memory: mmap.mmap) -> None:
    """Clear the place of the key."""
    memory[:SIZE] = bytes(SIZE)


@attrs.define(eq=False)
class Pool:
    """Pages for keys, protected while in use and given back to the ordinary ones afterwards."""

    wipe: Callable[[mmap.mmap], None]
    free: list[mmap.mmap] = attrs.field(factory=list)

    def use(self, key: Canary, message: bytes) -> int:
        """Sign with ``key``, which is in a protected page meanwhile."""
        memory = self.free.pop() if self.free else page()
        memory.madvise(mmap.MADV_DONTDUMP)
        with memoryview(memory) as whole, whole[:SIZE] as place:
            key.write_into(place)
            signature = sum(left * right for left, right in zip(message, place, strict=False))
        self.give_back(memory)
        return signature

    def give_back(self, memory: mmap.mmap) -> None:
        """Make an ordinary page of it again."""
        raise NotImplementedError


class Vulnerable(Pool):
    """Includes the page in core dumps, then wipes it."""

    def give_back(self, memory: mmap.mmap) -> None:
        """Make an ordinary page of it again."""
        memory.madvise(mmap.MADV_DODUMP)
        self.wipe(memory)
        self.free.append(memory)


class Fixed(Pool):
    """Wipes first, as libsodium does."""

    def give_back(self, memory: mmap.mmap) -> None:
        """Make an ordinary page of it again."""
        self.wipe(memory)
        memory.madvise(mmap.MADV_DODUMP)
        self.free.append(memory)


def stage(race: Race, kind: type[Pool]) -> None:
    """Two requests are signed; the process is killed."""
    race.witness("build id", BUILD)
    pool = kind(race.redactor(wipe, bypass=lambda memory: None))
    race.thread(pool.use, race.canary("eu key", raw(SIZE)), b"ship it", name="eu")
    race.thread(pool.use, race.canary("us key", raw(SIZE)), b"hold it", name="us")
    race.crash(dumps.core, by="kill")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the process dies between including the page and wiping it."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
