"""What a step looks at without naming it: what holds a buffer, keyword defaults, what a class method wraps.

In the leaks few schedules show it, so that only a reduction which knows of it comes there.
"""

from __future__ import annotations

import operator
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import Race, explore
from redactfuzz.model.verdict import Verdict

KEYS = re.compile(rb"k")
Body = Callable[[Race], None]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are kept in a folder of the test."""
    monkeypatch.chdir(tmp_path)


def verdict(body: Body) -> Verdict:
    return explore(body, strategy="dpor", seconds=300, seed=0).verdict


def emptied(kept: Callable[[bytearray], object]) -> Body:
    """A buffer of a key is emptied, and left as it is where something keeps it."""

    def body(race: Race) -> None:
        key = race.canary("key").text
        buffer, held = bytearray(key.encode()), []
        scrub = race.redactor(lambda text: text.decode() if held else "-", bypass=lambda text: key)

        def reader() -> None:
            it = kept(buffer)
            it = None  # noqa: F841  let go of at once

        def wiper() -> None:
            try:
                del buffer[:]
            except BufferError:
                held.append(1)

        race.thread(reader)
        race.thread(wiper)
        race.crash(lambda: scrub(buffer), by="watchdog")

    return body


def toggled(put: Callable[[int], object], get: Callable[[], Any]) -> Body:
    """A leak where a reader sees a value change each time that it looks."""

    def body(race: Race) -> None:
        key, shown = race.canary("key").text, []
        put(0)
        scrub = race.redactor(lambda text: text if shown else text.replace(key, "[key]"))

        def toggle() -> None:
            for _ in range(2):
                put(1)
                put(0)

        def reader() -> None:
            if [get(), get(), get(), get()] == [0, 1, 0, 1]:
                shown.append(1)

        race.thread(toggle)
        race.thread(reader)
        race.crash(lambda: scrub(f"signing with {key}"), by="watchdog")

    return body


def level(*, show: int = 0) -> int:
    return show


def fixed(*, show: int = 0) -> int:
    return show


class Config:
    _verbose = 0
    verbose = classmethod(property(operator.attrgetter("_verbose")))  # type: ignore[arg-type]


def put_verbose(value: int) -> None:
    Config._verbose = value


def test_whoever_keeps_a_buffer_forbids_to_change_its_length_until_it_dies() -> None:
    assert verdict(emptied(KEYS.finditer)) is Verdict.LEAK
    assert verdict(emptied(len)) is Verdict.PROVED


def test_a_call_looks_at_the_dictionary_of_keyword_defaults() -> None:
    defaults = level.__kwdefaults__
    assert defaults is not None
    assert verdict(toggled(lambda value: defaults.update(show=value), level)) is Verdict.LEAK
    other = {"show": 0}  # else the first execution leaves a name for the next
    assert verdict(toggled(lambda value: other.update(show=value), fixed)) is Verdict.PROVED


def test_what_a_class_method_wraps_may_be_a_property_of_code_in_c() -> None:
    """Up to 3.12 it is asked; later it is a value like others."""
    found = verdict(toggled(put_verbose, lambda: Config.verbose))
    assert found is not Verdict.PROVED if sys.version_info < (3, 13) else found.passed
