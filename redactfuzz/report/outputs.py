"""The table of outputs: what ``redactfuzz run`` and ``replay`` can print."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TextIO

from redactfuzz.model.events import CampaignEnded, CampaignEvent
from redactfuzz.model.finding import Report
from redactfuzz.report.json_lines import json_line
from redactfuzz.report.junit_file import junit
from redactfuzz.report.sarif_findings import sarif
from redactfuzz.report.terminal import ProgressLine, Terminal

Render = Callable[[Sequence[Report], bool], str]
"""(reports so far, whether all scenarios were reached) -> the text of a file."""


class Output(Protocol):
    """Consumes the events of campaigns and decides nothing."""

    def handle(self, event: CampaignEvent) -> None:
        """Takes one event."""

    def close(self) -> None:
        """Called once, after the last event."""


class JsonLines:
    """One line of JSON a scenario on ``out``; progress on ``err``."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        """Takes the streams it prints to."""
        self._out = out
        self._progress = ProgressLine(err)

    def handle(self, event: CampaignEvent) -> None:
        """Prints the line when a campaign has ended."""
        self._progress.handle(event)
        if isinstance(event, CampaignEnded):
            print(json_line(event.report), file=self._out, flush=True)

    def close(self) -> None:
        """Takes the live line away."""
        self._progress.close()


class Several:
    """Outputs beside each other."""

    def __init__(self, *outputs: Output) -> None:
        """In the order in which they get each event."""
        self._outputs = outputs

    def handle(self, event: CampaignEvent) -> None:
        """Gives it to all."""
        for each in self._outputs:
            each.handle(event)

    def close(self) -> None:
        """Closes all."""
        for each in self._outputs:
            each.close()


class Kept:
    """A file with all reports so far: whole after each of them, since nobody knows which one is the last."""

    def __init__(self, path: Path, render: Render) -> None:
        """Raises OSError where it cannot be written, before there is anything to lose."""
        self._path, self._render = path, render
        self._reports: list[Report] = []
        self._write(whole=False)

    def handle(self, event: CampaignEvent) -> None:
        """Writes it anew when a campaign has ended. Raises OSError."""
        if isinstance(event, CampaignEnded):
            self._reports.append(event.report)
            self._write(whole=False)

    def ended(self) -> None:
        """Every scenario has been reached: until this is said the file says that some were not. Raises OSError."""
        self._write(whole=True)

    def close(self) -> None:
        """It is written already."""

    def _write(self, *, whole: bool) -> None:
        if self._path.exists() and not self._path.is_file():  # a pipe, or /dev/stdout
            self._path.write_text(self._render(self._reports, whole), "utf-8")
            return
        partial = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        try:
            partial.write_text(self._render(self._reports, whole), "utf-8")
            partial.replace(self._path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


OUTPUTS: dict[str, Callable[[TextIO, TextIO], Output]] = {
    "terminal": Terminal,
    "json": JsonLines,
}
FILES: dict[str, Render] = {
    "sarif": lambda reports, whole: sarif(reports, whole=whole),
    "junit": lambda reports, whole: junit(reports),
}
"""What is written to a file beside them."""
