"""A reduction sees what a generator does for C code that takes all of it, and what becomes of its values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from both_ways import both
from driving import run

from redactfuzz import Race
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.threads import _hooks


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are kept in a folder of the test."""
    monkeypatch.chdir(tmp_path)


class Truth:
    """Asked whether it is true, it looks at what is shared."""

    def __init__(self, box: Box) -> None:
        self.box = box

    def __bool__(self) -> bool:
        return len(self.box.more) > 1


@attrs.define(eq=False)
class Box:
    """What the threads of a body share."""

    items: list[Any] = attrs.field(factory=lambda: ["a", "b"])
    more: list[Any] = attrs.field(factory=lambda: ["b"])
    log: list[Any] = attrs.field(factory=list)
    kept: Iterator[Any] = attrs.field(factory=lambda: iter(()))
    page: bytearray = attrs.field(factory=lambda: bytearray(b"ab"))


def adds(box: Box) -> None:
    box.more.append("c")


def fills(box: Box) -> None:
    box.page[1] = 7


def shares(box: Box) -> None:
    box.log.append(list(box.kept))


def finds_any(box: Box) -> None:
    box.log.append(any(each in box.more for each in box.items))


def finds_all(box: Box) -> None:
    box.log.append(all(each in box.more for each in ("b", "c")))


def joins(box: Box) -> None:
    box.log.append(",".join(f"{each}{len(box.more)}" for each in box.items))


def sums(box: Box) -> None:
    box.log.append(sum(one * other for one, other in zip(b"xy", box.page, strict=False)))


def lists(box: Box) -> None:
    box.log.append(list(len(box.more) for _ in box.items))  # noqa: C400


def within(box: Box) -> None:
    box.log.append(sorted(sum(len(box.more) for _ in "ab") for _ in box.items))


def truths(box: Box) -> None:
    box.log.append(any(Truth(box) for _ in "ab"))


def lengths(box: Box) -> None:
    """Whether a list is true is a matter of what others put into it."""
    box.log.append(all(each for each in (box.items, box.more)))


def empties(box: Box) -> None:
    box.more.clear()


def fails(box: Box) -> None:
    def numbers() -> Iterator[int]:
        yield len(box.more)
        raise ValueError(len(box.more))

    try:
        box.log.append(sum(numbers()))
    except ValueError as error:
        box.log.append(error.args)


def delegates(box: Box) -> None:
    def inner() -> Iterator[int]:
        yield from (len(box.more) for _ in "ab")

    box.log.append(tuple(inner()))


def calls_back(box: Box) -> None:
    box.log.append(any(map(box.more.__contains__, box.items)))


def starts_sharing(box: Box) -> None:
    box.kept = (len(box.more) for _ in "abc")
    box.log.append(list(box.kept))


CASES: list[tuple[Callable[[Box], None], Callable[[Box], None]]] = [
    (finds_any, adds),
    (finds_all, adds),
    (joins, adds),
    (sums, fills),
    (lists, adds),
    (within, adds),
    (truths, adds),
    (lengths, empties),
    (fails, adds),
    (delegates, adds),
    (calls_back, adds),
    (starts_sharing, shares),
]


@pytest.mark.parametrize(("one", "other"), CASES, ids=[f"{one.__name__}-{other.__name__}" for one, other in CASES])
def test_what_a_generator_does_for_c_code_is_seen(one: Callable[[Box], None], other: Callable[[Box], None]) -> None:
    def body(race: Race) -> None:
        box = Box()
        race.thread(one, box, name="one")
        race.thread(other, box, name="other")
        race.crash(lambda: repr(box.log))

    assert both(body, crash_last=True)[0] > 1


@pytest.mark.parametrize("work", [finds_any, joins, sums, within, lists])
def test_it_is_no_step_that_touches_everything(work: Callable[[Box], None]) -> None:
    def body(race: Race) -> None:
        box = Box()
        race.thread(work, box)
        race.thread(lambda: Box().more.append(1))
        race.crash(lambda: "dump")

    ran = run(body, (Stage(Policy.DPOR, Granularity.SWITCHES),), executions=50, crash_last=True)
    assert ran.exhausted
    assert not _hooks.unknown_touched()
    assert len(ran.outcomes) == 1
