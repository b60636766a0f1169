"""The table of places where this interpreter can switch threads, held against where a real thread is seen to stand."""

from __future__ import annotations

import dis
import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType

import pytest

from redactfuzz import Race, explore
from redactfuzz.model.verdict import Label, Verdict
from redactfuzz.threads import _hooks

AFTER_CALL, BACKWARD = _hooks.AFTER_CALL, _hooks.BACKWARD
CALLS = {"PRECALL", "CALL", "CALL_KW", "CALL_FUNCTION_EX"}
SAMPLES = 30_000
"""At most. Each gives the GIL away once, and costs about 0.2 ms."""


Seen = set[tuple[CodeType, int]]
"""(code, instruction) pairs."""


class Thing:
    field = 1

    def __repr__(self) -> str:
        return "<Thing>"


class Plain:
    field = 1


def callee(value: object) -> object:
    return value


def straight(stop: list[int]) -> None:
    """Nothing of this is a place to switch, except the jump back."""
    plain, items, table, text, lock = Plain(), [1, 2, 3], {"a": 1}, "abc", threading.Lock()
    buffer, number = bytearray(8), 0
    while not stop:
        _ = f"{plain!r} {text}"
        _ = [*items]
        _ = {**table}
        _ = "%s" % text  # noqa: UP031
        _ = items[0]
        _ = items == items
        _ = plain.field
        plain.field = 2
        table["k"] = 2
        buffer[0] = 0
        del table["k"]
        number += 1
        with lock:
            pass


def busy(stop: list[int]) -> None:
    """Calls of Python functions, of C functions in every form, loops."""
    items, text = [1, 2, 3], "abc"
    while not stop:
        callee(1)
        callee(value=1)
        int("1")
        text.upper()
        str(*[text])
        sorted(items, key=callee)  # type: ignore[arg-type]
        [callee(item) for item in items]
        for item in items:
            callee(item)
        repr(Thing())


@contextmanager
def running(work: Callable[[list[int]], None]) -> Iterator[int]:
    """``work`` in a thread of its own, which gives up the GIL as often as it can; gives its ident."""
    stop: list[int] = []
    thread = threading.Thread(target=work, args=(stop,), daemon=True)
    interval, collecting = sys.getswitchinterval(), gc.isenabled()
    gc.disable()  # on 3.11 a finalizer that the collector runs is a place to switch too
    sys.setswitchinterval(1e-6)
    thread.start()
    try:
        assert thread.ident is not None
        yield thread.ident
    finally:
        stop.append(1)
        sys.setswitchinterval(interval)
        if collecting:
            gc.enable()
        thread.join(30)
        assert not thread.is_alive()


def sampled(work: Callable[[list[int]], None], enough: Callable[[Seen], bool]) -> Seen:
    """(code, instruction) of the innermost frame, wherever the thread was seen without the GIL."""
    seen: Seen = set()
    with running(work) as ident:
        for sample in range(SAMPLES):
            time.sleep(0)
            frame = sys._current_frames().get(ident)
            if frame is not None and frame.f_code.co_filename == __file__ and frame.f_lasti >= 0:
                place = (frame.f_code, frame.f_lasti // 2)
                # We may have lost the GIL ourselves in between: a frame that has ended tells where it returned.
                if sys._current_frames().get(ident) is frame:
                    seen.add(place)
            if sample % 500 == 499 and sample > 1_000 and enough(seen):
                break
    return seen


def switchable(code: CodeType, index: int) -> str:
    """As what the table lets the interpreter switch while it is at instruction ``index``; empty: it does not.

    ``f_lasti`` is the instruction that is being executed. The table speaks of what comes next: it marks the instruction
    after a call. On 3.11 a call is two instructions, and a specialised one never leaves the first.
    """
    flags = _hooks.classify(code)
    instructions = list(dis.get_instructions(code))
    at = next(i for i, instruction in enumerate(instructions) if instruction.offset == 2 * index)
    if instructions[at].opname == "RESUME":
        return "entry"
    if flags[index][0] & BACKWARD:
        return "backward jump"
    following = instructions[at + 1 :]
    if instructions[at].opname == "PRECALL":
        following = following[1:]
    if instructions[at].opname in CALLS and following and flags[following[0].offset // 2][0] & AFTER_CALL:
        return "call"
    return ""


def kinds(seen: Seen) -> dict[str, int]:
    found = [switchable(code, index) for code, index in seen]
    return {kind: found.count(kind) for kind in found}


def places(seen: Seen) -> list[str]:
    """Where the table is wrong."""
    wrong = []
    for code, index in seen:
        if not switchable(code, index):
            op = next(i for i in dis.get_instructions(code) if i.offset == 2 * index)
            line = op.positions.lineno if op.positions else 0
            wrong.append(f"{code.co_name}:{line} {op.opname} {op.argrepr}")
    return wrong


def test_a_thread_that_calls_is_only_seen_where_the_table_lets_it_switch() -> None:
    def enough(seen: Seen) -> bool:
        found = kinds(seen)
        return found.get("entry", 0) >= 2 and found.get("backward jump", 0) >= 2 and found.get("call", 0) >= 4

    seen = sampled(busy, enough)
    assert places(seen) == []
    assert enough(seen), f"it was not seen often enough to prove anything: {kinds(seen)}"


def test_straight_code_is_only_seen_at_its_jump_back_and_after_with() -> None:
    def enough(seen: Seen) -> bool:
        return {"backward jump", "call"} <= set(kinds(seen))

    seen = sampled(straight, enough)
    assert places(seen) == []
    assert enough(seen), f"it was not seen often enough to prove anything: {kinds(seen)}"
    lines = {next(i for i in dis.get_instructions(code) if i.offset == 2 * at).positions.lineno for code, at in seen}  # type: ignore[union-attr]
    first = straight.__code__.co_firstlineno
    inside = {line - first for line in lines if line}
    assert inside <= {4, 17, 18}, "the loop and the end of the with block"


def test_the_table_has_no_place_in_any_of_the_constructs_that_facts_name() -> None:
    flags = _hooks.classify(straight.__code__)
    first = straight.__code__.co_firstlineno
    wrong = []
    for instruction in dis.get_instructions(straight.__code__):
        line = instruction.positions.lineno if instruction.positions else None
        marked = flags[instruction.offset // 2][0] & (AFTER_CALL | BACKWARD)
        if line is not None and 5 <= line - first <= 16 and marked:
            wrong.append(f"line {line - first}: {instruction.opname}")
    assert wrong == []


class Record:
    def __init__(self, key: str) -> None:
        self.key, self.clean = key, False

    def set_clean(self) -> None:
        self.clean = True

    def set_key(self) -> None:
        self.key = "gone"

    def by_stores(self) -> None:
        self.clean = True
        self.key = "gone"

    def by_calls(self) -> None:
        self.set_clean()
        self.set_key()

    def by_builtins(self) -> None:
        setattr(self, "clean", True)  # noqa: B010
        setattr(self, "key", "gone")  # noqa: B010


def report(race: Race, way: str, by: str) -> None:
    record = Record(race.canary("key").text)
    scrub = race.redactor(lambda r: r.key if r.clean else "[not clean]", bypass=lambda r: r.key)
    race.thread(getattr(record, way))
    race.crash(lambda *_: scrub(record), by=by)  # type: ignore[arg-type]


LABELS = {
    ("by_stores", "watchdog"): Label.FINER,
    ("by_calls", "watchdog"): Label.REACHABLE,
    ("by_builtins", "watchdog"): Label.REACHABLE,
    ("by_stores", "kill"): Label.REACHABLE,
}


@pytest.mark.parametrize(("way", "by"), LABELS)
def test_a_finding_is_labelled_by_whether_this_interpreter_can_switch_there(way: str, by: str) -> None:
    found = explore(lambda race: report(race, way, by), executions=400, seconds=30.0)
    assert found.verdict is Verdict.LEAK, found.reason
    assert found.finding is not None
    assert found.finding.label is LABELS[way, by]



class Gate:
    """One thread opens and closes it; another shows the key for two stores while it is open."""

    def __init__(self, key: str) -> None:
        self.key, self.shown, self.open = key, "", [0]

    def by_stores(self) -> None:
        self.open[0] = 1
        self.open[0] = 0

    def by_builtins(self) -> None:
        self.open.append(1)
        del self.open[1:]

    def shows(self) -> None:
        if any(self.open):
            self.shown = self.key
            self.shown = ""


@pytest.mark.parametrize(("way", "label"), [("by_stores", Label.FINER), ("by_builtins", Label.REACHABLE)])
def test_where_an_outside_dumper_strikes_finely_the_switch_before_it_decides(way: str, label: Label) -> None:
    def opened(race: Race) -> None:
        gate = Gate(race.canary("key").text)
        scrub = race.redactor(lambda key: key[:0])
        race.thread(getattr(gate, way))
        race.thread(gate.shows)
        race.crash(lambda *_: gate.shown or scrub(gate.key), by="kill")

    found = explore(opened, granularity="instructions", executions=2_000, seconds=30.0)
    assert found.finding is not None
    assert (found.verdict, found.finding.label) == (Verdict.LEAK, label)
