"""The table of outputs: what ``redactfuzz run`` and ``replay`` can print."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TextIO

from redactfuzz.model.events import CampaignEnded, CampaignEvent, Listed, Measured
from redactfuzz.model.measured import Measurement
from redactfuzz.report.json_lines import json_line
from redactfuzz.report.junit_file import junit
from redactfuzz.report.kept import Render
from redactfuzz.report.lines import printable
from redactfuzz.report.sarif_findings import sarif
from redactfuzz.report.terminal import ProgressLine, Terminal


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
        self._measured: Measurement | None = None

    def handle(self, event: CampaignEvent) -> None:
        """Prints the line when a campaign has ended."""
        self._progress.handle(event)
        if isinstance(event, Measured):
            self._measured = event.measurement
        elif isinstance(event, CampaignEnded):
            print(json_line(event.report, self._measured), file=self._out, flush=True)
            self._measured = None

    def close(self) -> None:
        """Takes the live line away."""
        self._progress.close()


class Titles:
    """The names of scenarios, one a line; and why there are none."""

    def __init__(self, out: TextIO) -> None:
        """Takes the stream it prints to."""
        self._out = out
        self._begun: set[str] = set()

    def handle(self, event: CampaignEvent) -> None:
        """Prints them when a file was looked into: at first each is listed as itself."""
        if isinstance(event, Listed) and event.subject not in self._begun:
            self._begun.add(event.subject)
        elif isinstance(event, Listed):
            for title in event.titles:
                print(printable(title), file=self._out)
        elif isinstance(event, CampaignEnded):
            print(printable(f"{event.report.scenario}: {event.report.reason or event.report.verdict}"), file=self._out)

    def close(self) -> None:
        """Nothing is open."""


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


OUTPUTS: dict[str, Callable[[TextIO, TextIO], Output]] = {
    "terminal": Terminal,
    "json": JsonLines,
}
FILES: dict[str, Render] = {
    "sarif": lambda reports, rest: sarif(reports, whole=not rest.why),
    "junit": lambda reports, rest: junit(reports, rest),
}
"""What is written to a file beside them."""
