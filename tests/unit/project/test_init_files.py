"""Files come into a project whole, never over another, and all of them or none."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from redactfuzz.project import place as module
from redactfuzz.project.place import IGNORE, PlaceError, place
from redactfuzz.project.plan import Host, Planned, ignored, planned

FILES = (Planned("a/b/one.txt", b"one\n"), Planned("a/two.sh", b"two\n", runs=True), Planned("three.txt", b"three\n"))
LINES = (".redactfuzz/",)


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else b"(folder)"
            for path in root.rglob("*")}  # fmt: skip


def test_what_is_not_there_is_written_and_the_second_time_nothing_is(tmp_path: Path) -> None:
    first = place(tmp_path, FILES, LINES)
    assert first.written == ("a/b/one.txt", "a/two.sh", "three.txt", IGNORE)
    assert (tmp_path / "a/b/one.txt").read_bytes() == b"one\n"
    assert (tmp_path / "a/two.sh").stat().st_mode & 0o100
    assert not (tmp_path / "three.txt").stat().st_mode & 0o111
    before = tree(tmp_path)
    second = place(tmp_path, FILES, LINES)
    assert (second.written, second.same, second.other) == ((), first.written, ())
    assert tree(tmp_path) == before


def test_a_file_of_somebody_elses_stays(tmp_path: Path) -> None:
    (tmp_path / "three.txt").write_text("mine", "utf-8")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "two.sh").symlink_to("nowhere")
    placed = place(tmp_path, FILES, LINES)
    assert placed.other == ("a/two.sh", "three.txt")
    assert (tmp_path / "three.txt").read_text("utf-8") == "mine"
    assert os.readlink(tmp_path / "a" / "two.sh") == "nowhere"  # noqa: PTH115
    assert not (tmp_path / "a" / "nowhere").exists()


def test_who_was_faster_keeps_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "lexists", lambda path: False)
    (tmp_path / "three.txt").write_text("mine", "utf-8")
    placed = place(tmp_path, FILES[2:], ())
    assert placed.other[0] == "three.txt"
    assert (tmp_path / "three.txt").read_text("utf-8") == "mine"
    assert sorted(tree(tmp_path)) == [IGNORE, "three.txt"]


@pytest.mark.parametrize("failing", range(1, 5))
def test_where_the_disk_is_full_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    """Whichever file it is that has no room."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").write_text("old", "utf-8")
    (tmp_path / IGNORE).write_text("build", "utf-8")
    before, calls, real = tree(tmp_path), [0], os.fsync

    def full(descriptor: int) -> None:
        calls[0] += 1
        if calls[0] == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        place(tmp_path, FILES, LINES)
    assert calls[0] == failing
    assert tree(tmp_path) == before


def test_a_file_system_without_links_gets_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(module.os, "link", refused)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "two.sh").write_text("mine", "utf-8")
    placed = place(tmp_path, FILES, LINES)
    assert placed.other == ("a/two.sh",)
    assert (tmp_path / "a/b/one.txt").read_bytes() == b"one\n"
    assert (tmp_path / "a/two.sh").read_text("utf-8") == "mine"
    assert sorted(tree(tmp_path)) == [IGNORE, "a", "a/b", "a/b/one.txt", "a/two.sh", "three.txt"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_project_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refused(*_: Any, **__: Any) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module.os, "open", refused)
    with pytest.raises(PlaceError, match=f"one.txt cannot be written .{os.strerror(number)}"):
        place(tmp_path, FILES, LINES)
    assert tree(tmp_path) == {}


def test_a_link_that_leads_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "a").symlink_to(outside)
    with pytest.raises(PlaceError, match="a is a link that leads out of the project"):
        place(root, FILES[::-1], LINES)
    assert sorted(tree(root)) == ["a"]
    assert tree(outside) == {}


def test_a_link_within_the_project_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "a").symlink_to("real")
    assert place(tmp_path, FILES, ()).written[:2] == ("a/b/one.txt", "a/two.sh")
    assert (tmp_path / "real" / "b" / "one.txt").is_file()


def test_a_file_where_a_folder_is_to_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file", "utf-8")
    with pytest.raises(PlaceError, match="a is there, and is no folder"):
        place(tmp_path, FILES[::-1], LINES)
    assert sorted(tree(tmp_path)) == ["a"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"build/\n", b"build/\n.redactfuzz/\n"),
        (b"build/", b"build/\n.redactfuzz/\n"),
        (b"build/\r\ndist/\r\n", b"build/\r\ndist/\r\n.redactfuzz/\r\n"),
        (b"\xff\xfe not text\n", b"\xff\xfe not text\n.redactfuzz/\n"),
        (b"", b".redactfuzz/\n"),
        (b".redactfuzz\n", b".redactfuzz\n"),
        (b"/.redactfuzz/\nbuild", b"/.redactfuzz/\nbuild"),
    ],
)
def test_gitignore_gets_what_it_lacks_and_keeps_the_rest(tmp_path: Path, before: bytes, after: bytes) -> None:
    file = tmp_path / IGNORE
    file.write_bytes(before)
    file.chmod(0o640)
    placed = place(tmp_path, (), LINES)
    assert file.read_bytes() == after
    assert (placed.written == (IGNORE,)) == (before != after)
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(tree(tmp_path)) == [IGNORE]


def test_a_gitignore_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("build\n", "utf-8")
    (tmp_path / IGNORE).symlink_to("elsewhere")
    assert place(tmp_path, (), LINES).other == (IGNORE,)
    assert (tmp_path / "elsewhere").read_text("utf-8") == "build\n"


def test_what_is_planned_follows_from_who_starts_the_jobs() -> None:
    assert [each.path for each in planned([])] == ["tests/scenarios/test_first_scenario.py"]
    assert ignored([]) == (".redactfuzz/",)
    shell = {each.path for each in planned([Host.SHELL])}
    assert "ci/redactfuzz/nightly.sh" in shell
    both = [each.path for each in planned([Host.GITLAB, Host.GITHUB])]
    assert set(both) > shell
    assert len(both) == len(set(both))
    assert {".gitlab-ci.yml", ".github/workflows/redactfuzz-prune.yml"} <= set(both)
    assert ignored([Host.SHELL]) == (".redactfuzz/", "/night/")
    assert not next(each for each in planned([Host.SHELL]) if each.path.endswith("settings.sh")).runs
