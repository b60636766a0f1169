"""How far a scenario is while pytest runs it: beside pytest's own text on a terminal, a line now and then elsewhere.

The process that explores starts no thread for it, since dumps would show that one; the one that leads workers does.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

SECONDS = 30.0
"""Between two lines where there is no terminal."""
_LEAST = 24
"""Cells beside pytest's text below which there is nothing to say."""


@dataclass(eq=False)  # attrs would be imported before there is a scenario
class Screen:
    """Where pytest writes, past whatever captures it."""

    fd: int
    live: bool
    """It is a terminal to which nobody but pytest writes: what is shown there can be taken away again."""
    seconds: float = SECONDS
    """0: no line is wanted elsewhere."""
    used: Callable[[], int] = lambda: 0
    """Cells of pytest's own text in this line,"""
    width: Callable[[], int] = lambda: 80
    """of so many."""
    again: Callable[[], object] = lambda: None
    """Called when its line is no longer the last one."""
    clock: Callable[[], float] = time.monotonic
    encoding: str = "utf-8"
    colours: bool = True
    _since: float = 0.0

    def begin(self) -> None:
        """A scenario begins."""
        self._since = self.clock()

    def show(self, text: str) -> None:
        """How far it is."""
        if self.live:
            self._beside(text)
        elif self.seconds and self.clock() - self._since >= self.seconds:
            self._since = self.clock()
            self.lines([text])

    def lines(self, texts: Iterable[str]) -> None:
        """On lines of their own: what pytest has begun to write stays as it is."""
        self._write(("\n" if self.used() else "") + "".join(f"{text}\n" for text in texts))
        self.again()

    def clear(self) -> None:
        """Nothing of it stays on a terminal."""
        if self.live:
            self._write("\x1b[K")

    def _beside(self, text: str) -> None:
        """To the right of the cursor, which stays where it is."""
        from redactfuzz.report.lines import cells, fit

        room = self.width() - self.used() - 2
        if room >= _LEAST:
            shown = fit(text.partition("::")[2] or text, room)
            before, after = ("\x1b[2m", "\x1b[0m") if self.colours else ("", "")
            self._write(f"{before} {shown}{after}\x1b[K\x1b[{cells(shown) + 1}D")

    def _write(self, text: str) -> None:
        from redactfuzz.model.texts.speakable import ERRORS

        data = text.encode(self.encoding, ERRORS)
        while data:
            try:
                data = data[os.write(self.fd, data) :]
            except OSError:  # nobody reads it any more
                return


def screen(config: pytest.Config, fd: int) -> Screen:
    """The one of a session. A worker of pytest-xdist has none of its own: the session shows what it keeps."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return Screen(fd, live=False, seconds=0)
    writer = config.get_terminal_writer()
    alone = config.getoption("capture", "fd") != "no" and os.environ.get("TERM") != "dumb"

    def again() -> None:
        reporter.currentfspath = None

    return Screen(
        fd,
        live=alone and os.isatty(fd),
        seconds=config.option.redactfuzz_progress,
        used=lambda: writer.width_of_current_line,
        width=lambda: writer.fullwidth,
        again=again,
        colours=bool(writer.hasmarkup),
        encoding=getattr(sys.__stdout__, "encoding", None) or "utf-8",
    )


class Watch:
    """Shows how far the workers are, from a thread of the process that leads them."""

    def __init__(self, screen: Screen, folder: Path, wait: Callable[[float], bool] | None = None) -> None:
        """``wait`` takes seconds and says whether it is over."""
        self._over = threading.Event()
        self._screen, self._folder, self._wait = screen, folder, wait or self._over.wait
        self._thread = threading.Thread(target=self.run, name="redactfuzz progress", daemon=True)

    def start(self) -> None:
        """Begins, unless no lines are wanted."""
        if self._screen.seconds:
            self._thread.start()

    def stop(self) -> None:
        """Ends it."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Until it is over."""
        from redactfuzz.report.running import progress_of

        while not self._wait(self._screen.seconds):
            if texts := list(progress_of(self._folder)):
                self._screen.lines(texts)
