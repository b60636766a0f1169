"""What is built is kept: of each kind what was used last, so that many small things push out no large one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from redactfuzz.native.compile import cache


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cache, "_KEPT", 5)
    monkeypatch.setattr(cache, "_FEWER", 2)
    return cache.folder()


def made(name: str, at: int) -> None:
    """An entry that was used last at that time."""
    entry = cache.made(name, lambda folder: None)
    os.utime(entry / "done", (at, at))


def test_many_programs_push_out_the_oldest_ones_and_no_driver(home: Path) -> None:
    made("driver-a", 1)
    for number in range(9):
        made(f"program-{number}", 10 + number)
    assert {path.name for path in home.iterdir()} == {"driver-a", *(f"program-{number}" for number in range(4, 9))}


def test_of_drivers_those_are_kept_that_were_used_last(home: Path) -> None:
    for number in range(4):
        made(f"driver-{number}", 10 + number)
    assert {path.name for path in home.iterdir()} == {"driver-2", "driver-3"}


def test_files_that_say_what_programs_include_are_of_a_kind_of_their_own(home: Path) -> None:
    for number in range(9):
        (home / f"{cache.HEADERS}{number}").touch()
        os.utime(home / f"{cache.HEADERS}{number}", (number, number))
    made("program-a", 1)
    assert {path.name for path in home.iterdir()} == {"program-a", *(f"{cache.HEADERS}{n}" for n in range(4, 9))}
