"""The hash seed of a run is fixed, is told as it is, and is that of a replay."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import COMMAND, run_in, surroundings

pytestmark = pytest.mark.once

OURS = "from redactfuzz.cli.main import main; main()"
OTHER = "import os\nos.environ['PYTHONHASHSEED'] = '42'  # for processes that it starts\n"


def recorded(folder: Path, *before: object, **environment: str) -> str:
    """The hash seed in the finding of a run."""
    ran = run_in(folder, *before, "run", "rotation.py::vulnerable", "--json", "--profile", "ci", **environment)
    assert ran.code == 1
    return str(json.loads((folder / ran.record["repro"]).read_text("utf-8")).get("hash_seed", "random"))


@pytest.mark.parametrize(("chosen", "told"), [("", "0"), ("random", "random"), ("+00000000007", "7")])
def test_the_seed_is_that_of_the_process_and_an_empty_one_is_none(folder: Path, chosen: str, told: str) -> None:
    assert recorded(folder, COMMAND, PYTHONHASHSEED=chosen) == told


def test_a_variable_that_the_interpreter_does_not_read_is_not_the_seed(folder: Path) -> None:
    assert recorded(folder, sys.executable, "-E", "-m", "redactfuzz", PYTHONHASHSEED="0") == "random"


def test_a_variable_that_code_under_test_sets_is_not_the_seed(folder: Path) -> None:
    (folder / "rotation.py").write_text(OTHER + (folder / "rotation.py").read_text("utf-8"), "utf-8")
    assert recorded(folder, COMMAND) == "0"


def test_a_program_that_came_through_stdin_runs(folder: Path) -> None:
    """It cannot be read a second time."""
    command = [sys.executable, "-", "run", "rotation.py::vulnerable", "--profile", "ci"]
    done = subprocess.run(
        command, cwd=folder, env=surroundings(), input=OURS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "LEAK  rotation.py::vulnerable" in done.stdout
