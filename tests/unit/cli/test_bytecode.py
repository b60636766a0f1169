"""What ``redactfuzz.cli.load`` imports is what stands in the file."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from redactfuzz.cli.bytecode import make_no_folders
from redactfuzz.cli.load import loaded

SCENARIO = "import ring\nfrom redactfuzz import scenario\n\n@scenario\ndef {name}(race):\n    assert ring\n"


def write(folder: Path, number: int, changed: int) -> Path:
    """A file that holds a scenario and one that it imports: of one size and one time whatever ``number`` says."""
    file = folder / "fresh.py"
    for path, text in ((file, SCENARIO.format(name=f"number_{number}")), (folder / "ring.py", f"number = {number}\n")):
        path.write_text(text, "utf-8")
        os.utime(path, ns=(changed, changed))
    return file


def found(file: Path) -> tuple[str, int]:
    with loaded(file) as scenarios:
        (only,) = scenarios
        return only.name, sys.modules["ring"].number


def test_a_file_that_changed_within_the_second_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    now = time.time_ns()
    for number in (1, 2, 3):
        assert found(write(tmp_path, number, now)) == (f"number_{number}", number)


def test_a_file_that_did_not_change_for_a_while_is_compiled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    hour = time.time_ns() - 3_600_000_000_000
    assert found(write(tmp_path, 1, hour)) == ("number_1", 1)
    assert {path.name.partition(".")[0] for path in (tmp_path / "__pycache__").iterdir()} == {"fresh", "ring"}
    assert found(write(tmp_path, 2, hour)) == ("number_1", 1)  # the interpreter cannot know


def test_where_no_folder_may_be_made_compiled_code_is_kept_in_those_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that comes while something is proved looks as if something else might have gone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    monkeypatch.setattr("redactfuzz.cli.bytecode._makes_folders", True)
    hour = time.time_ns() - 3_600_000_000_000
    make_no_folders()
    assert found(write(tmp_path, 1, hour)) == ("number_1", 1)
    assert not (tmp_path / "__pycache__").exists()
    (tmp_path / "__pycache__").mkdir()
    assert found(write(tmp_path, 1, hour)) == ("number_1", 1)
    assert len(list((tmp_path / "__pycache__").iterdir())) == 2
