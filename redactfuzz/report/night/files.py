"""A night as JUnit and SARIF: a report for each scenario, and what a run writes of reports."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Reason, Verdict
from redactfuzz.report.junit_file import junit as of_reports
from redactfuzz.report.kept import Rest
from redactfuzz.report.night.digest import Digest
from redactfuzz.report.night.of_targets import TargetView
from redactfuzz.report.sarif_findings import sarif as of_findings
from redactfuzz.report.sarif_log import Root

_ALARMS = "redactfuzz-night"


def junit(digest: Digest) -> str:
    """A test case for each scenario and each alarm.

    What was spared without a report, or not reached, is ``skipped``.
    """
    return of_reports([*_alarms(digest), *reports(digest)], *_rests(digest))


def sarif(digest: Digest, root: Root | None = None) -> str:
    """A result for each finding. Successful only where the night has an end, no alarm, and came to every scenario.

    Of scenarios that it was not about too: a code host closes the alerts that are not in it again.
    """
    whole = digest.over and not digest.alarms and not any(each.why == _MISSED for each in _rests(digest))
    why = {id(each.finding): each.suppressed for each in (*digest.suppressed, *digest.elsewhere)}
    left = [Report(each.finding.scenario, each.finding.verdict, finding=each.finding) for each in digest.elsewhere]
    said = [*_alarms(digest), *reports(digest), *left]
    return of_findings(said, root, whole=whole, kind="night", suppressed=lambda each: why.get(id(each), ""))


def reports(digest: Digest) -> list[Report]:
    """One for each scenario that has one, with all that was found of it tonight."""
    return [made for each in digest.targets if (made := _report(each, digest)) is not None]


def _report(target: TargetView, digest: Digest) -> Report | None:
    counted = tuple(each for each in digest.findings if each.about == target.anchor)
    hidden = tuple(each for each in digest.suppressed if each.about == target.anchor)
    mine = tuple(each.finding for each in (*counted, *hidden))
    known = target.report
    if not mine:  # what was spared tonight took no time tonight
        executions = target.executions if target.slices or known is None else known.executions
        return (
            attrs.evolve(known, executions=executions, seconds=target.seconds, after=()) if known is not None else None
        )
    first = min(mine, key=lambda each: each.rank)
    return attrs.evolve(
        known if known is not None else Report(first.scenario, first.verdict),
        verdict=first.verdict,
        reason=None,
        certificate=None,
        finding=first,
        others=tuple(each for each in mine if each is not first),
        first_leak_execution=first.execution,
        skipped="" if counted else f"suppressed {hidden[0].suppressed}",
        executions=target.executions,
        seconds=target.seconds,
    )


def _alarms(digest: Digest) -> Iterator[Report]:
    for each in digest.alarms:
        name = f"{_ALARMS}::{each.kind}" + (f" ({each.title})" if each.title else "")
        yield Report(name, Verdict.ERROR, Reason(f"{each.kind}: {each.what}"))


_MISSED = "the night did not come to it"


def _rests(digest: Digest) -> list[Rest]:
    without = [each for each in digest.targets if each.report is None and not each.findings]
    missed = tuple(each.title for each in without if not each.spared)
    spared = [Rest((each.title,), f"spared: {each.spared}") for each in without if each.spared]
    return [*([Rest(missed, _MISSED)] if missed else []), *spared]
