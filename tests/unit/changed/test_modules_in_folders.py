"""What lies in a folder of the names that are imported: what an import could find, and nothing else."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import pytest

import redactfuzz
from redactfuzz.changed.places import held, is_outside, named, written
from redactfuzz.model.dependencies import Dependencies

KNOWN = Dependencies(imports=frozenset({"fast", "pkg.extra"}))


def of(root: Path, known: Dependencies = KNOWN, place: str = "lib") -> str:
    (found,) = held(known, [place], root).values()
    return found


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    (tmp_path / "lib" / "pkg").mkdir(parents=True)
    (tmp_path / "lib" / "other.py").touch()
    return tmp_path / "lib"


@pytest.mark.parametrize(
    "name",
    ["fast.py", "fast.pyc", f"fast{sysconfig.get_config_var('EXT_SUFFIX')}", "fast/", "extra.py", "pkg/__init__.py",
     "sitecustomize.py"],
)  # fmt: skip
def test_what_an_import_would_take_makes_a_difference(lib: Path, name: str) -> None:
    before = of(lib.parent)
    if name.endswith("/"):
        (lib / name).mkdir()
    else:
        (lib / name).touch()
    assert of(lib.parent) != before


@pytest.mark.parametrize("name", ["slow.py", "fast.txt", "fast", "faster.py", "pkg/more.py", "__pycache__/fast.pyc"])
def test_what_no_import_of_these_names_would_take_makes_none(lib: Path, name: str) -> None:
    before = of(lib.parent)
    (lib / name).parent.mkdir(exist_ok=True)
    (lib / name).touch()
    assert of(lib.parent) == before


def test_a_folder_that_is_listed_differs_by_each_name_and_one_that_is_not_there_by_coming(lib: Path) -> None:
    listed = Dependencies(folders=frozenset({"lib", "gone"}))
    before, gone = of(lib.parent, listed), of(lib.parent, listed, "gone")
    (lib / "words.txt").touch()
    (lib / "__pycache__").mkdir()
    after = of(lib.parent, listed)
    assert after != before
    (lib / ".redactfuzz").mkdir()
    assert of(lib.parent, listed) == after
    (lib.parent / "gone").mkdir()
    assert of(lib.parent, listed, "gone") != gone


def test_a_place_that_cannot_be_understood_holds_nothing_and_is_no_error(lib: Path) -> None:
    os.mkfifo(lib / "pipe")
    empty = of(lib.parent, place="not there")
    assert {of(lib.parent, place=place) for place in ("a\0b", "lib/pipe", "lib/other.py")} == {empty}


def test_the_environment_is_named_by_what_it_is_and_ours_and_the_library_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = "lib/python3/site-packages"
    assert named(str(Path(redactfuzz.__file__).parent / "cli"), tmp_path) == ""
    assert named(str(Path(sysconfig.get_path("stdlib"), "json")), tmp_path) == ""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    (tmp_path / ".venv" / packages).mkdir(parents=True)
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    place = named(str(tmp_path / ".venv" / packages), tmp_path)
    assert place == f"{{prefix}}/{packages}"
    assert named(str(tmp_path / ".venv" / packages / "flask" / "json"), tmp_path) == ""
    assert named(str(tmp_path / "lib"), tmp_path) == "lib"
    assert [is_outside(each) for each in (place, "/opt", "lib", ".")] == [True, True, False, False]
    before = of(tmp_path, place=place)
    (tmp_path / ".venv" / packages / "fast.py").touch()
    assert of(tmp_path, place=place) != before
    (tmp_path / "other" / packages).mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "other"))
    assert of(tmp_path, place=place) == before  # another environment that holds the same


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (b"import a.b, c as d", {"a.b", "c"}),
        (b"from a.b import c, d as e", {"a.b.c", "a.b.d"}),
        (b"from . import fast\nfrom .near import x\nfrom far import *", {"fast", "near.x", "far"}),
        (b"def f():\n    try:\n        import late\n    except ImportError: pass", {"late"}),
        (b"import (", set()),
        (b"\0", set()),
        (b"\xff\xfe", set()),
    ],
)
def test_names_in_import_statements_are_read(source: bytes, names: set[str]) -> None:
    assert written(source) == names
