"""SIGTERM ends a session of pytest with scenarios as Ctrl-C does: with a summary, JUnit, repro files. CI sends it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable


class Ending:
    """The signal of one session, from ``begin`` to ``end``. A session without a scenario is left as it is."""

    def __init__(self) -> None:
        """Nothing is changed yet."""
        self.number = 0
        """Of the signal that ended it; 0: none did."""
        self._process = os.getpid()
        self._lead_back: Callable[[], object] = lambda: None

    def begin(self, config: object) -> None:
        """Takes effect where nobody else has said what happens. A worker of pytest-xdist is ended by its session."""
        main = threading.current_thread() is threading.main_thread() and not hasattr(config, "workerinput")
        if main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._ended)
            self._lead_back = lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def end(self) -> None:
        """As it was before."""
        self._lead_back()

    def status(self, given: int) -> int:
        """The exit status of the session."""
        return 128 + self.number if self.number else given

    def _ended(self, number: int, _: object) -> None:
        # A child of fork dies of it, as it would without us. So does the session of the second one, whatever it is at.
        if os.getpid() != self._process or self.number:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        self.number = number
        raise KeyboardInterrupt
