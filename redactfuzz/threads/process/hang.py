"""Where the C part reports that C code keeps the interpreter lock: a message, the stacks, and exit status 70.

Then nothing of Python can run any more, so all that is needed for the message is prepared beforehand.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
from collections.abc import Iterator

from redactfuzz.threads import _hooks
from redactfuzz.threads.process.duplicates import reserved

STATUS = _hooks.WATCH_STATUS
"""What a process ends with whose interpreter lock was never given back."""
_SIGNAL = signal.SIGRTMIN + 11
"""Nobody sends it but the C part, to itself: faulthandler is asked for stacks by a signal only."""

_stderr = 2


def report_to(fd: int) -> None:
    """The file descriptor for the message: where a test runner has taken stderr away, the real one."""
    global _stderr
    _stderr = fd


@contextlib.contextmanager
def shown() -> Iterator[None]:
    """As long as the context lasts, a hang in C is reported with the stacks of all threads, without any value."""
    descriptor = _hooks.own(os.dup(_stderr))  # while executions run, what they write to stderr goes elsewhere
    reserved.add(descriptor)
    asked = 0
    try:
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            faulthandler.register(_SIGNAL, file=descriptor, all_threads=True, chain=False)
            asked = _SIGNAL
        _hooks.report_hang_to(descriptor, asked)
        yield
    finally:
        _hooks.report_hang_to(_stderr, 0)
        if asked:
            faulthandler.unregister(_SIGNAL)
        reserved.discard(descriptor)
        os.close(_hooks.disown(descriptor))
