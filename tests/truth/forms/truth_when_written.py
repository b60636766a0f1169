"""Open 19 and 24: what is written to stdout counts as what was allowed then, wherever stdout led by then."""

from __future__ import annotations

import os
from collections.abc import Callable

from truth import LEAK, PASS, case

from redactfuzz import Canary, Race


def _shown(race: Race, show: Callable[[Canary], None]) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    show(key)
    race.thread(lambda: None, name="works")
    race.crash(lambda: mask(key.text))


@case("1.8", PASS, executions=100)
def shown_while_that_is_allowed(race: Race) -> None:
    """The key is printed once, which is allowed until then."""

    def show(key: Canary) -> None:
        key.allow()
        print("your key:", key.text)
        key.forbid()

    _shown(race, show)


@case("1.8", LEAK, "stdout", executions=60)
def shown_before_that_is_allowed(race: Race) -> None:
    """The key is printed, and allowed only then."""

    def show(key: Canary) -> None:
        print("your key:", key.text)
        key.allow()

    _shown(race, show)


@case("1.8", LEAK, "stdout", executions=60)
def shown_again_when_that_is_forbidden(race: Race) -> None:
    """It is printed once more when that is not allowed any more."""

    def show(key: Canary) -> None:
        key.allow()
        print("your key:", key.text)
        key.forbid()
        print("was it", key.text)

    _shown(race, show)


@case("1.8", PASS, executions=100)
def in_the_sink_while_that_is_allowed(race: Race) -> None:
    """The same in the sink."""

    def show(key: Canary) -> None:
        key.allow()
        race.sink.write(key.bytes)
        key.forbid()
        race.sink.write(b"done")

    _shown(race, show)


@case("1.8", LEAK, "sink", executions=60)
def in_the_sink_before_that_is_allowed(race: Race) -> None:
    """The key is written to the sink, and allowed only then."""

    def show(key: Canary) -> None:
        race.sink.write(key.bytes)
        key.allow()

    _shown(race, show)


def _reopens(race: Race, *, masked: bool, closes: bool = False) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def lead(name: str) -> None:
        if closes:
            os.close(1)
        log = os.open(race.tmp_path / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        if log != 1:
            os.dup2(log, 1)
            os.close(log)

    def handler() -> str:
        lead("a.log")
        text = f"key={key.text}"
        print(mask(text) if masked else text)
        lead("b.log")
        print("went on")
        return str(mask(key.text))

    race.thread(lambda: None, name="works")
    race.crash(handler)


@case("2.1", LEAK, "stdout", executions=60)
def a_log_that_is_reopened(race: Race) -> None:
    """The handler leads stdout to a log, writes the key there, and leads it to another log."""
    _reopens(race, masked=False)


@case("2.1", LEAK, "stdout", executions=60)
def a_log_that_is_closed_and_reopened(race: Race) -> None:
    """The same, where stdout is closed before another file takes its number."""
    _reopens(race, masked=False, closes=True)


@case("2.1", PASS, executions=150)
def a_masked_log_that_is_reopened(race: Race) -> None:
    """The same, masked."""
    _reopens(race, masked=True)
