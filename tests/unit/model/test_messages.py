"""What two executions say of a bug: numbers that the system gives out make no other bug, everything else does."""

from __future__ import annotations

import attrs
import pytest

from redactfuzz.model.messages import DIFFERS, PASSES, common
from redactfuzz.model.outcome import Bug, BugKind
from redactfuzz.model.repro import Identity

SAME = {
    "descriptor": ("OSError: [Errno 9] Bad file descriptor: '22'", "OSError: [Errno 9] Bad file descriptor: '7'"),
    "socket": ("E: <socket.socket fd=9, family=2, type=1>", "E: <socket.socket fd=10, family=2, type=1>"),
    "file": ("E: <_io.BufferedReader name=9>", "E: <_io.BufferedReader name=123>"),
    "low number of a process": ("E: locked by 99", "E: locked by 1002"),
    "process and object": ("E: 4410 140551900436224", "E: 99 94301"),
    "folder and process": ("E: '/tmp/redactfuzz-c_k4ggva/app.2312.lock'", "E: '/tmp/redactfuzz-nq93ewxc/app.7.lock'"),
    "temporary file": ("E: in /tmp/app_x8skjjdi.db", "E: in /tmp/app_abcdefgh.db"),
    "digest": ("E: no blob deadbeefdeadbeef", "E: no blob 1234abcdffffffff"),
}
OTHER = {
    "type": ("OSError: 9", "ValueError: 9"),
    "type with a number": ("Status404: gone", "Status500: gone"),
    "text": ("E: 3 left", "E: 3 lost"),
    "sign": ("E: [3]", "E: (3)"),
    "text outside of the temporary folder": ("E: in /srv/settings", "E: in /srv/sessions"),
    "no number": ("E: 3", "E: three"),
}


def bug(summary: str, at: str = "a.py:3", kind: BugKind = BugKind.EXCEPTION) -> Bug:
    return Bug(kind, summary, "worker", raised_at=at)


def met(one: Bug, other: Bug) -> bool:
    return Identity.of((), one).matches((), other)


@pytest.mark.parametrize(("told", "said"), SAME.values(), ids=SAME)
def test_numbers_that_the_system_gives_out_make_no_other_bug(told: str, said: str) -> None:
    assert met(bug(told), bug(said))
    assert met(bug(said), bug(told))
    assert Identity.of((), bug(told)).key == Identity.of((), bug(told.replace("9", "8"))).key


@pytest.mark.parametrize(("told", "said"), OTHER.values(), ids=OTHER)
def test_anything_else_makes_another(told: str, said: str) -> None:
    assert not met(bug(told), bug(said))
    assert not met(bug(said), bug(told))
    assert Identity.of((), bug(told)).key != Identity.of((), bug(said)).key


def test_where_numbers_differ_the_place_must_be_the_same() -> None:
    assert not met(bug("E: 3 left"), bug("E: 4 left", "a.py:9"))
    assert met(bug("E: 3 left"), bug("E: 3 left", "a.py:9"))


def test_a_file_knows_no_place() -> None:
    identity = attrs.evolve(Identity.of((), bug("E: 3 left")), raised_at="")
    assert identity.matches((), bug("E: 4 left", "a.py:9"), moved=True)
    assert not identity.matches((), bug("E: 4 lost", "a.py:9"), moved=True)


def test_numbers_in_what_is_said_by_us_count() -> None:
    for kind in (BugKind.DEADLOCK, BugKind.HANDLER):
        one, other = (bug(f"deadlock of worker-{number}", "", kind) for number in (1, 2))
        assert not met(one, other)
        assert Identity.of((), one).key != Identity.of((), other).key


@pytest.mark.parametrize("mark", [DIFFERS, PASSES])
@pytest.mark.parametrize(
    "told", ["E: fd=2{}, family=2", "E: fd={}, family=2", "E: fd=1{}3, family=2", "E: f{}2", "E: {}", "E: fd={}=2"]
)
def test_what_a_file_does_not_tell_may_be_anything(told: str, mark: str) -> None:
    assert met(bug(told.format(mark)), bug("E: fd=12345, family=2"))
    assert not met(bug(told.format(mark)), bug("F: fd=12345, family=2"))


def test_a_file_of_a_temporary_name_or_an_address_that_is_cut_is_met_again() -> None:
    assert met(bug(f"E: in /tmp/tmp{DIFFERS}"), bug("E: in /tmp/tmpx8sk3jdi"))
    assert met(bug(f"E: <object at 0x7fae75e4{DIFFERS}0>"), bug("E: <object at 0x7fae75e497f0>"))
    assert not met(bug(f"E: <object at 0x7fae75e4{DIFFERS}0>"), bug("E: <objects at 0x7fae75e497f0>"))


@pytest.mark.parametrize(
    ("text", "others", "again", "told"),
    [
        ("fd=22, x", ["fd=23, x"] * 2, ["fd=23, x"], f"fd={PASSES}, x"),
        ("fd=22, x", ["fd=23, x"] * 2, ["fd=22, x"], f"fd={DIFFERS}, x"),
        ("fd=22, x", ["fd=23, x"] * 2, [], f"fd={DIFFERS}, x"),
        ("22 is abc", ["23 is def"] * 2, ["23 is abc"], DIFFERS),
        ("is abc", ["is def"] * 2, ["is abc"], f"is {DIFFERS}"),
        ("at 0x7f10", ["at 0x7f20", "at 0x7f30"], ["at 0x7f40"], f"at {PASSES}"),
        ("in app_xyz.db", ["in app_abc.db"] * 2, ["in app_xuv.db"], f"in app_{PASSES}.db"),
        ("22", ["22", "22"], ["23"], "22"),
        ("cannot parse abc at 3", ["cannot parse def at 3"], [], f"cannot parse {DIFFERS} at 3"),
        ("abc", ["xyz"], ["abc"], DIFFERS),
    ],
)
def test_it_is_said_why_a_part_is_not_told(text: str, others: list[str], again: list[str], told: str) -> None:
    assert common(text, others, again) == told
