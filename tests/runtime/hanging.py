"""``python hanging.py``: one thread blocks in C where nobody sees it; prints what the runtime made of it."""

from __future__ import annotations

import ctypes

from driving import randomly, run

from redactfuzz import Race
from redactfuzz.model.plan import Isolation


def locks_twice() -> None:
    """A mutex of C is locked by who has it, for ever."""
    lock, mutex = ctypes.CDLL(None)["pthread_mutex_lock"], ctypes.create_string_buffer(64)
    lock(mutex)
    lock(mutex)


def body(race: Race) -> None:
    race.thread(locks_twice, name="pauses")
    race.thread(int, name="other")


if __name__ == "__main__":
    ran = run(body, randomly(2), isolation=Isolation.NONE, hang_seconds=0.3)
    print(ran.isolation)
    print(ran.counters.executions)
    print(*sorted({f"{problem.kind}: {problem.what}" for problem in ran.problems if problem.fatal}), sep="\n")
