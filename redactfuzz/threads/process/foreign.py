"""Threads that were made before the scenario: what they do is not controlled, and a forked child has none of them.

Each waits somewhere. Where its innermost frame shows for what (the lock of a condition, a queue), the C part notices
that an execution hands something over there. Of one that sleeps or reads nobody knows what it is for: there it counts
that somebody waits.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from queue import SimpleQueue
from types import FrameType
from typing import Any

import attrs

from redactfuzz.threads.process.presented import is_presented

_STANDS_AT = (type(threading.Lock()), SimpleQueue)
_TOOLS = frozenset({"execnet", "xdist", "coverage", "hypothesis", "pydevd", "debugpy", "redactfuzz"})
"""Packages whose threads do nothing for a scenario."""


_UNCONTROLLED = (
    "which was made before the scenario: what that one does is not controlled, and a forked process has no such thread"
)
HELPED = (
    "a thread of the scenario waited for something that another thread of the process did, one that was started "
    "outside the scenario"
)
REMEDY = "Start it in the scenario's body, or in one of its threads: an executor made beforehand has its own."


@attrs.frozen(eq=False)
class Foreign:
    """One thread."""

    name: str
    awaited: tuple[Any, ...]
    """Locks and queues; none where it is not known."""


_gone: tuple[Foreign, ...] = ()
"""Of the processes that this one was forked from."""


def there() -> tuple[Foreign, ...]:
    """All that there are now, or were before a fork."""
    frames = sys._current_frames()
    if len(frames) <= 1:
        return _gone
    known = {thread.ident: thread for thread in threading.enumerate()}
    ours = {threading.get_ident(), threading.main_thread().ident}
    found = list(_gone)
    for ident, frame in frames.items():
        thread = known.get(ident)
        if ident in ours or (thread is not None and is_presented(thread)) or _is_tool(frame):
            continue
        found.append(Foreign(thread.name if thread is not None else f"thread {ident}", tuple(_awaited(frame))))
    return tuple(found)


def forked(before: tuple[Foreign, ...]) -> None:
    """This is a child of fork, and what was there is not any more."""
    global _gone
    _gone = before


def awaited(threads: Sequence[Foreign]) -> list[Any]:
    """The objects that they wait for, in order: the C part names one by its index."""
    return [each for thread in threads for each in thread.awaited]


def served(threads: Sequence[Foreign], asked: int, *, waited: bool = True) -> str:
    """What one of them was to do for an execution, in words. ``asked``: which of ``awaited`` was used, from 1 on."""
    names = [thread.name for thread in threads for _ in thread.awaited]
    if asked:
        return f"something was handed to thread {names[asked - 1]!r}, {_UNCONTROLLED}"
    unknown = next((thread.name for thread in threads if not thread.awaited), None)
    if waited and unknown is not None:
        return f"a thread of the scenario waited, maybe for thread {unknown!r}, {_UNCONTROLLED}"
    return ""


def _is_tool(frame: FrameType) -> bool:
    """Whether all that it runs is a tool's and the library's."""
    at: FrameType | None = frame
    while at is not None:
        if str(at.f_globals.get("__name__", "")).partition(".")[0] in _TOOLS:
            return True
        at = at.f_back
    return False


def _awaited(frame: FrameType) -> Iterator[Any]:
    """Locks and queues by which its innermost frame can be meant: locals, attributes and globals that it names."""
    names = frame.f_code.co_names
    values = list(frame.f_locals.values())
    held = [vars(value) for value in values if hasattr(value, "__dict__")]
    values += [each[name] for each in held for name in names if name in each]
    values += [frame.f_globals[name] for name in names if name in frame.f_globals]
    seen: set[int] = set()
    for value in values:
        if isinstance(value, _STANDS_AT) and id(value) not in seen:
            seen.add(id(value))
            yield value
