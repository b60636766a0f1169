"""How long a process gives no sign of life, by a clock that stands while the machine does not let it run.

On a busy machine a process may wait longer for a processor or for a disk than any code that is at fault would take; a
terminal may stop it, and us (Ctrl-Z), and a laptop may be closed. None of that is a hang. The explorer of threads in
Python, which watches its own process, has the same rule in C (``threads/hooks/process/silence.c``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs

_MOST = 1.0
"""Seconds that count at most between two looks: whoever looks later than that was not run itself."""
_DISK = 30.0
"""Seconds that one and the same wait for a disk may last: who has started a process by vfork() looks the same, until
that one has begun another program."""
_PATIENCE = 20
"""So many times the limit, by the clock, are over whatever the machine does: no wait is without an end."""
_PROC = Path("/proc")

_watchers: list[Callable[[], None]] = []


def watched(beat: Callable[[], None]) -> None:
    """Somebody waits for signs of life of this process: ``beat`` gives one."""
    _watchers.append(beat)


def alive() -> None:
    """A sign of life of this process, which waits for another one by a limit of its own."""
    for beat in _watchers:
        beat()


@attrs.frozen
class Thread:
    """Of a process, at one moment: proc_pid_stat(5), and ``schedstat`` beside it."""

    state: str
    """One letter: R runs or wants to, D waits for a disk, ..."""
    ran: int
    """Nanoseconds on a processor so far, and in line for one. What it waits in line just now is not in them."""
    waited: int
    stands: float = 0.0
    """Seconds in which it has waited for a disk without a break."""

    def after(self, before: Thread | None, passed: float) -> Thread:
        """The same, where it is seen so long after the look before."""
        if before is None or not self.state == before.state == "D" or self.ran != before.ran:
            return self
        return attrs.evolve(self, stands=before.stands + passed)

    def ran_since(self, before: Thread | None) -> float:
        """Seconds."""
        return max(self.ran - before.ran, 0) / 1e9 if before is not None else 0.0  # another may have its number

    def wanted_since(self, before: Thread | None, passed: float) -> float:
        """Seconds of those that ``passed`` since the look before in which it would have gone on, had it been let."""
        still = before is not None and self.ran == before.ran
        if (self.state == "D" and self.stands <= _DISK) or (self.state == "R" and still):
            return passed
        return max(self.waited - before.waited, 0) / 1e9 if before is not None else 0.0


class Silence:
    """Of a process and of all that it has started. Asked at every look for the sign of life that it waits for."""

    def __init__(self, pid: int, proc: Path = _PROC) -> None:
        self._pid, self._proc = pid, proc
        self.broken()

    def broken(self) -> None:
        """There was a sign of life."""
        self._looked = time.monotonic()
        self._seconds = self._by_the_clock = 0.0
        self._threads: Mapping[str, Thread] = {}

    def lasts(self, limit: float) -> bool:
        """Whether it is as long as that, in seconds."""
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, _MOST), now
        self._seconds += passed - self._held_up(passed)
        self._by_the_clock += passed
        return self._seconds >= limit or self._by_the_clock >= _PATIENCE * limit

    def _held_up(self, passed: float) -> float:
        """Seconds since the look before in which somebody would have gone on and nobody could.

        While one of them runs the others wait for that one, and not for the machine. Those that wait are added up: of
        threads that take turns each waits a part of the time.
        """
        before, looked = self._threads, self._look(str(self._pid))
        threads = {name: each.after(before.get(name), passed) for name, each in looked}
        self._threads = threads
        ran = sum(each.ran_since(before.get(name)) for name, each in threads.items())
        wanted = sum(each.wanted_since(before.get(name), passed) for name, each in threads.items())
        return min(wanted, max(passed - ran, 0.0))

    def _look(self, pid: str) -> Iterator[tuple[str, Thread]]:
        """Threads of a process and of its children; nothing where they cannot be looked at: then the clock counts."""
        try:
            tasks = list((self._proc / pid / "task").iterdir())
        except OSError:
            return
        for task in tasks:
            try:
                state = (task / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
                ran, waited, _ = (task / "schedstat").read_text("ascii").split()
                yield f"{pid}/{task.name}", Thread(state, int(ran), int(waited))
                children = (task / "children").read_text("ascii").split()
            except (OSError, ValueError, IndexError):  # it has just ended, or this kernel does not say
                continue
            for child in children:
                yield from self._look(child)
