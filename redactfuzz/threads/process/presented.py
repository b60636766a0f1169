"""The Thread object of a controlled thread, as others find it: one of its own for each execution."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from types import FrameType, FunctionType
from typing import Any

MAIN = "main"
_NOT_ASKED_FOR: Any = 1
"""Daemon threads by our doing: true, so that the interpreter never waits for the end of one that cannot be ended. It
is not True, so that threads which inherit it are distinguished from those that the program made daemons (adopt.c)."""


def is_presented(thread: threading.Thread) -> bool:
    """Whether it is of an execution, or was started in one."""
    return thread.daemon is _NOT_ASKED_FOR


def presented(name: str, target: Any = None, args: Any = None, kwargs: Any = None) -> threading.Thread:
    """The calling thread gets one, and is found where others look for threads, with what it was given to do."""
    title = "MainThread" if name == MAIN else name
    thread = threading.Thread(None, target, title, args or (), kwargs or {}, daemon=_NOT_ASKED_FOR)
    thread._started._flag = True  # type: ignore[attr-defined]
    thread._set_ident()  # type: ignore[attr-defined]
    thread._set_native_id()  # type: ignore[attr-defined]
    if sys.version_info < (3, 13):  # is_alive() and join() look at this lock; later versions at a handle
        lock = threading.Lock()
        lock.acquire()
        thread._tstate_lock = lock  # type: ignore[attr-defined]
    threading._active[thread.ident] = thread  # type: ignore[attr-defined]
    return thread


def gone() -> None:
    """The calling thread ends: nothing of it stays behind."""
    thread = threading._active.pop(threading.get_ident(), None)  # type: ignore[attr-defined]
    if thread is not None and sys.version_info < (3, 13):
        thread._is_stopped = True
        if thread._tstate_lock is not None:
            thread._tstate_lock.release()
            thread._tstate_lock = None


def _waits() -> Generator[None]:
    yield


class ExitFrame:
    """Gives the frame of a main thread that runs nothing of the scenario, as if it waited for others at the exit."""

    def __init__(self) -> None:
        self._waiting: Any = None
        """The frame lives as long as this generator."""

    def __call__(self) -> FrameType:
        """The frame, the same in all of an execution."""
        if self._waiting is None:
            exits = threading._shutdown.__code__  # type: ignore[attr-defined]
            names = {"co_filename": exits.co_filename, "co_name": exits.co_name, "co_qualname": exits.co_qualname}
            code = _waits.__code__.replace(co_firstlineno=exits.co_firstlineno, **names)
            self._waiting = FunctionType(code, vars(threading))()
            next(self._waiting)
        frame: FrameType = self._waiting.gi_frame
        return frame
