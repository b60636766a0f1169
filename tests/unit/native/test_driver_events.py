"""Events of the driver: taken exactly as they are declared, and never for something else."""

from __future__ import annotations

import enum
import json
from typing import Any

import attrs
import pytest

from redactfuzz.model.outcome import BugKind
from redactfuzz.native._plan import ffi, lib
from redactfuzz.native.drive.events import Asked, Ended, EventError, Failed, RawExecution, RawSighting, Writer, parsed
from redactfuzz.native.drive.numbers import BUGS, ORACLES, End, Note, Reality, Where
from redactfuzz.schedule.engine import State

BLOCK = {"start": 4096, "size": 32, "allocated_at": 7, "freed_at": 0, "allocated_by": 0, "freed_by": 0}
WRITER = {"thread": 3, "site": 21, "step": 5, "redactions": 1, "stands": False}
HIT = {
    "canary": 0, "source": 2, "encoding": 1, "dump": "core", "offset": 4096, "length": 32, "form_offset": 0,
    "form_length": 32, "bits": 256.0, "where": lib.RFN_IN_HEAP, "thread": 3, "allowed": False, "block": BLOCK,
    "writer": WRITER, "pointers": [{**WRITER, "object": 64}],
}  # fmt: skip
WAITING = {"thread": 0, "site": 9, "what": "a mutex that main holds", "in_handler": False}
BUG = {"kind": lib.RFN_BUG_DEADLOCK, "thread": 0, "site": 9, "summary": "deadlock", "waiting": [WAITING],
       "block": BLOCK}  # fmt: skip
EXECUTED: dict[str, Any] = {
    "event": "executed", "execution": 4, "stage": 0, "state": lib.RFN_BUG, "engine": int(State.DEADLOCK), "steps": 12,
    "preemptions": 1, "switches": 2, "trace_hash": 2**64 - 1, "status": 6, "dumps": 1, "redactions": 0,
    "step_diverged": 0, "cut": False, "struck": [{"trigger": 1, "thread": 3, "site": 9, "step": 4}], "allowed": [0],
    "seen": [0, 1], "threads": [{"number": 0, "entry": 0}], "bug": BUG,
    "problems": [{"kind": lib.RFN_PROBLEM_FORK, "site": 0, "what": "it forks"}],
    "files": [{"name": "log", "size": 3}], "hits": [HIT], "unlike": [5], "unlike_on_stacks": [], "places": [],
}  # fmt: skip
Place = tuple[str | int, ...]
PLACES: list[Place] = [
    (),
    ("hits", 0),
    ("hits", 0, "writer"),
    ("hits", 0, "block"),
    ("bug",),
    ("bug", "waiting", 0),
    ("problems", 0),
]
ENUMS = {End: "rfn_end", Where: "rfn_where", Note: "rfn_problem_kind", Reality: "rfn_reality"}


def line(**changed: Any) -> bytes:
    return json.dumps({**EXECUTED, **changed}).encode()


def copy_with(place: Place, **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A copy of the whole event, and the part of it that lies there, with more fields."""
    whole = json.loads(line())
    part = whole
    for step in place:
        part = part[step]
    part.update(fields)
    return whole, part


def path(place: Place, name: str) -> str:
    return ".".join([step for step in place if isinstance(step, str)] + [name])


def complaint(event: dict[str, Any]) -> str:
    with pytest.raises(EventError) as raised:
        parsed(json.dumps(event).encode())
    return str(raised.value)


def test_an_execution_is_read_with_all_that_it_holds() -> None:
    event = parsed(line())
    assert isinstance(event, RawExecution)
    assert (event.state, event.engine, event.trace_hash) == (End.BUG, State.DEADLOCK, 2**64 - 1)
    assert event.bug is not None
    assert (event.bug.kind, event.bug.waiting[0].thread) == (BugKind.DEADLOCK, 0)
    (hit,) = event.hits
    assert isinstance(hit, RawSighting)
    assert (hit.where, hit.writer) == (Where.HEAP, Writer(3, 21, 5, 1, stands=False))
    assert hit.block is not None
    assert (hit.block.size, hit.pointers[0].object, hit.struck) == (32, 64, None)


def test_the_other_events_are_read() -> None:
    assert parsed(b'{"event":"asked","name":"key","size":32}') == Asked("key", 32)
    assert parsed(b'{"event":"ended","exhausted":true}') == Ended(exhausted=True)
    assert parsed(b'{"event":"failed","what":"no room"}') == Failed("no room")


@pytest.mark.parametrize("place", PLACES)
def test_a_field_that_is_missing_is_named_with_its_event(place: Place) -> None:
    optional = {"bug", "block", "writer", "pointers"}
    names = copy_with(place)[1].keys() - optional - {"event"}
    assert names
    for name in names:
        whole, part = copy_with(place)
        del part[name]
        said = complaint(whole)
        assert said.startswith('the event "executed" of the driver is of another version than redactfuzz: '), said
        assert f'the field "{path(place, name)}" is missing' in said


@pytest.mark.parametrize("place", PLACES)
def test_a_field_that_is_unknown_is_named_with_its_event(place: Place) -> None:
    whole, _ = copy_with(place, news=1)
    said = complaint(whole)
    assert said.startswith('the event "executed" of the driver is of another version than redactfuzz: '), said
    assert f'the field "{path(place, "news")}" is unknown' in said


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ((), "steps", "12"),
        ((), "steps", 12.0),
        ((), "steps", True),
        ((), "cut", 0),
        ((), "state", 99),
        ((), "state", "exited"),
        ((), "engine", -1),
        ((), "hits", 3),
        ((), "bug", 3),
        (("hits", 0), "where", 10),
        (("hits", 0), "where", True),
        (("hits", 0), "dump", 5),
        (("hits", 0, "writer"), "site", None),
        (("bug",), "kind", 0),
        (("bug",), "kind", 99),
        (("problems", 0), "kind", 9),
    ],
)
def test_a_value_that_does_not_fit_is_not_taken_for_another(place: Place, name: str, value: Any) -> None:
    whole, _ = copy_with(place, **{name: value})
    said = complaint(whole)
    assert 'the event "executed"' in said
    assert f'the field "{path(place, name)}" has a value that does not fit' in said


def test_what_the_driver_writes_is_never_quoted() -> None:
    secret = "hunter2-hunter2-hunter2"
    for whole, _ in (copy_with((), steps=secret), copy_with(("hits", 0), dump=[secret]), copy_with((), event=secret)):
        assert "hunter2" not in complaint(whole)


@pytest.mark.parametrize("text", [b"{ no json", b"[]", b"3", b'{"event":4}', b'{"event":"news"}', b"{}"])
def test_a_line_that_is_no_event_is_refused(text: bytes) -> None:
    with pytest.raises(EventError, match="wrote a line that is no"):
        parsed(text)


@pytest.mark.parametrize("ours", ENUMS)
def test_no_number_of_the_header_is_left_out(ours: type[enum.IntEnum]) -> None:
    assert {int(each) for each in ours} == set(ffi.typeof(ENUMS[ours]).elements)


def test_bugs_have_the_names_of_the_model() -> None:
    assert len(BUGS) == len(ffi.typeof("rfn_bug_kind").elements) - 1
    assert set(ORACLES) == {"assert", "fault", "deadlock", "spin", "handler", "misuse", "memory"}


def test_events_do_not_change() -> None:
    event = parsed(line())
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.steps = 3  # type: ignore[misc,union-attr]
