"""The exceptions that a called scenario raises when it does not pass."""

from __future__ import annotations

import sys
import unittest

from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.repro import Identity
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.model.verdict import Verdict


class CampaignFailed(AssertionError):
    """The campaign's verdict is no pass. ``report`` holds everything."""

    def __init__(self, report: Report) -> None:
        """Takes what the campaign ended with."""
        super().__init__(summary(report))
        self.report = report


class LeakFound(CampaignFailed):
    """A canary reached a dump."""


_KINDS: dict[tuple[type[CampaignFailed], str], type[CampaignFailed]] = {}


def raise_for(report: Report) -> None:
    """Raises unless the verdict is a pass.

    Each finding has a type of its own: Hypothesis distinguishes failures by type and line, and would else shrink one
    leak into another.
    """
    __tracebackhide__ = True
    if report.interrupted and report.finding is None:
        raise KeyboardInterrupt
    if report.verdict.passed:
        return
    if report.skipped:
        raise _declined(report) from None
    raise _kind(report)(report) from None


def _declined(report: Report) -> BaseException:
    """What the scenario raised itself. Who has called pytest.xfail() has imported pytest."""
    outcomes = sys.modules.get("_pytest.outcomes")
    if report.xfailed and outcomes is not None:
        xfailed: BaseException = outcomes.XFailed(report.skipped)
        return xfailed
    return unittest.SkipTest(report.skipped)


def _kind(report: Report) -> type[CampaignFailed]:
    base = LeakFound if report.verdict is Verdict.LEAK else CampaignFailed
    finding = report.finding
    key = Identity.of(finding.leaks, finding.bug).key if finding is not None else report.verdict.value
    if (base, key) not in _KINDS:
        names = {"__module__": base.__module__, "__qualname__": base.__qualname__, "__doc__": base.__doc__}
        _KINDS[base, key] = type(base.__name__, (base,), names)
    return _KINDS[base, key]


def summary(report: Report) -> str:
    """A few lines: what happened, why, how to see it again."""
    lines = [f"{report.verdict} {report.scenario}"]
    if report.finding is not None:
        lines += [text for finding in report.findings for text in _finding(finding)]
    elif report.reason is not None:
        lines.append(str(report.reason))
    return "\n".join(map(escaped, lines))


def _finding(finding: Finding) -> list[str]:
    lines = []
    if finding.cause:
        lines.append(finding.cause)
    elif finding.bug is not None:
        lines.append(f"{finding.bug.kind}: {finding.bug.summary}")
    else:
        lines += [f"'{leak.canary}' ({leak.encoding}) reached {leak.dump}" for leak in finding.leaks[:3]]
    if finding.repro:
        lines.append(finding.replay_command)
    return lines
