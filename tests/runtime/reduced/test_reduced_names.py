"""A name that the program makes, ``vars()``, and an iterator of a variable: what they touch is known, and no more.

Each pair comes out as under every schedule. Pairs that have nothing to do with one another have one class.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from both_ways import both
from driving import run

from redactfuzz import Race
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.threads import _hooks

WRITTEN = 0
"""A global of this module."""


class Slots:
    """With one slot, and an attribute that is looked up by code."""

    __slots__ = ("first",)

    def __init__(self) -> None:
        self.first = 0


@attrs.define(slots=False)
class Box:
    """What two threads share."""

    first: int = 0
    second: int = 0
    slots: Slots = attrs.field(factory=Slots)
    items: list[int] = attrs.field(factory=lambda: [1, 2])
    iterator: Iterator[int] = attrs.field(factory=lambda: iter((1, 2, 3)))
    log: list[Any] = attrs.field(factory=list)

    @property
    def both(self) -> int:
        self.log.append("asked")
        return self.first + self.second


def made(name: str) -> str:
    """The same text, which no source has in whole."""
    return f"{name[:2]}{name[2:]}"


def sets_made(box: Box) -> None:
    setattr(box, made("first"), 1)


def sets_made_to_2(box: Box) -> None:
    setattr(box, made("first"), 2)


def deletes_made(box: Box) -> None:
    delattr(box, made("first"))


def sets(box: Box) -> None:
    box.first = 3


def gets_made(box: Box) -> None:
    box.log.append(getattr(box, made("first"), "none"))


def gets(box: Box) -> None:
    box.log.append(box.first)


def sets_made_slot(box: Box) -> None:
    setattr(box.slots, made("first"), 1)


def gets_slot(box: Box) -> None:
    box.log.append(box.slots.first)


def gets_made_property(box: Box) -> None:
    box.log.append(getattr(box, made("both")))


def sets_by_vars(box: Box) -> None:
    vars(box)["first"] = 4


def lists_vars(box: Box) -> None:
    box.log.append(list(vars(box)))


def adds_made(box: Box) -> None:
    setattr(box, made("third"), 5)


def writes_global(box: Box) -> None:
    global WRITTEN
    WRITTEN = 1


def reads_by_globals(box: Box) -> None:
    box.log.append(globals()["WRITTEN"])


def reads_by_vars_of_module(box: Box) -> None:
    box.log.append(vars(sys.modules[__name__])["WRITTEN"])


def nexts_own(box: Box) -> None:
    own = iter(box.items)
    next(own)
    box.log.append(next(own))


def goes_on_with_own(box: Box) -> None:
    own = iter(box.items)
    for each in own:
        box.log.append(each)
        break


def nexts_shared(box: Box) -> None:
    shared = box.iterator
    box.log.append(next(shared))


def loops_over_shared(box: Box) -> None:
    shared = box.iterator
    for each in shared:
        box.log.append(each)


def puts(box: Box) -> None:
    box.items[1] = 7


PAIRS = [
    (sets_made, sets_made_to_2),
    (sets_made, gets),
    (gets_made, sets),
    (deletes_made, gets_made),
    (sets_made_slot, gets_slot),
    (gets_made_property, sets),
    (gets_made_property, gets),
    (sets_by_vars, gets),
    (lists_vars, adds_made),
    (writes_global, reads_by_globals),
    (writes_global, reads_by_vars_of_module),
    (nexts_own, puts),
    (goes_on_with_own, puts),
    (nexts_shared, nexts_shared),
    (nexts_shared, loops_over_shared),
]
Work = Callable[[Box], None]


def racing(one: Work, other: Work) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        global WRITTEN
        WRITTEN = 0
        box = Box()
        race.thread(one, box, name="one")
        race.thread(other, box, name="other")
        race.crash(lambda: repr((box.first, box.slots.first, box.log, WRITTEN)))

    return body


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[f"{one.__name__}-{other.__name__}" for one, other in PAIRS])
def test_it_comes_out_as_under_every_schedule(one: Work, other: Work) -> None:
    assert both(racing(one, other), crash_last=True)[0] > 1


ELSEWHERE: list[Work] = [sets_made, gets_made, sets_by_vars, reads_by_globals, reads_by_vars_of_module, nexts_own]


@pytest.mark.parametrize("work", [pytest.param(work, id=work.__name__) for work in ELSEWHERE])
def test_who_does_so_elsewhere_is_in_nobodys_way(work: Work) -> None:
    """Two threads with a box each."""

    def body(race: Race) -> None:
        race.thread(work, Box())
        race.thread(work, Box())
        race.crash(lambda: "dump")

    assert both(body, crash_last=True)[0] == 1


TELLS = sys.version_info >= (3, 13)
"""The interpreter tells of the death of what has no weak references: a shared iterator is known by its number."""


@pytest.mark.parametrize(("work", "known"), [(gets_made, True), (gets_made_property, False), (nexts_shared, TELLS)])
def test_what_is_not_known_is_said(work: Work, known: bool) -> None:
    run(racing(work, work), (Stage(Policy.DPOR, Granularity.SWITCHES),))
    assert (not {"builtins.getattr", "builtins.next"} & {name for _, name in _hooks.unknown_touched()}) is known
