"""Where pytest would look for modules is read as pytest reads it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from redactfuzz.pytest_rules import rules_for

INI = {
    "pytest.ini": "[pytest]\npythonpath = lib\n",
    ".pytest.ini": "[pytest]\npythonpath = lib\n",
    "pytest.toml": '[pytest]\npythonpath = ["lib"]\n',
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = "lib"\n',
    "tox.ini": "[pytest]\npythonpath = lib\n",
    "setup.cfg": "[tool:pytest]\npythonpath = lib\n",
}


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def test_file(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    return tmp_path / "tests" / "test_x.py"


@pytest.mark.parametrize("name", INI)
def test_each_kind_of_ini_file_is_read(name: str, test_file: Path, tmp_path: Path) -> None:
    (tmp_path / name).write_text(INI[name])
    rules = rules_for(test_file, tmp_path)
    assert (rules.root, rules.ini, rules.paths) == (tmp_path, tmp_path / name, (tmp_path / "lib",))


def test_the_native_table_of_pyproject_is_read(test_file: Path, tmp_path: Path) -> None:
    table = '[tool.pytest]\npythonpath = ["a", "b/../c"]\naddopts = ["--import-mode=append"]\n'
    (tmp_path / "pyproject.toml").write_text(table)
    rules = rules_for(test_file, tmp_path)
    assert rules.paths == (tmp_path / "a", tmp_path / "c")
    assert rules.mode == "append"


def test_an_ini_file_that_does_not_speak_of_pytest_is_passed_by(test_file: Path, tmp_path: Path) -> None:
    (tmp_path / "tests" / "tox.ini").write_text("[tox]\n")
    (tmp_path / "tests" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (tmp_path / "setup.cfg").write_text(INI["setup.cfg"])
    assert rules_for(test_file, tmp_path).ini == tmp_path / "setup.cfg"
    (tmp_path / "tests" / "pytest.ini").write_text("")
    assert rules_for(test_file, tmp_path).ini == tmp_path / "tests" / "pytest.ini", "an empty one does"


@pytest.mark.parametrize("text", ["[pytest\n", "pythonpath = lib", "[pytest]\npythonpath = 'open\n"])
def test_a_damaged_ini_file_is_pytests_to_complain_about(text: str, test_file: Path, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(text)
    assert rules_for(test_file, tmp_path).paths == ()


@pytest.mark.parametrize(
    ("mode", "packages", "folder", "name"),
    [
        ("prepend", (), "a/b", "test_x"),
        ("prepend", ("a/b",), "a", "b.test_x"),
        ("prepend", ("a/b", "a"), ".", "a.b.test_x"),
        ("importlib", (), None, "a.b.test_x"),
        ("importlib", ("a/b",), None, "b.test_x"),
    ],
)
def test_a_module_has_the_name_that_pytest_gives_it(
    mode: str, packages: tuple[str, ...], folder: str | None, name: str, tmp_path: Path
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for each in packages:
        (tmp_path / each / "__init__.py").touch()
    (tmp_path / "pytest.ini").write_text(f"[pytest]\naddopts = -ra --import-mode {mode}\n")
    file = tmp_path / "a" / "b" / "test_x.py"
    assert rules_for(file, tmp_path).module(file) == (tmp_path / folder if folder else None, name)


def test_conftests_are_those_from_the_root_downwards(test_file: Path, tmp_path: Path) -> None:
    part = tmp_path / "tests"
    put(tmp_path, **{"conftest.py": "", "tests__conftest.py": "", "other__conftest.py": ""})
    assert rules_for(test_file, tmp_path).conftests == (tmp_path / "conftest.py", part / "conftest.py")
    (part / "pytest.ini").touch()
    assert rules_for(test_file, tmp_path).conftests == (part / "conftest.py",)


def test_outside_of_the_working_directory_nobody_elses_word_counts(
    test_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, **{"pytest.ini": INI["pytest.ini"], "conftest.py": "", "setup.py": ""})
    here = test_file.parent
    assert rules_for(test_file, here).paths == (tmp_path / "lib",)
    status = Path.stat

    def of_others(self: Path, **more: bool) -> os.stat_result:
        found = list(status(self, **more))
        found[4] = 12345
        return os.stat_result(found)

    monkeypatch.setattr(Path, "stat", of_others)
    assert rules_for(test_file, tmp_path).paths == (tmp_path / "lib",)
    rules = rules_for(test_file, here)
    assert (rules.root, rules.ini, rules.paths, rules.conftests) == (here, None, (), ())
