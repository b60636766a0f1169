"""What announces nothing beforehand: ``redactfuzz check`` goes by what it touches, or takes it to touch everything."""

from __future__ import annotations

import json
from collections.abc import Callable

from core_model import EventKind, Flag
from trees import Line, certificate, why_rejected

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.engine import Act, Choice, Engine
from redactfuzz.schedule.record import record_of

TOLD = int(lib.RF_OBJECT_TOLD)
CRASH = 2


def tree(begin: Callable[[Engine], None], does: Callable[[Engine, Choice, dict[int, int]], None]) -> list[Line]:
    """Of what ``begin`` announces, where ``does`` follows each choice; and how often each thread was chosen before."""
    engine, text = Engine((Stage(Policy.DPOR, proof=True),), 0, threads=8, steps=100), b""
    while engine.begin():
        times: dict[int, int] = {}
        begin(engine)
        while (choice := engine.choose()).action is not Act.NOTHING:
            own = choice.trigger if choice.action is Act.FIRE else choice.thread
            does(engine, choice, times)
            times[own] = times.get(own, 0) + 1
        engine.end()
        text += record_of(engine)
    assert engine.report(0).exhausted
    return [json.loads(line) for line in text.splitlines()]


def crashing(flags: Flag, touches: bool, wanted: int = TOLD) -> list[Line]:
    """A thread writes twice, a crash that tells what it touches reads once, if it ``touches`` anything."""

    def begin(engine: Engine) -> None:
        engine.pend(0, site=1, kind=EventKind.WRITE, object=1)
        engine.pend(CRASH, site=3, kind=EventKind.CRASH, object=wanted, flags=flags)

    def does(engine: Engine, choice: Choice, times: dict[int, int]) -> None:
        if choice.action is Act.FIRE:
            if touches:
                engine.touch(CRASH, kind=EventKind.READ, object=1)
            if choice.thread == 0:
                engine.pend(0, site=4, kind=EventKind.WRITE, object=1)
        elif times.get(0, 0) < 1:
            engine.pend(0, site=2, kind=EventKind.WRITE, object=1)

    return tree(begin, does)


def leaves(lines: list[Line]) -> int:
    return sum("leaf" in line for line in lines)


def test_a_crash_with_a_thread_of_its_own_touches_what_it_tells() -> None:
    reads, nothing = crashing(Flag.NONE, touches=True), crashing(Flag.NONE, touches=False)
    assert [leaves(reads), leaves(nothing)] == [3, 1]
    assert why_rejected(certificate(reads)) == why_rejected(certificate(nothing)) == ""
    crash = next(number for number, line in enumerate(nothing) if line.get("how") == 3)
    read = [line | {"touched": [*line["touched"], [1, 0, 0, 0, 0, 0]]} for line in nothing[crash : crash + 1]]
    assert "was to be explored" in why_rejected(certificate([*nothing[:crash], *read, *nothing[crash + 1 :]]))


def test_a_crash_that_strikes_others_touches_everything_whatever_it_announces() -> None:
    lines = crashing(Flag.STRIKE, touches=False, wanted=0)  # any thread
    assert any(line.get("how") == 3 and line["on"] != line["by"] for line in lines)
    assert why_rejected(certificate(lines)) == ""
    untold = [line | {"told": [words[:4] if words[2] == 3 else words for words in line["told"]]} for line in lines]
    assert why_rejected(certificate(untold)) == ""
    less = [line | {"touched": []} if line.get("how") == 3 else line for line in untold]
    assert "a crash has not touched everything" in why_rejected(certificate(less))


def test_who_waits_for_what_nobody_knows_waits_for_everything() -> None:
    def begin(engine: Engine) -> None:
        engine.pend(0, site=1, kind=EventKind.WRITE, object=1)
        engine.pend(1, site=2, kind=EventKind.WRITE, object=2)

    def does(engine: Engine, choice: Choice, times: dict[int, int]) -> None:
        if choice.thread == 1 and not times.get(1):
            engine.block(1, site=3, kind=EventKind.WRITE, object=TOLD)

    lines = tree(begin, does)
    assert leaves(lines) == 2  # what it would do could race with what the other does
    assert why_rejected(certificate(lines)) == ""
    last = max(number for number, line in enumerate(lines) if line.get("step") == 0)
    assert "was to be explored" in why_rejected(certificate(lines[:last]))


def test_what_was_met_late_may_be_anything_that_was_met_late_elsewhere() -> None:
    """Two threads each make a thing of their own, which is number 6 for whoever comes first: it is not the same one."""

    def begin(engine: Engine) -> None:
        core = ffi.cast("rf_core *", engine.address)
        lib.rf_named(core, 5)
        engine.pend(0, site=1, kind=EventKind.WRITE, object=TOLD)
        engine.pend(1, site=2, kind=EventKind.WRITE, object=TOLD)
        met.clear()

    met: list[int] = []

    def does(engine: Engine, choice: Choice, times: dict[int, int]) -> None:
        met.append(choice.thread)
        engine.touch(choice.thread, kind=EventKind.WRITE, object=5 + len(met))
        engine.touch(choice.thread, kind=EventKind.WRITE, object=1)
        lib.rf_named(ffi.cast("rf_core *", engine.address), 5 + len(met))

    lines = tree(begin, does)
    assert [line["named"] for line in lines] == [5, 6, 7, 6, 7]
    assert why_rejected(certificate(lines)) == ""
