"""Names of threads: schedules and reports call them by the routine that they run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from redactfuzz.native._plan import lib
from redactfuzz.native.drive.events import Started
from redactfuzz.native.explain.sites import Sites

MAIN, CRASH, SECOND = "main", "crash", "second crash"
CRASHES = dict(enumerate((CRASH, SECOND), start=int(lib.RFN_FIRST_TRIGGER)))
"""By number in the exploration core."""
_STD_THREAD = re.compile(r"std::thread::_State_impl<std::thread::_Invoker<std::tuple<(.*?)> > ?>::_M_run\(\)")
ABSENT = 0xF000
"""Numbers from here on stand for threads that nobody has seen yet; no thread has them."""


def named(threads: Iterable[Started], sites: Sites) -> dict[int, str]:
    """Number -> name of an execution's threads and crashes: ``rotate``, ``rotate 2`` in the order of their creation."""
    names = {0: MAIN, **CRASHES}
    counts: Counter[str] = Counter([MAIN])
    for thread in sorted(threads, key=lambda thread: thread.number):
        if thread.number in names:
            continue
        function = sites.function(thread.entry) if thread.entry else None
        routine = _routine(function.name) if function is not None else "thread"
        counts[routine] += 1
        names[thread.number] = routine if counts[routine] == 1 else f"{routine} {counts[routine]}"
    return names


def _routine(function: str) -> str:
    """Of a std::thread what it was made of: ``main::{lambda()#1}``."""
    made = _STD_THREAD.fullmatch(function)
    return made[1] if made else function


def numbered(names: Mapping[int, str], wanted: Iterable[str]) -> dict[str, int]:
    """Name -> number for ``wanted``, as the threads of another execution have them; unknown names get free numbers."""
    known = {name: number for number, name in names.items()}
    found: dict[str, int] = {}
    for name in wanted:
        found.setdefault(name, known.get(name, ABSENT + len(found)))
    return found
