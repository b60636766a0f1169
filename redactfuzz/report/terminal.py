"""Human output: the report on stdout, a live line (on a terminal) or a line every 30 s (elsewhere) on stderr."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from redactfuzz.model.events import (
    CampaignEnded,
    CampaignEvent,
    CampaignProgress,
    CampaignStarted,
    FindingSeen,
    Measured,
    PassRuledOut,
)
from redactfuzz.model.measured import Measurement
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.report.certificate import whole
from redactfuzz.report.explanation import ruled_out, seen
from redactfuzz.report.likelihood import likelihood
from redactfuzz.report.lines import Line, Tone, count

_STYLES = {
    Tone.PLAIN: "",
    Tone.DIM: "dim",
    Tone.STRONG: "bold",
    Tone.SWITCH: "bold cyan",
    Tone.CRASH: "bold red",
    Tone.WINDOW: "yellow",
    Tone.GOOD: "bold green",
    Tone.BAD: "bold red",
    Tone.WARN: "bold yellow",
}
WIDEST = 120
"""Cells: longer lines are hard to read."""
_UNKNOWN = 80
"""Cells of a terminal whose size nobody knows: COLUMNS=0 says no more, and no text would fit there."""
_QUIET_SECONDS = 30.0
_UNBOUNDED = 10**15
"""Executions: a budget of that many is none."""


def text(line: Line) -> Text:
    """A line with the styles of its tones."""
    made = Text(no_wrap=True, overflow="ignore")
    for piece in line:
        made.append(piece.text, _STYLES[piece.tone])
    made.rstrip()
    return made


def console(file: TextIO) -> Console:
    """Where text is printed as it is."""
    made = Console(file=file, highlight=False, soft_wrap=True, emoji=False, markup=False)
    if not made.width:
        made.width = _UNKNOWN
    return made


class Terminal:
    """Prints reports to ``out`` as they come and progress to ``err``."""

    def __init__(self, out: TextIO, err: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds and only paces the lines that are printed when ``err`` is no terminal."""
        self._out = console(out)
        self._progress = ProgressLine(err, clock)
        self._first = True
        self._measured: Measurement | None = None

    def handle(self, event: CampaignEvent) -> None:
        """Prints what the event is worth."""
        self._progress.handle(event)
        if isinstance(event, Measured):
            self._measured = event.measurement
        elif isinstance(event, CampaignEnded):
            if not self._first:
                self._out.print()
            self._first = False
            for line in whole(event.report, min(self._out.width, WIDEST)):
                self._out.print(text(line))
            if self._measured is not None:
                self._out.print()
                for line in likelihood(self._measured, min(self._out.width, WIDEST)):
                    self._out.print(text(line))
                self._measured = None

    def close(self) -> None:
        """Takes the live line away."""
        self._progress.close()


class ProgressLine:
    """Progress alone: what ``--json`` leaves on stderr.

    The live line has no thread that refreshes it: dumps would show that thread, and a forked child its locks.
    """

    def __init__(self, err: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds."""
        self._err = console(err)
        self._clock = clock
        self._live: Live | None = None
        self._budget = 0
        self._quiet_since = clock()

    def handle(self, event: CampaignEvent) -> None:
        """Shows where the campaign is. Where that cannot be written the report still is."""
        with contextlib.suppress(OSError):
            self._handle(event)

    def _handle(self, event: CampaignEvent) -> None:
        match event:
            case CampaignStarted():
                self._budget = event.budget_executions
                self._quiet_since = self._clock()
            case CampaignProgress():
                self._show(progress(event, self._budget))
            case FindingSeen():
                self._say(seen(event.finding, min(self._err.width, WIDEST)))
            case PassRuledOut():
                self._say(ruled_out(event, min(self._err.width, WIDEST)))
            case CampaignEnded():
                self.close()

    def _say(self, lines: list[Line]) -> None:
        self.close()
        for line in lines:
            self._err.print(text(line))

    def close(self) -> None:
        """Takes the live line away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _show(self, shown: str) -> None:
        if not self._err.is_terminal:
            if self._clock() - self._quiet_since >= _QUIET_SECONDS:
                self._quiet_since = self._clock()
                self._err.print(shown)
            return
        if self._live is None:
            self._live = Live(
                console=self._err, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
            )
            self._live.start()
        self._live.update(Text(shown, style="dim", no_wrap=True, overflow="ellipsis"), refresh=True)


def progress(event: CampaignProgress, budget: int) -> str:
    """``name: exploring, 1,234 of 5,000 executions in 3 s (412/s), 2 leaks``."""
    counters = event.counters
    done = count(counters.executions, "execution")
    if event.phase == "exploring" and 0 < budget < _UNBOUNDED:
        done = f"{counters.executions:,} of {count(budget, 'execution')}"
    if event.phase == "proving" and counters.stages and counters.stages[0].estimate > counters.executions:
        done = f"{counters.executions:,} of about {counters.stages[0].estimate:,.0f} executions"
    if counters.seconds > 0:
        done += f" in {counters.seconds:,.0f} s ({counters.executions / counters.seconds:,.0f}/s)"
    parts = [f"{escaped(event.scenario)}: {event.phase}", done]
    if counters.leaks:
        parts.append(count(counters.leaks, "leak"))
    if counters.bugs:
        parts.append(count(counters.bugs, "bug"))
    return ", ".join(parts)
