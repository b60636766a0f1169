"""Typed events. A runtime yields the first group to the campaign, the campaign the second group to every output."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Set

import attrs

from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.measured import Measurement
from redactfuzz.model.outcome import Outcome, Problem
from redactfuzz.model.plan import Counters, Isolation
from redactfuzz.model.schedule import Step
from redactfuzz.model.verdict import Reason

# -- runtime -> campaign


@attrs.frozen
class Probed:
    """The runtime decided how to isolate executions, and why."""

    isolation: Isolation
    reason: str
    warms: bool = False
    """Executions need a process each as the first of it alone goes another way: they may be run after a warm-up."""
    parted: tuple[Step | None, Step | None] = (None, None)
    """Where one run parted from the one before it: the step of the earlier one, and its own; None: it had ended."""


@attrs.frozen
class Executed:
    """An execution that is worth a look (or any, when the plan says every)."""

    outcome: Outcome


@attrs.frozen
class Progress:
    """At most a few times a second."""

    counters: Counters


@attrs.frozen
class Noticed:
    """A problem that is not tied to one execution, or was seen for the first time."""

    problem: Problem


@attrs.frozen
class Printed:
    """What the first execution of a batch that wrote to stdout or stderr wrote there (``stream``), masked."""

    stream: str
    text: str


@attrs.frozen
class Recorded:
    """Of a stage that records: what its last execution adds to the record, in lines of ``rfproof/1``."""

    lines: bytes = attrs.field(repr=False)
    files: Set[str] = frozenset()
    """Names of those whose code has run, as far as they were not named before."""
    begins: bool = False
    """The search has begun with it, and perhaps anew: what was recorded before does not count."""
    before: tuple[int, int] = (0, 0)
    """Where it begins: executions that the stage has counted before, and repetitions among them."""
    canaries: Mapping[str, bytes] = attrs.field(factory=dict, repr=False)
    """Where it begins: those of the execution, by name."""


@attrs.frozen
class BatchEnded:
    """Always the last event of a batch. ``interrupted``: Ctrl-C."""

    counters: Counters
    exhausted: bool
    interrupted: bool = False


RuntimeEvent = Probed | Executed | Progress | Noticed | Printed | Recorded | BatchEnded

# -- campaign -> report, cli, pytest plugin


@attrs.frozen
class Listed:
    """The scenarios that are to be explored of a file or program (``subject``); itself before it is looked into."""

    subject: str
    titles: tuple[str, ...]


@attrs.frozen
class CampaignStarted:
    """Always the first event of a campaign."""

    scenario: str
    seed: int
    profile: str
    budget_executions: int
    budget_seconds: float


@attrs.frozen
class CampaignProgress:
    """At most a few times a second."""

    scenario: str
    phase: str
    """``building``, ``exploring``, ``proving`` (the whole space: the estimate of the one stage says how large it is),
    ``controls``, ``confirming``, ``shrinking``, ``explaining``, ``measuring``."""
    counters: Counters


@attrs.frozen
class FindingSeen:
    """The finding as it was first met, before shrinking: shown at once."""

    finding: Finding


@attrs.frozen
class PassRuledOut:
    """Says before the first execution that the campaign cannot pass. The search for leaks and bugs goes on."""

    scenario: str
    reason: Reason


@attrs.frozen
class Source:
    """A file on which a scenario depends, and its SHA-256 in hex; empty: it was asked for, and was not there."""

    path: str
    sha256: str


@attrs.frozen
class Depended:
    """On which files what a campaign says depends, beside those of the interpreter and ours."""

    scenario: str
    sources: tuple[Source, ...]


@attrs.frozen
class Used:
    """What a proof depends on, as the compiler or one more run showed: where all of it is the same, so is the proof."""

    scenario: str
    dependencies: Dependencies | None
    why: str = ""
    """Why nobody knows it, where that is None."""


@attrs.frozen
class CampaignEnded:
    """Always the last event of a campaign."""

    report: Report


class ReplayResult(enum.StrEnum):
    """What became of a finding that was run again."""

    REPRODUCED = "REPRODUCED"
    NOT_REPRODUCED = "NOT_REPRODUCED"
    DIVERGED = "DIVERGED"


@attrs.frozen
class Replayed:
    """One run of a repro file."""

    scenario: str
    run: int
    """1-based."""
    times: int
    result: ReplayResult
    where: str = ""
    """DIVERGED: where the program left the recorded schedule."""


@attrs.frozen
class Measured:
    """What was measured of a finding that was run again, as it was asked for."""

    scenario: str
    measurement: Measurement


CampaignEvent = (
    Listed
    | CampaignStarted
    | CampaignProgress
    | PassRuledOut
    | FindingSeen
    | Replayed
    | Measured
    | Depended
    | Used
    | CampaignEnded
)
