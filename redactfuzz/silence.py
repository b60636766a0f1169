"""How long a process gives no sign of life, by a clock that stands while the machine does not let it run.

On a busy machine a process may wait longer for a processor or for a disk than any code that is at fault would take; a
terminal may stop it, and us (Ctrl-Z), and a laptop may be closed. None of that is a hang.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

_MOST = 1.0
"""Seconds that count at most between two looks: whoever looks later than that was not run itself."""
_PATIENCE = 20
"""So many times the limit, by the clock, are over whatever the machine does: no wait is without an end."""
_PROC = Path("/proc")


@attrs.frozen
class Thread:
    """Of a process, at one moment: proc_pid_stat(5), and ``schedstat`` beside it."""

    state: str
    """One letter: R runs or wants to, D waits for a disk, ..."""
    ran: int
    """Nanoseconds on a processor so far, and in line for one. What it waits in line just now is not in them."""
    waited: int

    def held_up(self, before: Thread | None, passed: float) -> float:
        """Seconds of those that ``passed`` since the look before in which the machine did not let it go on."""
        waited = (self.waited - before.waited) / 1e9 if before is not None else 0.0
        still = before is not None and self.ran == before.ran
        return passed if self.state == "D" or (self.state == "R" and still) else waited


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
        before, self._threads = self._threads, dict(self._look(str(self._pid)))
        held_up = sum(each.held_up(before.get(name), passed) for name, each in self._threads.items())
        self._seconds += max(passed - held_up, 0.0)
        self._by_the_clock += passed
        return self._seconds >= limit or self._by_the_clock >= _PATIENCE * limit

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
