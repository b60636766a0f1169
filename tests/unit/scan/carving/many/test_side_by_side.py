"""Searches side by side: what they give comes in order, and nobody who leaves by an interrupt waits for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from redactfuzz.dumps.readers.parallel import beside, in_order


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one nothing is done side by side."""
    monkeypatch.setattr("redactfuzz.dumps.readers.parallel.os.sched_getaffinity", lambda _: {0, 1})


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What a step waits for; the test has ended when it comes."""
    event = threading.Event()
    yield event
    event.set()


def test_an_interrupt_waits_for_no_step_of_what_is_done_beside(never: threading.Event) -> None:
    begun = threading.Event()

    def work() -> Iterator[int]:
        begun.set()
        never.wait()
        yield 1

    def interrupted() -> None:
        with beside(work()):
            assert begun.wait(60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()


def test_an_interrupt_waits_for_no_part(never: threading.Event) -> None:
    def search(part: int) -> int:
        if part:
            never.wait()
        return part

    found = in_order(search, range(4))
    assert next(found) == 0
    with pytest.raises(KeyboardInterrupt):
        found.throw(KeyboardInterrupt)


def test_what_is_done_beside_is_given_whole_and_its_fault_is_raised() -> None:
    with beside(iter(range(9))) as result:
        pass_on = result()
    assert list(pass_on) == list(range(9))

    def fails() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    with beside(fails()) as result, pytest.raises(ZeroDivisionError):
        result()


def test_parts_come_in_their_order() -> None:
    assert list(in_order(lambda part: part * 2, range(20))) == list(range(0, 40, 2))
