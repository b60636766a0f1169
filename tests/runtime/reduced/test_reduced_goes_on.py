"""A reduction sees what C code does after code in Python that it ran, and what is done by another way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from both_ways import both
from driving import run

from redactfuzz import Race
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are kept in a folder of the test."""
    monkeypatch.chdir(tmp_path)


class Refuses(set):  # type: ignore[type-arg]
    """Its operators leave it to the builtin type."""

    def __or__(self, other: object) -> Any:
        return NotImplemented

    def __sub__(self, other: object) -> Any:
        return NotImplemented

    def __ror__(self, other: object) -> Any:
        return NotImplemented


class RefusesItems(list):  # type: ignore[type-arg]
    """As above."""

    def __radd__(self, other: object) -> Any:
        return NotImplemented


class Holds:
    """What it contains is a list that others change."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __contains__(self, key: object) -> Any:
        return self.items


class Config:
    """A class as a namespace."""

    first = 1


class Box:
    """What the threads of a body share."""

    def __init__(self) -> None:
        self.names: set[str] = {"a"}
        self.refuses = Refuses("b")
        self.items: list[Any] = []
        self.more: dict[str, Any] = {}
        self.log: list[Any] = []
        self.page = bytearray(b"abcd")
        self.view: Any = None
        self.found = re.match(b"(a)", self.page)
        self.kept: Iterator[int] = iter(())


class Asks:
    """An attribute that is missing is looked up by C code, in what others change."""

    __slots__ = ("missing",)
    table: dict[str, Any] = {}  # noqa: RUF012
    __getattr__ = table.get


def names_an(box: Box) -> None:
    box.names.add("c")


def joins_sets(box: Box) -> None:
    box.log.append(sorted(box.refuses | box.names))


def takes_from_set(box: Box) -> None:
    box.refuses -= box.names
    box.log.append(len(box.refuses))


def grows_set(box: Box) -> None:
    names = box.names
    names |= box.refuses


def counts_names(box: Box) -> None:
    box.log.append(len(box.names))


def joins_lists(box: Box) -> None:
    box.log.append(box.items + RefusesItems([1]))


def adds_item(box: Box) -> None:
    box.items.append(2)


def asks_for(box: Box) -> None:
    box.log.append("x" in Holds(box.items))


def writes_page(box: Box) -> None:
    box.page[0:2] = box.items


def fills_page(box: Box) -> None:
    box.page[0] = 66


def shows_match(box: Box) -> None:
    assert box.found is not None
    box.log.append(box.found.group(1))


def configures(box: Box) -> None:
    Config.first = 2


def shows_config(box: Box) -> None:
    box.log.append([value for name, value in vars(Config).items() if name == "first"])


def asks_missing(box: Box) -> None:
    box.log.append(Asks().missing)  # type: ignore[attr-defined]


def fills_table(box: Box) -> None:
    Asks.table["missing"] = 1


PAIRS: list[tuple[Callable[[Box], None], Callable[[Box], None]]] = [
    (joins_sets, names_an),
    (takes_from_set, names_an),
    (grows_set, counts_names),
    (joins_lists, adds_item),
    (asks_for, adds_item),
    (writes_page, adds_item),
    (shows_match, fills_page),
    (shows_config, configures),
    (asks_missing, fills_table),
]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[f"{one.__name__}-{other.__name__}" for one, other in PAIRS])
def test_what_follows_is_seen(one: Callable[[Box], None], other: Callable[[Box], None]) -> None:
    def body(race: Race) -> None:
        box = Box()
        Config.first = 1
        Asks.table.clear()
        race.thread(one, box, name="one")
        race.thread(other, box, name="other")
        race.crash(lambda: repr((sorted(box.names), box.page, box.log)))

    assert both(body, crash_last=True)[0] > 1


def numbers() -> Iterator[int]:
    for number in range(2):
        abs(number)
        yield number


def goes_on(box: Box) -> None:
    try:
        box.log.append(list(box.kept))
    except ValueError:
        box.log.append("it runs already")


def drops(box: Box) -> None:
    for number in box.kept:
        box.log.append(number)
        break
    box.kept = iter(())


def forgets_view(box: Box) -> None:
    box.view = None


def resizes(box: Box) -> None:
    try:
        box.page.append(1)
    except BufferError:
        box.log.append("refused")


@pytest.mark.parametrize(
    ("one", "other"), [(goes_on, goes_on), (drops, goes_on), (forgets_view, resizes)], ids=["runs", "last", "view"]
)
def test_who_has_it_and_whether_it_runs_is_seen(one: Callable[[Box], None], other: Callable[[Box], None]) -> None:
    """A generator that two go through, and the last view of a buffer."""

    def body(race: Race) -> None:
        box = Box()
        box.kept = numbers()
        if one is forgets_view:
            box.view = memoryview(box.page)
        race.thread(one, box, name="one")
        race.thread(other, box, name="other")
        race.crash(lambda: repr(box.log))

    assert both(body, crash_last=True)[0] > 1


@pytest.mark.parametrize("depth", [60, 100_000])
def test_tuples_without_end_are_no_hang(depth: int) -> None:
    """Of one the same tuple is in it twice, at each depth; the other is very deep."""
    held: Any = ("x",)
    for _ in range(depth):
        held = (held, held) if depth == 60 else (held,)

    def body(race: Race) -> None:
        def asks() -> None:
            if held:
                race.dump("there")

        race.thread(asks)

    ran = run(body, (Stage(Policy.DPOR, Granularity.SWITCHES),), executions=10)
    assert ran.exhausted
    assert not [bug for bug in ran.bugs if bug.kind is BugKind.HANG]
