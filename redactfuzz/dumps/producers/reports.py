"""What crash reporters collect, for scenarios to hand to a redactor."""

from __future__ import annotations

import faulthandler as _faulthandler
import sys
import tempfile
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

_TEXT = 2000
"""Characters of one repr that are kept, as crash reporters cut them."""
_OURS = "redactfuzz"
_EXPLORERS = ("redactfuzz.campaign", "redactfuzz.threads.run.runtime")
"""Who runs only in the thread that explores, which is no thread of the program under test."""


def frames() -> list[dict[str, Any]]:
    """All threads' tracebacks with their locals, as crash reporters build them; JSON can hold it.

    One object a thread: ``thread`` (its name) and ``frames`` (the outermost first), each with ``function``, ``file``,
    ``line`` and ``locals`` (name to repr). A repr that raises is shown as its exception's type. Frames of redactfuzz
    and the thread that explores are left out.
    """
    # Not threading.enumerate(), which takes a lock that a stopped thread may hold.
    names = {ident: thread.name for ident, thread in list(threading._active.items())}  # type: ignore[attr-defined]
    return [
        {
            "thread": names.get(ident, f"thread {ident}"),
            "frames": [_describe(frame) for frame in stack if not _ours(frame)],
        }
        for ident, stack in ((ident, list(_stack(top))[::-1]) for ident, top in sys._current_frames().items())
        if not any(_module(frame).startswith(_EXPLORERS) for frame in stack)
    ]


def _stack(top: FrameType) -> Iterator[FrameType]:
    frame: FrameType | None = top
    while frame is not None:
        yield frame
        frame = frame.f_back


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _ours(frame: FrameType) -> bool:
    return _module(frame).partition(".")[0] == _OURS


def _describe(frame: FrameType) -> dict[str, Any]:
    return {
        "function": frame.f_code.co_qualname,
        "file": frame.f_code.co_filename,
        "line": frame.f_lineno,
        # A copy first: from 3.13 on f_locals is a live view, and a repr may run code that changes it.
        "locals": {name: _repr(value) for name, value in list(frame.f_locals.items())},
    }


def _repr(value: object) -> str:
    try:
        return repr(value)[:_TEXT]
    except Exception as error:
        return f"<repr raised {type(error).__name__}>"


def faulthandler() -> str:
    """What `faulthandler.dump_traceback` writes of all threads.

    It holds function names and lines but no values, so no canary can ever be in it: as a dump it can only serve as a
    witness that crash reporting still works, and a scenario with no other dump is VACUOUS.
    """
    with tempfile.TemporaryFile() as file:  # faulthandler writes to a descriptor: it refuses a BytesIO
        _faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return file.read().decode("utf-8", "replace")
