"""What tests of containment share: a folder of the user's, and a right scenario with a thread that does something."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from redactfuzz import Race, Report, explore
from redactfuzz.campaign import Options
from redactfuzz.campaign.face.scenario import Ambient, surrounded
from redactfuzz.threads.process import writable

FEW = 60
WORDS = "outside of what a scenario may write"


def users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's with a file in it. What pytest makes for tests may be written otherwise."""
    monkeypatch.setattr(writable, "_granted", set())
    monkeypatch.setattr(writable, "grant", lambda path: None)
    (tmp_path / "theirs").write_text("as it was")
    (tmp_path / "empty").mkdir()
    return tmp_path


def explored(
    work: Callable[[Race, str], object], *, executions: int = FEW, isolation: str = "none", unconfined: bool = False
) -> Report:
    """A right redactor beside a thread that does ``work`` with the key."""

    def scenario(race: Race) -> None:
        key = race.canary("key").text
        mask = race.redactor(lambda text: text.replace(key, "[key]"))
        race.thread(work, race, key)
        race.crash(lambda: mask(f"the key is {key}"))

    with surrounded(Ambient(Options(unconfined=unconfined))):
        return explore(scenario, executions=executions, isolation=isolation)


def look(folder: Path) -> list[tuple[str, int, int, str]]:
    """What is in a folder, with modes and times."""
    found = sorted(folder.rglob("*"))
    return [
        (one.name, one.lstat().st_mode, one.lstat().st_mtime_ns, one.read_text() if one.is_file() else "")
        for one in found
    ]
