"""Signals that end a night, in good order or at once."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

import attrs

_TWICE = 1.0
"""Seconds in which a signal that comes again is the same."""


@attrs.define(eq=False)
class Stopping:
    """The one that came, if any."""

    at_once: Callable[[], None]
    """What a second one does before the night is left."""
    number: int = 0
    _came: float = 0.0

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """As long as it lasts signals are taken. One that is ignored stays so here."""
        before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        for each, handler in before.items():
            # What is ignored is so in processes that we start, and a slice is told to end by SIGINT: a handler is not.
            signal.signal(each, self._heard if handler is not signal.SIG_IGN else _pass_over)
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.number and time.monotonic() - self._came < _TWICE:
            return  # a terminal, or `timeout`, tells the whole group, and a script that waits for us tells us as well
        self._came = time.monotonic()
        if self.number:
            self.at_once()
            raise KeyboardInterrupt
        self.number = number


def _pass_over(number: int, frame: FrameType | None) -> None:
    """As if it were ignored."""
