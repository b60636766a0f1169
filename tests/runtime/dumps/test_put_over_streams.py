"""A stream of the program in the place of stderr is left there: one that redacts is part of the redaction."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driving import run

from redactfuzz import Race, Report, Verdict, explore
from redactfuzz.threads.output.placed import below, is_of_the_program

SECRETS: list[str] = []


def scrubbed(text: str) -> str:
    for secret in SECRETS:
        text = text.replace(secret, "[gone]")
    return text


class Scrubber:
    """Hands on to what it was made with."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def write(self, text: str) -> int:
        """As a stream."""
        return int(self.inner.write(scrubbed(text)))

    def flush(self) -> None:
        """As a stream."""
        self.inner.flush()


class Delegating(Scrubber):
    """Has all else of it as well, its descriptor among that."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class Slots:
    """Keeps it in a slot, below another, and in a list."""

    __slots__ = ("inner",)

    def __init__(self, inner: Any) -> None:
        self.inner = [Scrubber(inner)]

    def write(self, text: str) -> int:
        """As a stream."""
        return self.inner[0].write(text)

    def flush(self) -> None:
        """As a stream."""


class Text(io.TextIOWrapper):
    """Is one of the interpreter's, but for what it writes."""

    def write(self, text: str) -> int:
        """As a stream."""
        return super().write(scrubbed(text))


KINDS: dict[str, Callable[[Any], Any]] = {
    "hands on": Scrubber,
    "delegates": Delegating,
    "in a slot": Slots,
    "two": lambda inner: Scrubber(Delegating(inner)),
    "of the interpreter's class": lambda inner: Text(inner.buffer, write_through=True),
    "on a descriptor of its own": lambda inner: Text(io.FileIO(os.dup(2), "w"), write_through=True),
    "in memory": lambda inner: Scrubber(io.StringIO()),
}


@contextlib.contextmanager
def placed(kind: str) -> Iterator[None]:
    """One of them in the place of stderr, and still there afterwards. (Pytest takes away what a fixture puts there.)"""
    before = sys.stderr
    sys.stderr = made = KINDS[kind](before)
    try:
        yield
        assert sys.stderr is made
    finally:
        sys.stderr = before
        if isinstance(made, Text):
            made.detach()


def printing(scrubs: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key").text
        SECRETS[:] = [key] if scrubs else []
        race.thread(lambda: print("key", key, file=sys.stderr))
        race.crash(race.redactor(lambda: "nothing", bypass=lambda: key))

    return body


def report(*, scrubs: bool) -> Report:
    return explore(printing(scrubs), executions=60, seconds=60.0, seed=0)


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_redacts_is_left_in_place(kind: str) -> None:
    with placed(kind):
        assert report(scrubs=True).verdict in (Verdict.NO_LEAK_FOUND, Verdict.PROVED)


@pytest.mark.parametrize("kind", KINDS)
def test_what_one_that_does_not_redact_lets_through_is_a_leak(kind: str) -> None:
    with placed(kind):
        found = report(scrubs=False)
    assert found.verdict is Verdict.LEAK
    assert found.finding is not None
    assert {leak.dump for leak in found.finding.leaks} == {"stderr"}


def test_one_that_leads_nowhere_is_not_left_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed to it would be seen nowhere."""
    monkeypatch.setattr(sys, "stderr", Scrubber(None))
    assert report(scrubs=False).verdict is Verdict.LEAK


def test_those_of_the_interpreter_and_of_test_runners_are_no_streams_of_the_program() -> None:
    streams = [sys.stderr, sys.stdout, sys.__stderr__, io.StringIO(), io.TextIOWrapper(io.BytesIO())]
    assert [is_of_the_program(each) for each in streams] == 5 * [False]
    inner = io.StringIO()
    assert is_of_the_program(Scrubber(inner))
    assert below(Scrubber(Scrubber(inner))) == [inner]


def test_a_duplicate_that_was_closed_in_between_stays_closed_and_its_number_is_left_to_who_has_it() -> None:
    """As the collector closes files that nobody holds any more; another opens one, and gets the number."""
    closed, taken, null = os.dup(2), os.dup(2), os.open(os.devnull, os.O_WRONLY)
    left, before = [closed], os.fstat(2)

    def body(race: Race) -> None:
        if left and os.path.samestat(os.fstat(closed), os.fstat(2)) and not os.path.samestat(before, os.fstat(2)):
            os.close(left.pop())
            os.dup2(null, taken)
        race.crash(lambda: "text")

    try:
        assert run(body, executions=3).outcomes
        assert left == []
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(closed)
        assert os.path.samestat(os.fstat(taken), os.fstat(null))
        assert os.path.samestat(os.fstat(2), before)
    finally:
        os.close(taken)
        os.close(null)


def test_programs_that_are_started_afterwards_get_stderr_wherever_an_execution_has_led_it() -> None:
    log = os.open(os.devnull, os.O_WRONLY)

    def body(race: Race) -> None:
        os.dup2(log, 2, inheritable=False)
        race.crash(lambda: "text")

    before = os.get_inheritable(2)
    assert run(body, executions=3).outcomes
    os.close(log)
    assert os.get_inheritable(2) == before is True
