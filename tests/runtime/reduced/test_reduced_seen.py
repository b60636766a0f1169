"""What others do, and what dies, is seen by a reduction: each body comes out as under every schedule."""

from __future__ import annotations

import copy
import gc
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
from both_ways import both

from redactfuzz import Race, Verdict, explore, scenario
from redactfuzz.model.schedule import Granularity


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are kept in a folder of the test."""
    monkeypatch.chdir(tmp_path)


@attrs.define(eq=False)
class Box:
    """What the threads of a body share."""

    items: list[Any] = attrs.field(factory=lambda: ["a", "b", "c"])
    more: list[Any] = attrs.field(factory=list)
    log: list[Any] = attrs.field(factory=list)
    held: Any = None
    kept: Any = None
    iterator: Iterator[int] = attrs.field(factory=lambda: iter([1, 2, 3]))


Threads = tuple[Callable[[Box], object], Callable[[Box], object]]


def deletes(box: Box) -> None:
    del box.items[0]


def looks(box: Box) -> None:
    box.log.append(box.items[1])


def stores_slice(box: Box) -> None:
    box.items[slice(0, 1)] = box.more


def advances(box: Box) -> None:
    box.log.append(next(box.iterator))


def drops(box: Box) -> None:
    box.held = None


def counts(box: Box) -> None:
    box.more.append(len(box.log))


def with_callback(box: Box) -> None:
    box.held = Box()
    box.kept = weakref.ref(box.held, box.log.append)


def with_finalizer(box: Box) -> None:
    box.held = type("Ends", (), {"__del__": staticmethod(box.log.clear)})()
    box.log.append("there")


class Told:
    """Writes down that it dies."""

    def __init__(self, log: list[Any]) -> None:
        self.log = log

    def __del__(self) -> None:
        self.log.append("dead")


def returns(box: Box) -> Told:
    return Told(box.log)


def with_exception(box: Box) -> None:
    box.held = ValueError("shared")


def raises_while(kind: type[Exception]) -> Callable[[Box], None]:
    def raises(box: Box) -> None:
        try:
            try:
                raise kind
            except kind:
                abs(0)
                raise box.held from None
        except ValueError:
            pass

    return raises


def shown(box: Box) -> str:
    context = getattr(box.held, "__context__", None)
    items = [each if isinstance(each, (str, int)) else type(each).__name__ for each in box.items + box.more + box.log]
    return f"{items} {type(context).__name__}"


BODIES: dict[str, tuple[Callable[[Box], None] | None, Threads]] = {
    "an item behind one that is deleted": (None, (deletes, looks)),
    "what a slice is given": (None, (stores_slice, lambda box: box.more.append(1))),
    "an iterator that both advance": (None, (advances, advances)),
    "a callback that is C code": (with_callback, (drops, counts)),
    "a finalizer that is C code": (with_finalizer, (drops, counts)),
    "what a thread returns": (None, (returns, counts)),
    "an exception that both raise": (with_exception, (raises_while(KeyError), raises_while(OSError))),
}


@pytest.mark.parametrize("name", BODIES)
def test_it_comes_out_as_under_every_schedule(name: str) -> None:
    begins, threads = BODIES[name]

    def body(race: Race) -> None:
        box = Box()
        if begins is not None:
            begins(box)
        for work in threads:
            race.thread(work, box)
        race.crash(lambda: shown(box))

    finest = Granularity.SWITCHES if begins is with_exception else Granularity.INSTRUCTIONS
    few, many = both(body, finest, crash_last=True)
    assert 1 < few <= many + 2  # those in which it is noticed


def crossed(race: Race) -> None:
    first, second = threading.Lock(), threading.Lock()

    def work(one: threading.Lock, other: threading.Lock) -> None:
        with one, other:
            pass

    race.thread(work, first, second)
    race.thread(work, second, first)
    race.crash(lambda: "dump")


def fails(race: Race) -> None:
    box = Box()

    def work() -> None:
        box.log.append(1)
        raise ValueError

    race.thread(work)
    race.thread(work)
    race.crash(lambda: str(len(box.log)))


def allowed(race: Race, *, right: bool) -> None:
    key = race.canary("key")
    text = key.text
    mask = race.redactor(lambda line: line.replace(text, "[key]"))

    def uses() -> None:
        key.allow()
        if right:
            race.dump(text)
        abs(0)
        key.forbid()

    race.thread(uses)
    race.thread(lambda: race.dump(mask(text) if right else text))


@pytest.mark.parametrize(("right", "verdict"), [(False, Verdict.LEAK), (True, Verdict.PROVED)])
def test_who_hands_a_dump_over_and_who_forbids_a_secret_depend_on_one_another(right: bool, verdict: Verdict) -> None:
    @scenario
    def body(race: Race) -> None:
        allowed(race, right=right)

    report = explore(body, strategy="dpor", seconds=60.0)
    assert report.verdict is verdict, report.reason


@pytest.mark.parametrize("body", [crossed, fails])
def test_what_threads_would_do_after_a_crash_is_known(body: Callable[[Race], None]) -> None:
    few, many = both(body)
    assert 1 < few < many


@pytest.mark.parametrize("others", [1, 5])
def test_private_steps_beside_a_handler_cost_no_execution(others: int) -> None:
    """However long another thread is that touches nothing of what the handler reads."""

    def body(race: Race) -> None:
        box = Box()

        def works() -> None:
            for number in range(others):
                abs(number)

        race.thread(works)
        race.thread(lambda: box.log.append(1))
        race.crash(lambda: str(box.log))

    assert both(body)[0] == 2


def three_looks(race: Race, *, right: bool) -> None:

    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def reports() -> None:
        first, masked = time.monotonic(), mask(key.text)
        second = time.monotonic()
        third = time.monotonic()
        race.dump(key.text if not right and second - first > 0.5 > third - second else masked)

    race.thread(reports)


@pytest.mark.parametrize(("right", "verdict"), [(False, Verdict.LEAK), (True, Verdict.PROVED)])
def test_a_machine_stalls_before_any_of_three_looks_at_a_clock(right: bool, verdict: Verdict) -> None:
    @scenario
    def body(race: Race) -> None:
        three_looks(race, right=right)

    report = explore(body, strategy="dpor", seconds=60.0)
    assert report.verdict is verdict, report.reason
    assert (report.finding is None) is right
    assert report.finding is None or Path(report.finding.repro).read_text().count('"stalls_at": 2') == 1


def copies(box: Box) -> None:
    box.log.append(copy.copy(box.held).more)


def asks(box: Box) -> None:
    box.log.append(isinstance(box.held, Mapping))


@pytest.mark.parametrize("work", [copies, asks])
def test_copies_and_questions_for_an_abstract_class_are_known(work: Callable[[Box], object]) -> None:
    """Beside somebody who touches nothing of it they cost nothing; who stores an attribute beside them is seen."""

    def body(race: Race, *, stores: bool) -> None:
        box = Box(held=Plain())
        work(box)  # what a class is asked for the first time is looked up by code

        def other() -> None:
            if stores:
                box.held.more = 2

        race.thread(work, box)
        race.thread(other)
        race.crash(lambda: shown(box) if stores else "dump")

    assert both(partial(body, stores=False), crash_last=True)[0] == 1
    both(partial(body, stores=True), crash_last=True)


class Plain:
    """Whose attributes lie in a dictionary."""

    def __init__(self) -> None:
        self.more = 1


def test_what_is_taken_to_touch_everything_stands_in_the_way_by_its_name() -> None:
    @scenario
    def body(race: Race) -> None:
        key = race.canary("key").text
        mask = race.redactor(lambda line: line.replace(key, "[key]"))

        def works() -> None:
            for _ in range(5):
                zlib.crc32(b"x")

        race.thread(works)
        race.thread(works)
        race.crash(lambda: mask(key))

    report = explore(body, executions=300)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert report.certificate is not None
    assert any(line.startswith("zlib.crc32 at ") for line in report.certificate.obstacles)


class Base:
    """What is let go of, or its class is."""


def references(seen: weakref.ref[Any]) -> object:
    return seen() is None


def counted(seen: weakref.ref[Any]) -> object:
    held = seen()
    return None if held is None else len(gc.get_referrers(held))


def subclasses(seen: weakref.ref[Any]) -> object:
    return len(Base.__subclasses__())


@pytest.mark.parametrize("asks", [references, counted, subclasses])
@pytest.mark.parametrize("called", ["argument", "closure", "result"])
def test_who_asks_what_is_alive_is_told_what_threads_have_let_go_of_at_their_ends(
    asks: Callable[[weakref.ref[Any]], object], called: str
) -> None:
    """It was put off to the end of an execution: what the first thread had held was alive in all schedules."""

    def body(race: Race) -> None:
        log: list[object] = []
        held: Any = type("Sub", (Base,), {})
        held = held if asks is subclasses else held()
        seen = weakref.ref(held)
        works: dict[str, Callable[[], None]] = {
            "argument": partial(race.thread, lambda mine: None, held),
            "closure": partial(race.thread, lambda mine=held: None),
            "result": partial(race.thread, [held].pop),
        }
        works.pop(called)()
        works.clear()
        del held
        race.thread(lambda: log.append(asks(seen)))
        race.crash(lambda: str(log))

    few, many = both(body)
    assert few < many


def test_a_finalizer_is_noticed_where_somebody_asks_what_is_alive() -> None:
    def body(race: Race) -> None:
        log: list[object] = []

        class Last:
            def __del__(self) -> None:
                log.append(len(log))

        held = Last()
        seen = weakref.ref(held)
        race.thread(lambda mine: None, held)
        race.thread([held].pop)
        del held
        race.thread(lambda: log.append(seen() is None))
        race.crash(lambda: str(log), by="kill")

    both(body, crash_last=True)
