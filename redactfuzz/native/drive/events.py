"""What the driver reports, a line of JSON for each event, as ``runtime/driver/events.c`` writes it.

The driver and this module are of one version: a field that is missing here or there, or unknown, is an error.
"""

from __future__ import annotations

import json
from typing import Any

import attrs

from redactfuzz.model import strict
from redactfuzz.model.outcome import BugKind
from redactfuzz.native.drive.numbers import BUGS, End, Note, Where
from redactfuzz.schedule.engine import NO_THREAD, State


class EventError(ValueError):
    """A line that is no event of this version. The message names the event and the field, and quotes no value."""


@attrs.frozen
class Origin:
    """Who did something, and where: an offset in the program."""

    thread: int
    site: int


@attrs.frozen
class Writer(Origin):
    """A store."""

    step: int
    """The steps that had been made by then."""
    redactions: int
    """So many times the redactor had been called."""
    stands: bool
    """The thread is still parked before it: perhaps the store is only announced."""


@attrs.frozen
class Block:
    """Of the heap. ``freed_at`` is 0 when it is in use."""

    start: int
    size: int
    allocated_at: int
    freed_at: int
    allocated_by: int
    freed_by: int


@attrs.frozen
class Pointer(Writer):
    """A word that leads to a leaked byte, who stored it, and where it lies: static memory, or the heap."""

    object: int | None = None
    block: Block | None = None


@attrs.frozen
class RawSighting:
    """Where a canary was found, or, without one, what is known of a place that was asked for."""

    canary: int
    source: int
    encoding: int
    dump: str
    offset: int
    """Address in a core, position in a file."""
    length: int
    form_offset: int
    form_length: int
    bits: float
    where: Where
    thread: int
    """Whose stack or registers."""
    allowed: bool
    residue: bool = False
    object: int | None = None
    """Offset of static memory."""
    block: Block | None = None
    writer: Writer | None = None
    overwrote: Writer | None = None
    """Who wrote it before."""
    struck: Origin | None = None
    """The kernel wrote it, where this thread was struck."""
    mapped: Origin | None = None
    pointers: tuple[Pointer, ...] = ()


@attrs.frozen
class Struck:
    """Where a crash struck."""

    trigger: int
    thread: int
    site: int
    step: int


@attrs.frozen
class Started:
    """A thread of the execution. ``entry``: the offset of its routine, 0 for main."""

    number: int
    entry: int


@attrs.frozen
class Waiting:
    """A thread that cannot go on, and for what."""

    thread: int
    site: int
    what: str
    in_handler: bool
    kind: str = ""
    held_by: int = NO_THREAD
    taken_at: int = 0
    object: int | None = None
    block: Block | None = None


@attrs.frozen
class RawBug:
    """What went wrong."""

    kind: BugKind
    thread: int
    site: int
    summary: str
    waiting: tuple[Waiting, ...]
    block: Block | None = None
    """Of the heap, which it is about."""
    object: int | None = None
    exception: str | None = None
    """The mangled type of one that nobody caught, and what it says."""
    says: str = ""


@attrs.frozen
class RawProblem:
    """A reason for which a pass would mean less."""

    kind: Note
    site: int
    what: str


@attrs.frozen
class File:
    """That the program wrote."""

    name: str
    size: int


@attrs.frozen
class RawExecution:
    """An execution that has ended, or whose process is about to die; everything in it is known by number."""

    execution: int
    stage: int
    state: End
    engine: State
    steps: int
    preemptions: int
    switches: int
    trace_hash: int
    status: int
    """Of exit, or the signal."""
    dumps: int
    redactions: int
    step_diverged: int
    cut: bool
    """Its core may lack the end, by RLIMIT_CORE."""
    struck: tuple[Struck, ...]
    allowed: tuple[int, ...]
    """Canaries in legitimate use when the crash struck."""
    seen: tuple[int, ...]
    """Canaries that a dump shows."""
    threads: tuple[Started, ...]
    problems: tuple[RawProblem, ...]
    files: tuple[File, ...]
    hits: tuple[RawSighting, ...]
    unlike: tuple[int, ...]
    """Hashes of blocks that no execution before has left, and of those on stacks."""
    unlike_on_stacks: tuple[int, ...]
    places: tuple[RawSighting, ...]
    """What is known of the places that were asked for."""
    bug: RawBug | None = None


@attrs.frozen
class Asked:
    """The program asked for a canary that is not planted, or for more bytes than it has."""

    name: str
    size: int


@attrs.frozen
class Failed:
    """The driver cannot do its work."""

    what: str


@attrs.frozen
class Ended:
    """The driver has nothing more to run."""

    exhausted: bool


Event = RawExecution | Asked | Failed | Ended
_EVENTS: dict[str, type[Event]] = {"executed": RawExecution, "asked": Asked, "failed": Failed, "ended": Ended}
_CONVERTER = strict.converter((End, Where, Note, State))


def _bug_kind(number: Any, _: object) -> BugKind:
    if type(number) is not int or number not in BUGS:
        raise ValueError("expected the number of a kind of bug")
    return BUGS[number]


_CONVERTER.register_structure_hook(BugKind, _bug_kind)


def parsed(line: bytes) -> Event:
    """The event that a line is. Raises EventError."""
    try:
        body: Any = json.loads(line)
    except ValueError:
        raise EventError("the driver wrote a line that is no JSON") from None
    name = body.pop("event", None) if isinstance(body, dict) else None
    event = _EVENTS.get(name) if isinstance(name, str) else None
    if event is None:
        raise EventError("the driver wrote a line that is no event")
    try:
        return _CONVERTER.structure(body, event)
    except Exception as error:  # cattrs raises whatever the wrong value leads to
        raise EventError(
            f'the event "{name}" of the driver is of another version than redactfuzz: {strict.complaint(error)};'
            " install redactfuzz again"
        ) from None
