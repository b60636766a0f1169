"""Signal handlers that the main thread of a scenario sets: kept for its execution, and called where it raises one.

The process never has them, so that nothing is to be put back. What comes from outside, or from another thread, at any
moment is not sent.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Any

from redactfuzz.model.outcome import ProblemKind
from redactfuzz.threads.process.presented import MAIN
from redactfuzz.threads.process.writable import line_of

REFUSED_SIGNAL = "the main thread set a handler for a signal of a timer, which comes in real time"
SIGNAL_REMEDY = (
    'To have a signal come at any point give its handler to race.crash(handler, by="signal"), and leave signal.signal '
    "out: it interrupts what race.main calls."
)


class Handlers(dict[int, Any]):
    """Those of one execution, by the number of the signal."""

    def __init__(self, problem: Callable[..., None]) -> None:
        """``problem``: of the execution."""
        super().__init__()
        self._problem = problem

    def keep(self, number: int, handler: Any) -> Any:
        """In place of ``signal.signal``."""
        before = self.pop(number, None) or signal.getsignal(number)
        if handler != signal.SIG_DFL:
            self[number] = handler
        if callable(handler):
            what = f"no signal from outside calls the handler of {_name(number)}, set at {line_of(sys._getframe(1))}"
            self._problem(ProblemKind.OUTSIDE, what, MAIN, SIGNAL_REMEDY, fatal=False)
        return before

    def refuse(self, number: int, thread: str) -> None:
        """Another thread than the main one has sent what this one handles."""
        what = f"thread {thread!r} sent {_name(number)}: its handler would interrupt the main thread anywhere"
        self._problem(ProblemKind.OUTSIDE, what, thread, SIGNAL_REMEDY)


def is_refused_signal(error: BaseException) -> bool:
    """Whether the interpreter refused to set a handler because of the thread. In another thread that is a true bug."""
    return isinstance(error, ValueError) and str(error).startswith("signal only works in main thread")


def _name(number: int) -> str:
    return signal.Signals(number).name if number in list(signal.Signals) else f"signal {number}"
