"""The file beside the report: all that is known, whole after each scenario, as nobody knows which is the last."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import attrs

from redactfuzz.model.events import CampaignEnded, CampaignEvent, Listed
from redactfuzz.model.finding import Report


@attrs.frozen
class Rest:
    """What is not among the reports."""

    titles: tuple[str, ...] = ()
    """Scenarios that were not reached; files of which it is not known what they hold."""
    why: str = ""
    """Empty: every scenario was reached."""


Render = Callable[[Sequence[Report], Rest], str]
_SO_FAR = "the run had not come to it when this file was written"


class Target(Protocol):
    """Where it goes."""

    @property
    def again(self) -> bool:
        """Whether it can be written more than once, each time anew."""

    def write(self, text: str) -> None:
        """Takes all of it. Raises OSError."""


@attrs.frozen
class File:
    """A file that is never there in part. A symbolic link stays one: the file that it leads to is written."""

    path: Path
    again = True

    def write(self, text: str) -> None:
        """Puts it in the place of what was there."""
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            partial.write_text(text, "utf-8")
            partial.replace(self.path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


@attrs.frozen
class Stream:
    """A pipe, a device, stdout: whoever reads it gets one text, at the end."""

    fd: int
    again = False

    def write(self, text: str) -> None:
        """Writes it."""
        with open(self.fd, "w", encoding="utf-8", closefd=False) as stream:
            stream.write(text)


class Kept:
    """An output that goes to a target of its own."""

    def __init__(self, target: Target, render: Render) -> None:
        """Raises OSError where it cannot be written, before there is anything to lose."""
        self._target, self._render = target, render
        self._reports: list[Report] = []
        self._listed: dict[str, tuple[str, ...]] = {}
        self._why = _SO_FAR
        self._write()

    def handle(self, event: CampaignEvent) -> None:
        """Writes it anew when there is more to report. Raises OSError."""
        if isinstance(event, Listed):
            self._listed[event.subject] = event.titles
            if event.titles != (event.subject,):  # of all files at once, when the first has been looked into
                self._write()
        elif isinstance(event, CampaignEnded):
            self._reports.append(event.report)
            self._write()

    def ended(self, why: str = "") -> None:
        """Every scenario has been reached, or why not: until then the file says that some were not. Raises OSError."""
        self._why = why
        self._write()
        if not self._target.again:
            self._target.write(self._text())

    def close(self) -> None:
        """It is written already."""

    def _write(self) -> None:
        if self._target.again:
            self._target.write(self._text())

    def _text(self) -> str:
        listed = Counter(title for titles in self._listed.values() for title in titles)
        left = listed - Counter(report.scenario for report in self._reports)
        return self._render(self._reports, Rest(tuple(left.elements()), self._why))
