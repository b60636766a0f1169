"""The file in which it is kept what scenarios depend on: whole, and believed only where it can be understood."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from redactfuzz.changed.dependencies import Record, digest, is_another, is_inside, read, write
from redactfuzz.model.dependencies import Dependencies

ONE = Dependencies(
    {"a.py": "11", "b c.py": ""}, frozenset({"data"}), frozenset({"app.ring"}), {"flask": "3.1"}, {".": "33"}
)
RECORD = Record("redactfuzz 1, cpython 3.13.1", {"tests/test_a.py::test_one": ONE, "b.py::test_two": None})


def whole() -> dict[str, Any]:
    files = {"a.py": "11", "b c.py": ""}
    one = {"files": files, "folders": ["data"], "imports": ["app.ring"], "installed": {"flask": "3.1"},
           "places": {".": "33"}}  # fmt: skip
    both = {"b.py::test_two": None, "tests/test_a.py::test_one": one}
    return {"format": 3, "made_by": RECORD.made_by, "scenarios": both}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "new" / "dependencies.json"
    write(file, RECORD)
    assert read(file, RECORD.made_by) == RECORD
    assert json.loads(file.read_text("utf-8")) == whole()
    assert [each.name for each in file.parent.iterdir()] == ["dependencies.json"]


def test_what_others_have_made_is_unknown(tmp_path: Path) -> None:
    file = tmp_path / "dependencies.json"
    write(file, RECORD)
    assert read(file, "redactfuzz 1, cpython 3.14.6") == Record("redactfuzz 1, cpython 3.14.6")
    assert read(tmp_path / "not there", "x") == Record("x")
    assert read(tmp_path, "x") == Record("x")


def changed(*path: Any, to: Any) -> str:
    data = whole()
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return json.dumps(data)


NAME = ("scenarios", "tests/test_a.py::test_one")


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "7", '"text"', "{}", "[" * 100_000, "\0\1\2",
        json.dumps(whole())[:-20],
        changed("format", to=4), changed("format", to=2), changed("format", to="1"),
        changed("made_by", to=None), changed("scenarios", to=[]),
        changed("scenarios", to={"x": 7}), changed(*NAME, to={}), changed(*NAME, "files", to=["a.py"]),
        changed(*NAME, "files", to={"a.py": 7}), changed(*NAME, "folders", to="data"),
        changed(*NAME, "folders", to=[["data"]]), changed(*NAME, "imports", to={"a": 1}),
        changed(*NAME, "installed", to={"flask": None}), changed(*NAME, "places", to=["."]),
    ],
)  # fmt: skip
def test_a_damaged_record_is_unknown_and_no_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "dependencies.json"
    file.write_text(text, "utf-8")
    assert read(file, RECORD.made_by) == Record(RECORD.made_by)


def test_a_file_that_is_no_text_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "dependencies.json").write_bytes(b"\xff\xfe{}")
    assert read(tmp_path / "dependencies.json", "x") == Record("x")
    os.mkfifo(tmp_path / "pipe")
    assert read(tmp_path / "pipe", "x") == Record("x")


def test_half_of_a_record_is_ours_and_anything_else_is_not(tmp_path: Path) -> None:
    file = tmp_path / "file"
    assert not is_another(file)
    write(file, RECORD)
    assert not is_another(file)
    for text, is_somebodys in {'{"format": 1, "sc': False, "": False, "x = 1\n": True, '{"event": 1}': True}.items():
        file.write_text(text, "utf-8")
        assert is_another(file) == is_somebodys
    assert is_another(tmp_path)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "dependencies.json"
    write(file, RECORD)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json, "dump", full)
    with pytest.raises(OSError, match="No space"):
        write(file, Record("another"))
    assert read(file, RECORD.made_by) == RECORD
    assert [each.name for each in tmp_path.iterdir()] == ["dependencies.json"]


def test_only_files_of_the_project_are_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("x", "utf-8")
    (root / "a.py").write_text("x", "utf-8")
    os.mkfifo(root / "pipe")
    assert digest(root, "a.py") == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    for path in ("../secret", str(tmp_path / "secret"), "a/../../secret", "", "pipe", "gone.py", "a\0b"):
        assert digest(root, path) == ""
    assert digest(root, ".") == "/"
    os.close(free := os.dup(0))
    assert {digest(root, each) for each in (".", "pipe", "gone.py")} == {"/", ""}
    os.close(again := os.dup(0))
    assert again == free, "nothing stays open"
    (root / "a.py").chmod(0o755)
    assert digest(root, "a.py") == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881x"
    assert not is_inside("../secret")
    assert is_inside("a/..b/c")
