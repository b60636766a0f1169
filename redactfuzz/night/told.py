"""What a slice has told so far: one campaign, or all those of a file whose scenarios could not be listed."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from redactfuzz.model import written
from redactfuzz.model.counted import Kept
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.events import (
    CampaignEnded,
    CampaignProgress,
    Depended,
    FindingSeen,
    Listed,
    Measured,
    Replayed,
    ReplayResult,
    Source,
    Used,
)
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.measured import Measurement
from redactfuzz.model.night import SliceBegan, SliceEnded
from redactfuzz.model.verdict import Reason, Verdict
from redactfuzz.model.written import EventError

_WORST = (
    Verdict.LEAK,
    Verdict.BUG,
    Verdict.ERROR,
    Verdict.VACUOUS,
    Verdict.INCONCLUSIVE,
)
"""What is said of several, the first of these that any has; else a pass, which is a proof where each is one."""


class Told:
    """What a slice has told so far, event by event."""

    def __init__(self, began: SliceBegan) -> None:
        """Nothing yet."""
        self.began = began
        self.fd = -1
        """Readable when there is something to ``follow``."""
        self.reports: list[Report] = []
        """Of each campaign that has ended."""
        self.seen: list[Finding] = []
        """Findings as they were first met: on disk, should it die before it has a report."""
        self.replays: list[ReplayResult] = []
        self.measured: Measurement | None = None
        self.executions = 0
        """As far as it has told."""
        self.titles: tuple[str, ...] = ()
        """Of the scenarios that it has come to."""
        self.memory = 0
        """Bytes that its processes had at most."""
        self.cpu = 0.0
        """Seconds of processors that its processes took; known at its end."""
        self.how = ""
        """How it ended, where not by itself."""
        self.lost = False
        """It was ended by us, or with a worker of the cluster: not by what it ran."""
        self.doubt = ""
        """Why nobody knows on which files what it proved depends."""
        self.unlisted: list[str] = []
        """Files of which it does not know the scenarios: it has not come to them, or nobody lives who imports them."""
        self._sources: dict[str, tuple[Source, ...]] = {}
        self._dependencies: dict[str, Dependencies] = {}
        self._looked_into: set[str] = set()

    @property
    def seconds(self) -> float:
        """Since it was started."""
        raise NotImplementedError

    def take(self, line: bytes) -> None:
        """Takes in one line."""
        try:
            event = written.loads(line)
        except EventError as error:
            self.how = self.how or f"sent what is no event: {error}"
            return
        match event:
            case CampaignEnded(report):
                self.reports = [each for each in self.reports if each.scenario != report.scenario] + [report]
            case CampaignProgress():
                self.executions = max(self.executions, event.counters.executions)
            case FindingSeen(finding):
                self.seen.append(finding)
            case Measured():
                self.measured = event.measurement
            case Replayed():
                self.replays.append(event.result)
            case Listed():
                self._list(event)
            case Depended():
                self._sources[event.scenario] = event.sources
            case Used():
                if event.dependencies is not None:
                    self._dependencies[event.scenario] = event.dependencies
                self.doubt = event.why or self.doubt

    def _list(self, event: Listed) -> None:
        """At first each file is listed as itself; where its process died it is looked into once more."""
        if event.subject in self.unlisted:
            self.unlisted.remove(event.subject)
            self._looked_into.add(event.subject)
            self.titles += event.titles
        elif event.subject not in self._looked_into:
            self.unlisted.append(event.subject)

    @property
    def missing(self) -> tuple[str, ...]:
        """Scenarios of which it has told no report."""
        reported = {each.scenario for each in self.reports}
        left = tuple(dict.fromkeys(each for each in self.titles if each not in reported))
        return left if len(reported) < len(set(self.titles)) else ()

    @property
    def report(self) -> Report | None:
        """What is said of all of them; None where it gave none."""
        return joined(self.began.title, self.reports, self.missing) if self.reports else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """As the reports have them; those of campaigns without a report as they were first met."""
        reported = {each.scenario for each in self.reports}
        raw = [each for each in self.seen if each.scenario not in reported]
        if len(self.reports) == 1 and not self.missing:  # of one scenario, by whatever name
            raw = []
        return (*(finding for each in self.reports for finding in each.findings), *raw)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Files on which any of them depends."""
        found = {(each.path, each.sha256): each for some in self._sources.values() for each in some}
        return tuple(found[key] for key in sorted(found))

    @property
    def dependencies(self) -> Dependencies | None:
        """Of the one campaign. Of several none are told, so that nothing of them is ever spared."""
        only = list(self._dependencies.values())
        return only[0] if len(only) == len(self.reports) == 1 and not self.missing else None


def untold(done: Told) -> str:
    """Why replays that did not show their finding do not say that it is gone; empty where they do."""
    report = done.report
    if report is None:
        return done.how or "it gave no report"
    if report.verdict.passed:
        return ""
    return f"{report.verdict}: {report.reason.what if report.reason is not None else 'nothing can be told of it'}"


def end_of(done: Told, found: tuple[str, ...]) -> SliceEnded:
    """What is kept of it: findings have events of their own."""
    return SliceEnded(
        done.began.number,
        done.began.title,
        done.seconds,
        attrs.evolve(done.report, finding=None, others=()) if done.report is not None else None,
        found,
        how=done.how,
        cpu=done.cpu,
        memory=done.memory,
        sources=done.sources,
        dependencies=done.dependencies,
        doubt=done.doubt,
        lost=done.lost,
        added=done.report.seeds.added if done.report is not None else 0,
        replayed=done.report.seeds.ran if done.report is not None else 0,
    )


def joined(title: str, reports: Sequence[Report], missing: Sequence[str] = ()) -> Report:
    """One report of all: the verdict is the worst, and a proof only where each is one and none is ``missing``."""
    worst = min(reports, key=_place)
    if missing and worst.verdict.passed:
        what = f"{len(missing)} of its scenarios gave no report, as {missing[0]}"
        reason = Reason(what, "Run it alone, and see how it ends.")
        worst = attrs.evolve(worst, verdict=Verdict.INCONCLUSIVE, reason=reason, certificate=None)
    if len(reports) == 1:
        return worst
    found = [finding for each in reports for finding in each.findings]
    return attrs.evolve(
        worst,
        scenario=title,
        finding=found[0] if found else None,
        others=tuple(found[1:]),
        certificate=None,
        part=None,
        executions=sum(each.executions for each in reports),
        seconds=sum(each.seconds for each in reports),
        interrupted=any(each.interrupted for each in reports),
        notes=tuple(dict.fromkeys(note for each in reports for note in each.notes)),
        seeds=Kept(
            sum(each.seeds.ran for each in reports),
            sum(each.seeds.stale for each in reports),
            sum(each.seeds.added for each in reports),
            sum(each.seeds.left for each in reports),
            next((each.seeds.trouble for each in reports if each.seeds.trouble), ""),
        ),
    )


def _place(report: Report) -> int:
    if report.verdict in _WORST:
        return _WORST.index(report.verdict)
    return len(_WORST) + (report.verdict is Verdict.PROVED)
