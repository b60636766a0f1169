"""What came out of one execution."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from redactfuzz.model.recording import Recording
from redactfuzz.model.schedule import Schedule, Step
from redactfuzz.model.verdict import Reason


@attrs.frozen(repr=False)
class Dump:
    """Something that left the process. ``data`` is what the handler made, as it was then: bytes, text, a path, or plain
    values of JSON (with bytes and ``Unreadable`` among them), which nothing can change any more.

    ``allowed`` holds the names of the canaries that were in legitimate use at a step of the handler, or when the
    data was handed over.
    """

    name: str
    data: Any
    allowed: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"<Dump {self.name}: {type(self.data).__name__}>"


@attrs.frozen
class Unreadable:
    """In a dump's data, in place of what could not be kept of it. ``reason`` goes into a sentence."""

    reason: str


OVERWRITES = " overwrites"
"""Behind the second place of a pair."""
UNKNOWN_ENCODING = "unknown encoding"
"""Of a leak that no table of encodings shows, but a comparison of dumps that were made with other values."""


class LeakKind(enum.StrEnum):
    """When a canary reaches a dump; see `docs/verdicts.md`."""

    SEQUENTIAL = "sequential"
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    DOUBLE_FAULT = "double fault"
    """Only where a second crash strikes while the handler of the first runs."""
    RESIDUE = "residue in a register"
    """Of a C or C++ program: no memory held it, only what its code had left in a register, or the frame of a signal."""


CORE = "core"
"""The dump that a kernel writes of a program: memory and registers. The others are files and streams."""
RESIDUE = "a register"
"""In place of the place of a leak: nobody wrote it to memory."""


@attrs.frozen
class Leak:
    """Canary bytes in a dump: where, how encoded, how long. Never the bytes themselves.

    ``offset`` and ``length`` count bytes of the dump (of its utf-8 form where it is text or JSON); ``where`` says more
    (JSON path, line); ``recovered`` are the bits of the secret that the dump gives away, of ``entropy`` in all.
    """

    canary: str
    encoding: str
    offset: int
    length: int
    dump: str
    hash_prefix: str
    where: str = ""
    recovered: float = 0.0
    entropy: float = 0.0
    part: str = "whole"
    place: str = ""
    """Of the last writer, where it is known; else where it lies. Empty where nobody looked for it."""
    address: int | None = None
    """In the process, where the dump is a core and this lies in its memory."""

    @property
    def residue(self) -> bool:
        """Whether it lies in a register, and nowhere that the program wrote."""
        return self.place == RESIDUE


@attrs.frozen
class Inspection:
    """What the search of an execution's dumps gave."""

    leaks: tuple[Leak, ...] = ()
    shown: frozenset[str] = frozenset()
    """Every canary seen in a dump, allowed ones included (what control 1 asks)."""
    counted: frozenset[str] = frozenset()
    """Every canary that was forbidden in some dump: there it would have been a leak."""
    missing_witnesses: tuple[str, ...] = ()
    """Those that no dump held."""
    held: frozenset[tuple[str, str]] = frozenset()
    """Which dump held which witness, by name."""
    read: frozenset[str] = frozenset()
    """Dumps that were searched, by name."""
    stale: tuple[str, ...] = ()
    """Canaries of an earlier execution found in a dump: state was carried over."""
    unreadable: tuple[str, ...] = ()
    """Dumps that could not be searched, with the reason."""
    bytes_read: int = 0
    shape: int = 0
    """A number that differs where dumps differ in number, name, structure or length."""
    content: tuple[int, ...] = ()
    """Checksums of the dumps' blocks, in their order: they show where two of one shape differ."""
    new: tuple[int, ...] = ()
    """Of a program: checksums of blocks of memory and files that hold what they never held in the batch,"""
    new_on_stacks: tuple[int, ...] = ()
    """and those of stacks and registers."""
    recording: Recording | None = attrs.field(default=None, repr=False)
    """The dumps themselves, where the plan's ``inspect`` keeps them for a comparison. Never in a report."""


class BugKind(enum.StrEnum):
    """What went wrong that is no leak."""

    EXCEPTION = "unhandled exception"
    HANDLER = "crash handler raised"
    DEADLOCK = "deadlock"
    SPIN = "step limit"
    DIED = "process died"
    HANG = "hang"
    ASSERT = "failed assert"
    ABORT = "abort"
    """Outside of a crash handler; an exception that nobody catches."""
    FAULT = "real fault"
    """In the program, not the crash that was planned."""
    MISUSE = "misuse of the library"
    """What must not be done: unlocking another thread's mutex, freeing twice."""
    MEMORY = "memory error"
    """The heap of a program is touched where no block is in use."""
    NO_DUMP = "no dump at all"
    SCENARIO = "scenario raised"
    """Not the code under test but the scenario is at fault: verdict ERROR."""
    SKIPPED = "scenario skips itself"
    """By pytest.skip() or unittest.SkipTest: nothing is tested."""
    XFAILED = "scenario says that it fails"
    """By pytest.xfail()."""

    @property
    def verb(self) -> str:
        """What an execution does that shows it, for "of 3 moments tried, 2 raise"."""
        match self:
            case BugKind.DEADLOCK:
                return "deadlock"
            case BugKind.SPIN:
                return "spin"
            case BugKind.ABORT:
                return "abort"
            case BugKind.DIED:
                return "die"
            case BugKind.HANG:
                return "hang"
            case BugKind.ASSERT | BugKind.MISUSE | BugKind.MEMORY:
                return "fail"
            case BugKind.FAULT:
                return "fault"
            case _:
                return "raise"


UNTESTED = (BugKind.SCENARIO, BugKind.SKIPPED, BugKind.XFAILED)
"""No bugs of the code under test: the scenario tests nothing."""
QUOTING = (BugKind.EXCEPTION, BugKind.HANDLER, *UNTESTED)
"""Bugs of which the code under test says what they are."""


@attrs.frozen
class Bug:
    """Something other than a leak that went wrong. ``detail`` is ready to print and holds no secret."""

    kind: BugKind
    summary: str
    thread: str = ""
    detail: str = ""
    raised_at: str = ""
    """Of an exception: the file and line of the code under test that it came from."""


class ProblemKind(enum.StrEnum):
    """Why a clean result would not mean what it says."""

    OPAQUE = "opaque call"
    OPAQUE_CANARY = "opaque call was handed a canary or is the redactor"
    UNCONTROLLED_THREAD = "uncontrolled thread"
    UNSEEN_LOCK = "blocked where the tool cannot see"
    FORK = "fork"
    CHILD_PROCESS = "child process"
    SUBINTERPRETER = "subinterpreter"
    EVENT_LOOP = "event loop"
    TRACER = "tracer"
    """A trace, profile or sys.monitoring tool of the scenario's own."""
    DEBUGGER = "debugger"
    NONDETERMINISM = "nondeterminism"
    CARRIED_OVER = "state carried over"
    ABANDONED = "abandoned thread"
    UNREADABLE = "unreadable dump"
    DIVERGED = "diverged"
    REAL_TIME = "real time"
    """A clock was read that shows no virtual time; only listed."""
    CHANCE = "chance"
    """It was drawn: another outcome is another program; only listed."""
    HELD_FIXED = "held fixed"
    """It is the same in every execution of one run, and another one in the next; only listed."""
    OUTSIDE = "outside of the process"
    """Something would come from there, or go there, and does not."""
    EXIT = "exit of the process"
    """What would run there; only listed where it did not run."""
    FINALIZER = "finalizer"
    """It may run at more points than it did; only listed."""
    INCOMPLETE = "incomplete dump"
    """It lacks what a real one would hold; only listed."""
    DEPENDENT = "dump depends on a secret"
    """In a way that gives little of it away, or may not be harmless: only listed. Or in a way that
    was declared to be harmless, and gives it away."""
    UNCOMPARED = "dumps not compared"
    """No schedule could be run again with other secrets; only listed."""
    LONG = "long loop"
    TIME_OUT = "uncaught time-out"
    """Of a wait that the schedule let come to its limit while others could go on; only listed."""
    FOCUS = "outside of the focus"
    """What other threads do in the midst of a call of such code was not explored; only listed."""


@attrs.frozen
class Problem:
    """A reason why a clean result would not mean what it says. ``remedy`` says what to do."""

    kind: ProblemKind
    what: str
    where: str = ""
    remedy: str = ""
    fatal: bool = True
    """False for what is only listed in the certificate and rules out PROVED (an opaque call)."""
    refused: bool = False
    """A call has failed that need not elsewhere."""
    follows: bool = False
    """It follows from the values of canaries, or from chance: with the same ones the schedule led to one place."""

    @property
    def reason(self) -> Reason:
        """In a sentence, for a report."""
        text = self.what if str(self.kind) in self.what else f"{self.kind}: {self.what}"
        where = f" (at {self.where})" if self.where and self.where not in text else ""
        return Reason(f"{text[:1].upper()}{text[1:].removesuffix('.')}{where}.", self.remedy)


@attrs.frozen
class Outcome:
    """One execution, as the campaign sees it."""

    execution: int
    """1-based over the exploration; the number that the canaries derive from."""
    stage: int
    leaks: tuple[Leak, ...] = ()
    inspection: Inspection = Inspection()
    bug: Bug | None = None
    problems: tuple[Problem, ...] = ()
    dumps: int = 0
    redactions: int = 0
    redactors: int = 0
    """How many redactors the scenario declared."""
    canaries: tuple[str, ...] = ()
    planted: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    """What makes the kind of each canary again, as a repro file stores it. Empty where nothing was found."""
    witnesses: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    crashes: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    """Those of ``crashes`` that can strike between any two instructions, whatever the interpreter's switch sites."""
    repeats: tuple[str, ...] = ()
    """Those of ``canaries`` that are the same in other executions: left over from one, they look like a leak."""
    any_byte: bool = False
    """One of ``canaries`` may hold bytes at which code stops that takes it for text."""
    state: str = "all ended"
    new_place: bool = False
    """It came to a place where no execution of the batch was before."""
    begins_again: bool = False
    """A reduction begins again behind it, as it had put off deaths in vain: a leak or bug of it was not counted."""
    looks: int = 0
    """At clocks."""
    sets: int = 0
    """A bit for what is in each set that it went through whose order follows from the hash seed."""
    left_out: int = 0
    """Places outside of the focus at which no thread was stopped."""
    entered: frozenset[str] = frozenset()
    """Modules of the focus of which code has run."""
    surveyed: Mapping[str, tuple[int, bool]] | None = None
    """Of each module of libraries that ran, by name: how many scheduling points between calls it has, and whether it
    touches what several threads share, or a secret. What else ran is one, without a name."""
    steps: int = 0
    preemptions: int = 0
    switches: int = 0
    trace_hash: int = 0
    schedule: Schedule | None = None
    trace: Sequence[Step] = ()
    """Filled when the plan asks for a description."""
    label: str = ""
    pairs: frozenset[tuple[str, str]] = frozenset()
    """Filled when the plan asks for it: where memory was written, and where another thread then looked at it, or (the
    place ends in ``OVERWRITES``) wrote over it without having looked. Places are ``module:function+LINE``."""
    notable: bool = False
    """Clean, and described all the same because the plan asked for it (``Plan.notable``)."""
    strike_step: int | None = None
    """Index of the step at which the (first) crash struck."""
    notes: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def clean(self) -> bool:
        """No leak, no bug, nothing that makes it doubtful."""
        return not (self.leaks or self.bug or any(p.fatal for p in self.problems))

    @property
    def abandoned(self) -> bool:
        """A thread of it could not be ended, and cost the whole hang limit: so would every run of the same schedule."""
        return any(p.kind is ProblemKind.ABANDONED for p in self.problems)
