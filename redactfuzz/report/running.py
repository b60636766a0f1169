"""What is known of a scenario while it runs, for the summary of a session that Ctrl-C ends.

pytest makes no report of a test that is interrupted, and pytest-xdist none of whatever its workers were at: a worker
keeps what it knows in a file, which the main process reads when its session ends.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

from redactfuzz.model.events import CampaignEnded, CampaignEvent, CampaignProgress, CampaignStarted, FindingSeen
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.model.verdict import Verdict
from redactfuzz.report.lines import count
from redactfuzz.report.pytest_text import again
from redactfuzz.report.terminal import progress


@attrs.define(eq=False)
class Running:
    """One test that runs scenarios. Consumes events as an output does."""

    nodeid: str
    folder: Path | None = None
    """Where to keep it for another process."""
    reports: list[Report] = attrs.field(factory=list)
    finding: Finding | None = None
    executions: int = 0
    """Of the campaign that runs."""
    progress: str = ""
    """How far it is."""
    show: Callable[[str], None] = lambda _: None
    """Gets each ``progress``."""
    _budget: int = 0
    _earlier: int = 0

    def handle(self, event: CampaignEvent) -> None:
        """Takes one event."""
        match event:
            case CampaignStarted():
                self._budget = event.budget_executions
                return
            case CampaignEnded(report):
                self.reports.append(report)
                self.finding, self.executions, self._earlier, self.progress = None, 0, 0, ""
            case FindingSeen(finding):
                self.finding = finding
            case CampaignProgress(_, phase, counters):
                self.progress = progress(event, self._budget)
                self.show(self.progress)
                self._count(counters.executions if phase == "exploring" else 0)
            case _:
                return
        self._keep()

    def _count(self, executions: int) -> None:
        if not executions:
            return
        if executions < self.executions - self._earlier:
            self._earlier = self.executions  # the next batch
        self.executions = self._earlier + executions

    @property
    def line(self) -> tuple[str, str]:
        """The verdict so far, and the rest of its line in the summary."""
        findings = [finding for report in self.reports for finding in report.findings]
        findings += [self.finding] if self.finding is not None else []
        total = self.executions + sum(report.executions for report in self.reports)
        text = f" {escaped(self.nodeid)}: interrupted after {count(total, 'execution')}"
        if not findings:
            return str(Verdict.INCONCLUSIVE), text
        return str(findings[-1].verdict), f"{text}; {again(findings)}"

    def ended(self) -> None:
        """pytest has made its own report."""
        if self.folder is not None:
            self._file(self.folder).unlink(missing_ok=True)

    def _keep(self) -> None:
        if self.folder is None:
            return
        path = self._file(self.folder)
        partial = path.with_suffix(".part")
        try:
            partial.write_text(json.dumps([*self.line, self.progress]), "utf-8")
            partial.replace(path)
        except OSError:
            # The session has ended, and its folder is gone.
            self.folder = None

    def _file(self, folder: Path) -> Path:
        return folder / f"{os.getpid()}.json"


def kept(folder: Path) -> Iterator[tuple[str, str]]:
    """The lines of the tests that other processes were running."""
    yield from ((verdict, text) for verdict, text, _ in _read(folder))


def progress_of(folder: Path) -> Iterator[str]:
    """How far the tests are that other processes are running."""
    yield from (progress for _, _, progress in _read(folder) if progress)


def _read(folder: Path) -> Iterator[tuple[str, str, str]]:
    for path in sorted(folder.glob("*.json")):
        try:
            verdict, text, progress = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        yield verdict, text, progress
