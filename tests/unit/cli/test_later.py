"""What a proof depends on may have changed while it was made: what went or was led elsewhere as well."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from redactfuzz.cli.project.recording import Recorded
from redactfuzz.cli.proofs.later import Since
from redactfuzz.cli.proofs.used import Proved
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.events import Used


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which nothing changes any more."""
    for name in ("v1", "v2", "deep/er"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "rules").write_text("x")
    (tmp_path / "rules").write_text("x")
    (tmp_path / "current").symlink_to("v1")
    (tmp_path / "outer").symlink_to("deep/link")
    (tmp_path / "deep/link").symlink_to("../v1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def since(top: Path) -> Since:
    """A moment after all that is there was made: by the clock of the files, and of no wait."""
    last = max(each.lstat().st_ctime for each in (top, *top.rglob("*")))
    return Since(top, last + 1e-6, Since.now(top).names)


@pytest.mark.parametrize(
    "path", ["rules", "v1/rules", "current/rules", "outer/rules", "deep/er/rules", "none", "deep/none", "none/deeper"]
)
def test_what_is_as_it_was_is_not_later(top: Path, path: str) -> None:
    moment = since(top)
    (top / ".redactfuzz").mkdir()  # ours, and no other name went for it
    assert not moment.is_later(top / path)
    assert not moment.lost(top / "deep")
    assert not moment.lost(top)


def swap(folder: Path, other: Path) -> None:
    """Another folder in its place, into which a file comes afterwards: its two times are one again."""
    folder.rename(folder.with_name("old"))
    other.rename(folder)
    (folder / "log").touch()


def ticked(top: Path, moment: Since) -> None:
    """Until the clock of the file system, which ticks a hundred times a second, has come to the moment."""
    tick = top / "tick"
    while tick.write_text("x") and tick.stat().st_ctime < moment.at:
        pass


def relink(link: Path, to: str) -> None:
    link.unlink()
    link.symlink_to(to)


CHANGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "written": ("v1/rules", lambda top: (top / "v1/rules").write_text("y")),
    "gone from the top": ("rules", lambda top: (top / "rules").unlink()),
    "gone from a folder": ("v1/rules", lambda top: (top / "v1/rules").unlink()),
    "gone with its folder": ("deep/er/rules", lambda top: shutil.rmtree(top / "deep/er")),
    "a link": ("current/rules", lambda top: relink(top / "current", "v2")),
    "a link behind a link": ("outer/rules", lambda top: relink(top / "deep/link", "../v2")),
    "a link to nowhere": ("current/rules", lambda top: relink(top / "current", "none")),
    "a circle": ("current/rules", lambda top: relink(top / "current", "current")),
    "another file in its place": ("rules", lambda top: (top / "v2/rules").replace(top / "rules")),
    "another folder in its place": ("v1/rules", lambda top: (
        (top / "v1").rename(top / "old"), (top / "v2").rename(top / "v1"))),
    "another folder in its place that grows": ("v1/rules", lambda top: swap(top / "v1", top / "v2")),
    "a deep folder in its place that grows": ("deep/er/rules", lambda top: swap(top / "deep/er", top / "v2")),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_written_went_or_leads_elsewhere_is_later(top: Path, name: str) -> None:
    path, change = CHANGES[name]
    moment = since(top)
    ticked(top, moment)
    change(top)
    assert moment.is_later(top / path)
    assert not moment.is_later(top / "deep/er/rules") or path == "deep/er/rules"


def test_what_only_came_into_folders_makes_nothing_in_them_later(top: Path) -> None:
    moment = since(top)
    ticked(top, moment)
    (top / "v1/log").touch()
    (top / "deep/er/log").touch()
    assert not moment.is_later(top / "v1/rules")
    assert not moment.is_later(top / "deep/er/rules")


def test_a_name_that_went_from_a_folder_in_which_modules_are_looked_for_is_seen(top: Path) -> None:
    moment = since(top)
    ticked(top, moment)
    (top / "v1/rules").unlink()
    (top / "rules").unlink()
    assert moment.lost(top / "v1")
    assert moment.lost(top)
    assert not moment.lost(top / "v2")


def test_a_place_that_nobody_may_look_at_is_later(top: Path) -> None:
    assert since(top).is_later(top / "rules" / "below")


@pytest.mark.parametrize(("seconds", "lost"), [(-3_600.0, True), (3_600.0, True), (0.0, False), (0.3, False)])
def test_where_the_clock_was_set_meanwhile_times_of_files_say_nothing(
    top: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, lost: bool
) -> None:
    """A file that changed then may have a time from before the search began."""
    moment, now = Since.now(top), time.time
    monkeypatch.setattr("time.time", lambda: now() + seconds)
    assert moment.is_lost is lost
    proved = Proved(moment, {"none.py::a"})
    monkeypatch.setattr(Proved, "_all", lambda *args, **kwargs: iter([Recorded("none.py::a", Dependencies())]))
    (used,) = proved.used([], [], unconfined=False)
    assert isinstance(used, Used)
    assert (used.dependencies is None) is lost
    assert ("clock was set" in used.why) is lost
