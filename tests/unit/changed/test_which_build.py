"""Another redactfuzz of the same version is told apart, and so is an interpreter that looks for modules elsewhere."""

from __future__ import annotations

import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

import pytest

from redactfuzz.changed import build
from redactfuzz.changed.once import installed, versions


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    (tmp_path / "deep" / "__pycache__").mkdir(parents=True)
    (tmp_path / "one.py").write_text("x = 1\n", "utf-8")
    (tmp_path / "deep" / "core.c").write_text("int x;\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["one.py", "deep/core.c", "deep/new.toml"])
def test_any_file_of_ours_makes_another_build(ours: Path, name: str) -> None:
    before = build._digest([ours])
    assert build._digest([ours]) == before
    (ours / name).write_text("other\n", "utf-8")
    assert build._digest([ours]) != before


def test_bytecode_and_the_folder_make_none(ours: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = build._digest([ours])
    (ours / "deep" / "__pycache__" / "one.pyc").write_bytes(b"x")
    (ours / "one.pyc").write_bytes(b"x")
    moved = ours.rename(tmp_path_factory.mktemp("other") / "place")
    assert build._digest([moved]) == before


def test_the_compiled_core_belongs_to_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build._engine, "__file__", str(tmp_path / "core.so"))
    told = []
    for held in ("one", "two", "one"):
        (tmp_path / "core.so").write_text(held, "utf-8")
        told.append(build.build.__wrapped__())
    assert told[0] == told[2] != told[1]
    assert told[0].startswith(f"{metadata.version('redactfuzz')} (")


def test_a_file_pth_that_came_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", symlinks=True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "env" / "bin" / "python"))
    (packages,) = (tmp_path / "env").glob("lib/python3*/site-packages")
    (tmp_path / "lib").mkdir()

    def asked() -> str:
        return build._looked_in.__wrapped__(str(Path.cwd()))

    before = asked()
    assert asked() == before
    (packages / "fast.pth").write_text(f"{tmp_path / 'lib'}\n", "utf-8")
    by_path = asked()
    assert by_path != before
    (packages / "fast.pth").write_text("import in_place\n", "utf-8")
    finder = "import sys\nMAPPING = {'fast': '/a'}\nclass Finder:\n    find_spec = None\nsys.meta_path.append(Finder)\n"
    (packages / "in_place.py").write_text(finder, "utf-8")
    by_finder = asked()
    assert len({before, by_path, by_finder}) == 3
    (packages / "in_place.py").write_text(finder.replace("/a", "/bb"), "utf-8")
    assert asked() != by_finder
    (packages / "fast.pth").unlink()
    assert asked() == before


def test_it_is_part_of_what_is_recorded_and_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    known = installed(frozenset())
    assert known["sys.path"] == build.looked_in()
    monkeypatch.setattr("redactfuzz.changed.once.looked_in", lambda: "elsewhere")
    assert versions(frozenset(known)) == {**known, "sys.path": "elsewhere"}


def test_it_is_the_same_whoever_asks() -> None:
    code = "import sys; sys.path.append('/x'); from redactfuzz.changed import build; print(build.looked_in())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == build.looked_in()


def test_where_the_interpreter_cannot_be_asked_nothing_is_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert build._looked_in.__wrapped__("/a") != build._looked_in.__wrapped__("/a")
