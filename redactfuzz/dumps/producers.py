"""What crash reporters collect, for scenarios to hand to a redactor."""

from __future__ import annotations

import faulthandler as _faulthandler
import sys
import tempfile
import threading
from types import FrameType
from typing import Any

_TEXT = 2000
"""Characters of one repr that are kept, as crash reporters cut them."""


def frames() -> list[dict[str, Any]]:
    """All threads' tracebacks with their locals, as crash reporters build them; JSON can hold it.

    One object a thread: ``thread`` (its name), ``frames`` (the outermost first), each with ``function``, ``file``, ``line``
    and ``locals`` (name to repr). A repr that raises is shown as its exception's type. This function's own frame is left out.
    """
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    own = sys._getframe()
    return [
        {"thread": names.get(ident, f"thread {ident}"), "frames": _stack(frame, own)}
        for ident, frame in sys._current_frames().items()
    ]


def _stack(top: FrameType | None, own: FrameType) -> list[dict[str, Any]]:
    stack: list[dict[str, Any]] = []
    frame = top
    while frame is not None:
        if frame is not own and frame.f_globals is not globals():
            stack.append(
                {
                    "function": frame.f_code.co_qualname,
                    "file": frame.f_code.co_filename,
                    "line": frame.f_lineno,
                    # A copy, because on 3.13 f_locals is a live view: a repr that runs code might change it.
                    "locals": {name: _repr(value) for name, value in list(frame.f_locals.items())},
                }
            )
        frame = frame.f_back
    return stack[::-1]


def _repr(value: object) -> str:
    try:
        return repr(value)[:_TEXT]
    except Exception as error:
        return f"<repr raised {type(error).__name__}>"


def faulthandler() -> str:
    """What `faulthandler.dump_traceback` writes of all threads.

    It holds function names and lines but no values, so no canary can ever be in it: as a dump it can only serve as a witness
    that crash reporting still works, and a scenario with no other dump is VACUOUS.
    """
    with tempfile.TemporaryFile() as file:  # faulthandler writes to a descriptor; it refuses a BytesIO
        _faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return file.read().decode("utf-8", "replace")
