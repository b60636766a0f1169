"""What is known of a scenario while it runs, for the summary of a session that Ctrl-C ends.

pytest makes no report of a test that is interrupted, and pytest-xdist none of whatever its workers were at: a worker
keeps what it knows in a file, which the main process reads when its session ends.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import attrs

from redactfuzz.model.escaped import escaped
from redactfuzz.model.events import CampaignEnded, CampaignEvent, CampaignProgress, FindingSeen
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.verdict import Verdict
from redactfuzz.report.lines import count
from redactfuzz.report.pytest_text import again


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
    _earlier: int = 0

    def handle(self, event: CampaignEvent) -> None:
        """Takes one event."""
        match event:
            case CampaignEnded(report):
                self.reports.append(report)
                self.finding, self.executions, self._earlier = None, 0, 0
            case FindingSeen(finding):
                self.finding = finding
            case CampaignProgress(_, phase, counters) if phase == "exploring":
                if counters.executions < self.executions - self._earlier:
                    self._earlier = self.executions  # the next batch
                self.executions = self._earlier + counters.executions
            case _:
                return
        self._keep()

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
            partial.write_text(json.dumps(self.line), "utf-8")
            partial.replace(path)
        except OSError:
            # The session has ended, and its folder is gone.
            self.folder = None

    def _file(self, folder: Path) -> Path:
        return folder / f"{os.getpid()}.json"


def kept(folder: Path) -> Iterator[tuple[str, str]]:
    """The lines of the tests that other processes were running."""
    for path in sorted(folder.glob("*.json")):
        try:
            verdict, text = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        yield verdict, text
