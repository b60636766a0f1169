"""Events of a nightly job: one after the other they are all that is known of it, and every page is made of them."""

from __future__ import annotations

import enum

import attrs

from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.events import Source
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.measured import Measurement


class Life(enum.StrEnum):
    """What a finding is tonight, beside the nights before."""

    NEW = "new"
    KNOWN = "known"
    FIXED = "fixed"
    """Its schedule ran to its end without it, as often as it was tried."""
    REGRESSED = "regressed"
    """It was fixed before."""
    FLAKY = "flaky"
    """It came back in some of its runs."""
    MOVED = "moved"
    """Its schedule diverged, for the code has changed; or a search found the same cause at other lines."""


class AlarmKind(enum.StrEnum):
    """Why a night without a finding means nothing."""

    NO_CORPUS = "the corpus was not loaded"
    UNKEPT = "the corpus does not keep what was found"
    UNEXPLORED = "a scenario was not explored"
    SLOW = "executions a second have halved"
    CONTROL = "a control failed"
    UNDECIDED = "no slice of a scenario came to a verdict"
    BROKE = "a scenario came to no verdict any more"
    FEWER = "fewer scenarios than last night"
    NOTHING = "no scenario"
    DIED = "a scenario kills its worker each time"
    NOT_REPLAYED = "known findings were not run again"
    UNREADABLE = "a night before cannot be read"
    SUPPRESSIONS = "the file of suppressions broke meanwhile"


class Why(enum.StrEnum):
    """Why a night ended."""

    TIME = "the time was over"
    ROUNDS = "each scenario had its turns"
    STABLE = "nothing new for long enough"
    NOTHING_LEFT = "nothing is left to explore"
    SIGNAL = "a signal"
    DISK = "nothing can be written any more"


@attrs.frozen
class NightStarted:
    """Always the first event of a night."""

    tool: str
    python: str
    at: float
    """Seconds since the epoch, by the wall clock."""
    seed: int
    seconds: float | None
    """That it may last; None: until a signal, or until nothing is new."""
    jobs: int
    cores: int
    paths: tuple[str, ...]
    shard: str = ""
    """``2/8``; empty for a night that is not one of several machines."""
    corpus: str = ""
    """Its folder; empty: none was asked for."""
    entries: int = 0
    """That were in it."""
    slice_seconds: float | None = None
    """How long a turn is; None: a version that did not say so."""
    rounds: int | None = None
    """Turns of each scenario, after which it ends."""
    until_stable: bool = False
    round_robin: bool = False
    likelihood: bool = True
    """New findings are measured."""
    memory: int | None = None
    """Bytes that the processes of a slice may have; None: a version that did not say so."""
    within: str | None = None
    """The working directory, below the top of the project; None: a version that did not say so."""


@attrs.frozen
class Resumed:
    """A night that was killed goes on."""

    at: float
    seed: int


@attrs.frozen
class TargetListed:
    """A scenario or program that belongs to the night."""

    title: str
    words: tuple[str, ...]
    """Of the command line, that name it."""
    spared: str = ""
    """Why it costs nothing tonight: it is PROVED and what it depends on is the same. Empty: it is explored. Told once
    more where a night is resumed and that is so no more: what was said of it before does not count."""


@attrs.frozen
class SliceBegan:
    """On disk before its first execution: what it was at is known when it kills more than its process."""

    number: int
    title: str
    command: tuple[str, ...]
    """What a shell runs to see the same: without the interpreter's own path."""
    seconds: float


@attrs.frozen
class SliceEnded:
    """A slice: one `redactfuzz run` of one scenario."""

    number: int
    title: str
    seconds: float
    """Of the whole process, with its start."""
    report: Report | None
    """None: it gave none. Without its findings, which have events of their own."""
    found: tuple[str, ...] = ()
    """The keys of those."""
    how: str = ""
    """How it ended where it gave no report, or had to be killed."""
    cpu: float = 0.0
    """Seconds of processors that its processes took,"""
    memory: int = 0
    """and bytes that the largest of its processes had."""
    sources: tuple[Source, ...] = ()
    as_in: int | None = None
    """The slice of which the sources are the same: a journal has them once. None: they are here."""
    dependencies: Dependencies | None = None
    """Of one that is PROVED. None: nobody knows, as of a version that did not ask, so nothing is known to be the same.
    """
    doubt: str = ""
    """Why nobody knows: it is not spared later, and is no part of a proof."""
    lost: bool = False
    """It gave no report since the night ended, or its worker was lost: not by what it ran."""
    added: int = 0
    """Entries of the corpus that are new."""
    replayed: int = 0
    """Entries of the corpus that were run again first."""


@attrs.frozen
class FindingMet:
    """A finding, each time that a search or a replay meets it."""

    key: str
    """The same for the same cause."""
    title: str
    slice: int
    """0: met by a replay at the beginning of the night."""
    life: Life
    finding: Finding
    again: int = 0
    """Of ``times`` replays so many showed it."""
    times: int = 0
    worse: int = 0
    """How often, over the nights, it was met with more of the secret than before."""
    how: str = ""
    """Why its replays could not tell whether it is there."""
    still: bool = False
    """It was fixed before, and is: no news."""


@attrs.frozen
class FindingMeasured:
    """A new finding was measured, which each is once."""

    key: str
    """Of the finding."""
    title: str
    measured: Measurement | None
    how: str = ""
    """Why nothing was measured."""


@attrs.frozen
class Alarm:
    """Something for which a night must not be taken for a clean one."""

    kind: AlarmKind
    what: str
    title: str = ""


@attrs.frozen
class NightEnded:
    """Always the last event of a night that was not killed."""

    at: float
    why: Why
    seconds: float
    """In all, without the time during which nothing ran."""
    signal: int = 0


NightEvent = (
    NightStarted | Resumed | TargetListed | SliceBegan | SliceEnded | FindingMet | FindingMeasured | Alarm | NightEnded
)
