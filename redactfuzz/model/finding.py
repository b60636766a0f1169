"""A leak or bug with everything that explains and replays it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from redactfuzz.model.counted import Explored, Kept, Species
from redactfuzz.model.outcome import CORE, Bug, Leak, LeakKind
from redactfuzz.model.part import Part
from redactfuzz.model.schedule import Schedule, Step, Window
from redactfuzz.model.texts.shell import quoted
from redactfuzz.model.verdict import Certificate, Control, Label, Reason, Verdict


@attrs.frozen
class Finding:
    """A leak or bug, its minimal schedule, what explains it, and where it is kept."""

    scenario: str
    verdict: Verdict
    schedule: Schedule
    execution: int
    """1-based number of the execution that found it."""
    canary_number: int
    seed: int
    kind: LeakKind | None = None
    label: Label | None = None
    leaks: tuple[Leak, ...] = ()
    bug: Bug | None = None
    preemptions: int = 0
    switches: int = 0
    steps: tuple[Step, ...] = ()
    window: Window | None = None
    cause: str = ""
    """One sentence in plain words."""
    shrunk: bool = False
    cut: bool = False
    """Explaining it was ended by the time limit: the race window may be a part of the window."""
    repro: str = ""
    """Path of the repro file."""
    item: str = ""
    """pytest's name of the test, where only pytest can run it."""
    program: str = ""
    """The words for pytest, with the options that it needs, or else for redactfuzz; empty: the name is enough."""

    @property
    def rank(self) -> tuple[bool, bool, bool, float, bool, bool, int]:
        """Least for the worst: in memory, of one crash, more of the secret, in files and streams, without a race."""
        shares = [leak.recovered / leak.entropy for leak in self.leaks if leak.entropy]
        return (
            not self.leaks,
            self.kind is LeakKind.RESIDUE,
            self.kind is LeakKind.DOUBLE_FAULT or (self.kind is None and self.schedule.double),
            -round(max(shares, default=1.0), 1),
            all(leak.dump == CORE for leak in self.leaks),
            self.kind is not LeakKind.SEQUENTIAL,
            self.execution,
        )

    @property
    def verb(self) -> str:
        """What an execution does that shows it: "leak", or what the bug is."""
        return self.bug.kind.verb if self.bug is not None and not self.leaks else "leak"

    @property
    def replay_command(self) -> str:
        """What to paste into a shell to see it again."""
        file = quoted(self.repro)
        if self.item:
            return f"{self.program or 'pytest'} {quoted(self.item)} --redactfuzz-replay {file}"
        return f"{self.program or 'redactfuzz'} replay {file}"


@attrs.frozen
class Report:
    """The result of a campaign over one scenario."""

    scenario: str
    """``path/to/file.py::name``."""
    verdict: Verdict
    reason: Reason | None = None
    finding: Finding | None = None
    certificate: Certificate | None = None
    controls: tuple[Control, ...] = ()
    executions: int = 0
    """Explorations with the redactor on; controls and shrinking are not counted."""
    first_leak_execution: int | None = None
    seconds: float = 0.0
    after: tuple[tuple[str, float], ...] = ()
    """What followed the search when something was found, and how many seconds each took."""
    seed: int = 0
    strategy: str = ""
    preemptions: int | None = None
    interrupted: bool = False
    notes: tuple[str, ...] = ()
    others: tuple[Finding, ...] = ()
    """Further leaks that ``finding`` does not hide, the worst first."""
    skipped: str = ""
    """Why the scenario did not want to run, where it said so,"""
    skipped_at: str = ""
    """the file and line that said it, and"""
    xfailed: bool = False
    """whether it said that it fails."""
    stages: tuple[Explored, ...] = ()
    """What each stage of the search has done, in no order."""
    species: Species = attrs.field(factory=Species)
    """Of scenarios in Python; of programs nobody counts them."""
    seeds: Kept = attrs.field(factory=Kept)
    part: Part | None = None
    """Of the whole space, where it was gone through without a leak, and what is to be gone through beside it as well: a
    proof, once all parts were."""
    uncertified: bool = False
    """The certificate that was asked for could not be written: a note says why."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found, the worst first."""
        return (self.finding, *self.others) if self.finding is not None else ()

    def with_findings_kept(self, seen: Sequence[Finding]) -> Report:
        """Return this report with the findings of a campaign that broke off: all leaks, or if there are none a bug.

        The worst finding sets the verdict. The reason of this report, which says why the campaign broke off, becomes a
        note. Without findings, or without a reason, the report stays as it is.
        """
        leaks = [finding for finding in seen if finding.leaks]
        findings = sorted(leaks or seen[:1], key=lambda finding: finding.rank)
        if not findings or self.reason is None:
            return self
        worst, *others = findings
        note = f"{self.reason.what} The findings shown before that were neither confirmed nor minimised; replay them."
        return attrs.evolve(
            self,
            verdict=worst.verdict,
            reason=None,
            finding=worst,
            others=tuple(others),
            executions=max(finding.execution for finding in findings),
            first_leak_execution=min((finding.execution for finding in leaks), default=None),
            preemptions=worst.preemptions,
            seed=worst.seed,
            notes=(*self.notes, note),
        )

    @property
    def executions_per_s(self) -> float:
        """Explorations a second of the whole campaign."""
        return self.executions / self.seconds if self.seconds else 0.0
