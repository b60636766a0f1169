"""A reduction sees what methods in Python do that an operator, a loop, an attribute or a call of a class runs.

Each body comes out as under every schedule, with one schedule of each class.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from both_ways import both

from redactfuzz import Race


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are kept in a folder of the test."""
    monkeypatch.chdir(tmp_path)


SHARED: list[Any] = []
"""What the methods of the classes below look at, and change."""


class Number(int):
    """Hashed and compared as an int, and written otherwise."""

    def __repr__(self) -> str:
        return f"number {len(SHARED)}"


class Odd(int):
    """Compared by code of its own."""

    def __eq__(self, other: object) -> bool:
        SHARED.append("compared")
        return int(self) == other

    __hash__ = int.__hash__


class Added:
    """Its operators change what is shared."""

    def __add__(self, other: object) -> str:
        SHARED.append("add")
        return "added"

    def __radd__(self, other: object) -> str:
        SHARED.append("radd")
        return "added"

    def __iadd__(self, other: object) -> Added:
        SHARED.append("iadd")
        return self


class Refuses(Added):
    """It asks the other side."""

    def __add__(self, other: object) -> Any:
        SHARED.append("refused")
        return NotImplemented


class Items:
    """A sequence that only has items."""

    def __getitem__(self, index: int) -> object:
        return SHARED[index]


class Meta(type):
    """Its classes are made by code of their own, and miss attributes so."""

    def __call__(cls, *args: object) -> object:
        SHARED.append("made")
        return super().__call__()

    def __getattr__(cls, name: str) -> int:
        return len(SHARED)


class Made(metaclass=Meta):
    """Of such a metaclass."""


class Lazy:
    """What is not there is made up."""

    def __getattr__(self, name: str) -> int:
        SHARED.append(name)
        return len(SHARED)


class Descriptor:
    """One with code, for reading and for writing."""

    def __get__(self, of: object, kind: object = None) -> int:
        SHARED.append("got")
        return len(SHARED)

    def __set__(self, of: object, value: object) -> None:
        SHARED.append(value)


class Described:
    """It has such an attribute."""

    value = Descriptor()


class Level(enum.IntFlag):
    """As those of `re` are."""

    NONE = 0
    LOW = 1
    HIGH = 2
    BOTH = 3


PATTERN = re.compile("a")


@attrs.define(eq=False)
class Box:
    """What the threads of a body share."""

    log: list[Any] = attrs.field(factory=list)
    data: bytearray = attrs.field(factory=lambda: bytearray(4))
    numbers: set[int] = attrs.field(factory=lambda: {Number(1), Number(2)})
    number: Number = attrs.field(factory=lambda: Number(3))
    level: Level = Level.LOW


def fills(box: Box) -> None:
    SHARED.append(7)


def counts(box: Box) -> None:
    box.log.append(len(SHARED))


def compares_number(box: Box) -> None:
    box.log.append((Number(2) in box.numbers, repr(box.number)))


def compares_odd(box: Box) -> None:
    box.log.append(Odd(2) in [1, 2])


def adds(box: Box) -> None:
    box.log.append(Added() + 1)


def adds_reflected(box: Box) -> None:
    box.log.append(1 + Added())  # type: ignore[operator]


def adds_in_place(box: Box) -> None:
    it = Added()
    it += 1
    box.log.append("in place")


def adds_refused(box: Box) -> None:
    box.log.append(Refuses() + Added())


def goes_through(box: Box) -> None:
    for each in Items():  # type: ignore[attr-defined]
        box.log.append(each)


def makes(box: Box) -> None:
    box.log.append(type(Made()).__name__)


def misses_of_class(box: Box) -> None:
    box.log.append(Made.missing)  # type: ignore[attr-defined]


def misses(box: Box) -> None:
    box.log.append(Lazy().missing)


def reads_described(box: Box) -> None:
    box.log.append(Described().value)


def writes_described(box: Box) -> None:
    Described().value = 5


def adds_level(box: Box) -> None:
    box.level |= Level.HIGH


def asks_level(box: Box) -> None:
    box.log.append(box.level.value)


def names_number(box: Box) -> None:
    box.number.name = "name"  # type: ignore[attr-defined]


def asks_number(box: Box) -> None:
    box.log.append(getattr(box.number, "name", "none"))


def writes_bytes(box: Box) -> None:
    box.data[1] = 1


def finds_byte(box: Box) -> None:
    box.log.append((box.data.find(1), box.data[1]))


def substitutes(box: Box) -> None:
    box.log.append(PATTERN.sub("b", f"a{len(SHARED)}"))


def substitutes_by_code(box: Box) -> None:
    box.log.append(PATTERN.sub(lambda found: str(len(SHARED)), "aa"))


def asks_kind(box: Box) -> None:
    box.log.append((isinstance(box.level, Level), issubclass(Level, int), isinstance(box, (Level, Made))))


PAIRS: list[tuple[Callable[[Box], None], Callable[[Box], None]]] = [
    (compares_number, fills),
    (compares_odd, counts),
    (adds, counts),
    (adds_reflected, counts),
    (adds_in_place, counts),
    (adds_refused, counts),
    (goes_through, fills),
    (makes, counts),
    (misses_of_class, fills),
    (misses, counts),
    (reads_described, counts),
    (writes_described, counts),
    (adds_level, asks_level),
    (names_number, asks_number),
    (writes_bytes, finds_byte),
    (substitutes, fills),
    (substitutes_by_code, fills),
    (asks_kind, fills),
]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[f"{one.__name__}-{other.__name__}" for one, other in PAIRS])
def test_what_methods_in_python_do_is_seen(one: Callable[[Box], None], other: Callable[[Box], None]) -> None:
    def body(race: Race) -> None:
        SHARED.clear()
        box = Box()
        race.thread(one, box, name="one")
        race.thread(other, box, name="other")
        race.crash(lambda: repr((SHARED, box.log)))

    assert both(body, crash_last=True)[0] > 1
