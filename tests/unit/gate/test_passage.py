"""The way of a dump through the gate, over files in memory: those that redactfuzz explores it with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from redactfuzz.gate.passage import (
    TRIES,
    Fate,
    Judgement,
    NameTaken,
    Outlet,
    Passage,
    Rules,
    Source,
    Stage,
    Ticket,
    outlet_of,
)

KEY = Rules("a scanner", "a key")


@attrs.define
class Files:
    """Each operation does what it should, and notes it."""

    verdict: str = "CLEAN"
    done: list[str] = attrs.field(factory=list)
    written: list[Ticket] = attrs.field(factory=list)
    fails: str = ""
    taken: set[str] = attrs.field(factory=set)
    fate: Fate = Fate.REMOVED
    asked: Rules = attrs.field(factory=lambda: KEY)
    published: bool = False
    part: bool = True

    def _does(self, what: str) -> None:
        self.done.append(what)
        if what == self.fails:
            raise OSError(28, "No space left on device")

    def seal(self, name: str, number: int) -> Ticket:
        self._does("seal")
        return Ticket(number, Source(name, 1, 2, 3, 4, 5), "hash", 3)

    def write(self, ticket: Ticket) -> None:
        self.written.append(ticket)

    def rules(self) -> Rules:
        return self.asked

    def judge(self, ticket: Ticket) -> Judgement:
        self._does("judge")
        return Judgement(self.verdict)

    def free_name(self, ticket: Ticket) -> str:
        return next(name for name in "abc" if name not in self.taken)

    def stage(self, ticket: Ticket) -> None:
        self._does("stage")
        self.part = True

    def announce(self, ticket: Ticket) -> bool:
        self._does("announce")
        return self.part

    def publish(self, ticket: Ticket) -> None:
        self._does("publish")
        if ticket.name == "a" and "b" in self.fails:
            self.taken.add("a")
            raise NameTaken("a")

    def withdraw(self, ticket: Ticket) -> bool:
        self._does("withdraw")
        return not self.published

    def clear(self, ticket: Ticket) -> Fate:
        self._does("clear")
        return self.fate

    def discard(self, ticket: Ticket) -> None:
        self._does("discard")


def passed(files: Files, name: str = "core") -> list[Ticket]:
    passage = Passage(files)
    return list(passage.goes_on(passage.seals(name).number))


@pytest.mark.parametrize("verdict", ["CLEAN", "NOTED", "INCOMPLETE", "LEAK", "", "clean", "anything else"])
def test_only_what_was_read_wholly_and_holds_nothing_is_released(verdict: str) -> None:
    expected = Outlet.RELEASED if verdict in ("CLEAN", "NOTED") else Outlet.QUARANTINED
    assert outlet_of(Judgement(verdict)) is expected
    assert {each.outlet for each in passed(Files(verdict))} == {expected}


def test_a_dump_is_judged_before_it_is_staged_and_published_before_its_original_is_removed() -> None:
    files = Files()
    stages = [each.stage for each in passed(files)]
    assert files.done == ["seal", "judge", "stage", "announce", "publish", "clear", "discard"]
    assert stages == [Stage.JUDGED, Stage.STAGED, Stage.ANNOUNCED, Stage.PUBLISHED, Stage.CLEARED]


@pytest.mark.parametrize("operation", ["judge", "stage", "announce", "publish", "clear", "discard"])
def test_what_fails_is_done_again_and_what_was_done_is_not(operation: str) -> None:
    files = Files(fails=operation)
    passage = Passage(files)
    number = passage.seals("core").number
    with pytest.raises(OSError, match="No space"):
        list(passage.goes_on(number))
    assert number in passage.open
    files.fails, before = "", list(files.done)
    again = Passage(files, passage.open.values()) if operation != "discard" else passage
    list(again.goes_on(number))
    assert files.done[len(before) :][0] == operation
    assert files.done.count("seal") == 1


def test_a_dump_with_which_the_scanner_never_ends_is_quarantined_in_the_end() -> None:
    files = Files(fails="judge")
    passage = Passage(files)
    number = passage.seals("core").number
    for _ in range(TRIES):
        with pytest.raises(OSError, match="No space"):
            list(passage.goes_on(number))
        passage = Passage(files, [files.written[-1]])  # what a journal has of a gate that was killed
    assert files.done.count("judge") == TRIES
    last = list(passage.goes_on(number))[-1]
    assert files.done.count("judge") == TRIES
    assert last.outlet is Outlet.QUARANTINED
    why = f"{TRIES} times a scan of this dump did not come to its end"
    assert last.judgement == Judgement("INCOMPLETE", (why,), rules=files.asked)


def test_a_gate_that_is_ended_by_a_signal_takes_no_try_from_a_dump() -> None:
    class Ended(Files):
        def judge(self, ticket: Ticket) -> Judgement:
            raise KeyboardInterrupt

    files = Ended()
    number = Passage(files).seals("core").number
    for _ in range(TRIES + 1):
        with pytest.raises(KeyboardInterrupt):
            list(Passage(files, [files.written[-1]]).goes_on(number))
    assert list(Passage(Files(), [files.written[-1]]).goes_on(number))[-1].outlet is Outlet.RELEASED


OTHERS = [Rules("a scanner", "another key"), Rules("a better scanner", "a key"), Rules()]


def that_waits(operation: str) -> tuple[Files, int]:
    """A dump that was found clean, and with which an operation failed."""
    files = Files(fails=operation)
    passage = Passage(files)
    number = passage.seals("core").number
    with pytest.raises(OSError, match="No space"):
        list(passage.goes_on(number))
    files.fails, files.verdict = "", "LEAK"
    files.done.clear()
    return files, number


@pytest.mark.parametrize("others", OTHERS)
@pytest.mark.parametrize("operation", ["stage", "announce", "publish"])
def test_a_judgement_by_rules_that_do_not_hold_any_more_is_none(operation: str, others: Rules) -> None:
    files, number = that_waits(operation)
    files.asked = others
    told = list(Passage(files, [files.written[-1]]).goes_on(number))
    assert files.done == ["withdraw", "judge", "stage", "announce", "publish", "clear", "discard"]
    assert [each.stage for each in told[:2]] == [Stage.SEALED, Stage.JUDGED]
    assert told[0] == attrs.evolve(files.written[0], tries=0)
    assert {each.outlet for each in told[1:]} == {Outlet.QUARANTINED}
    assert {each.judgement.rules for each in told[1:] if each.judgement} == {others}


@pytest.mark.parametrize(("operation", "published"), [("stage", False), ("publish", False), ("publish", True)])
def test_a_judgement_by_the_same_rules_holds_and_so_does_one_that_was_published(
    operation: str, published: bool
) -> None:
    files, number = that_waits(operation)
    files.published, files.asked = published, OTHERS[0] if published else files.asked
    told = list(Passage(files, [files.written[-1]]).goes_on(number))
    assert "judge" not in files.done
    assert {each.outlet for each in told} == {Outlet.RELEASED}
    assert {each.judgement.rules for each in told if each.judgement} == {KEY}


@pytest.mark.parametrize(("operation", "again"), [("announce", True), ("publish", False), ("clear", False)])
def test_a_part_that_somebody_removed_before_it_was_announced_is_staged_again(operation: str, again: bool) -> None:
    files, number = that_waits(operation)
    files.part = False
    told = list(Passage(files, [files.written[-1]]).goes_on(number))
    assert ("stage" in files.done) == again
    assert told[-1].stage is Stage.CLEARED


def test_a_dump_during_whose_scan_the_rules_change_is_judged_by_those_after_it() -> None:
    class Changing(Files):
        def judge(self, ticket: Ticket) -> Judgement:
            self.asked = OTHERS[0]
            return super().judge(ticket)

    files = Changing()
    assert {each.judgement.rules for each in passed(files)[2:] if each.judgement} == {OTHERS[0]}
    assert files.done.count("judge") == 2
    assert files.done.count("publish") == 1


def test_a_name_that_was_taken_meanwhile_is_not_used() -> None:
    files = Files(fails="b is next")
    assert passed(files)[-1].name == "b"
    assert files.done.count("publish") == 2


@pytest.mark.parametrize("fate", [Fate.GONE, Fate.KEPT])
def test_a_dump_that_was_released_is_not_released_again_under_another_name(fate: Fate) -> None:
    files = Files(fate=fate)
    passage = Passage(files)
    list(passage.goes_on(passage.seals("core").number))
    list(passage.goes_on(passage.seals("core.renamed").number))
    assert files.done.count("publish") == 1
    assert files.done.count("clear") == 2
    later = Passage(files, passage.remembered, passage.number)  # of a gate after it
    list(later.goes_on(later.seals("core.again").number))
    assert files.done.count("publish") == 1


def test_a_dump_that_was_removed_and_comes_again_is_a_new_one() -> None:
    files = Files()
    passage = Passage(files)
    for _ in range(2):
        list(passage.goes_on(passage.seals("core").number))
    assert files.done.count("publish") == 2


GATE = Path(__file__).parents[3] / "targets" / "storm0558" / "gate"


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    monkeypatch.syspath_prepend(str(GATE))
    import memory_files
    import passage

    yield memory_files, passage
    for name in ("memory_files", "passage"):
        del sys.modules[name]


def test_what_redactfuzz_explores_is_this_very_code(memory: tuple[Any, Any]) -> None:
    assert Path(memory[1].__file__).resolve() == (GATE.parents[2] / "redactfuzz/gate/passage.py").resolve()
    assert Path(memory[1].__file__).is_symlink()


def test_the_files_in_memory_do_what_the_gate_asks(memory: tuple[Any, Any]) -> None:
    files, code = memory
    released: list[bytes] = []
    yard = files.Yard(lambda data: b"KEY" not in data, released.append)
    yard.names["clean"], yard.names["key"] = files.File(b"nothing"), files.File(b"a KEY")
    passage = code.Passage(files.MemoryFiles(yard))
    for name in ("clean", "key"):
        list(passage.goes_on(passage.seals(name).number))
    assert released == [b"nothing"]
    assert not any(yard.names.values())
    assert not yard.sealed
