"""`ci/find-python`: which interpreter CI tests, and when the lack of one is a failure.

The interpreters are stand-ins of a version that no machine has.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "ci" / "find-python"
GOOD = 'case "$2" in *python_version*) echo 3.77.1;; esac'
WITHOUT_VENV = GOOD + '\ncase "$2" in *venv*) exit 1;; esac'
WITHOUT_HEADERS = GOOD + '\ncase "$2" in *Python.h*) exit 1;; esac'
DANGLING_SHIM = "exit 127"
OF_ANOTHER_VERSION = "echo 3.11.2"


def put(path: Path, script: str) -> Path:
    """Puts an interpreter there that answers as ``script`` says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return path


def find(tmp_path: Path) -> tuple[int, str, str]:
    """Exit status, standard output and standard error."""
    search = os.pathsep.join((str(tmp_path / "bin"), os.environ["PATH"]))
    environment = {**os.environ, "PATH": search, "PYENV_ROOT": str(tmp_path / "pyenv")}
    done = subprocess.run(
        ["bash", SCRIPT, "3.77"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def test_one_on_path_that_runs_is_chosen(tmp_path: Path) -> None:
    chosen = put(tmp_path / "bin" / "python3.77", GOOD)
    assert find(tmp_path) == (0, str(chosen), "")


def test_one_of_the_version_manager_is_chosen_where_path_has_a_shim_that_runs_nothing(tmp_path: Path) -> None:
    put(tmp_path / "bin" / "python3.77", DANGLING_SHIM)
    chosen = put(tmp_path / "pyenv" / "versions" / "3.77.1" / "bin" / "python3", GOOD)
    assert find(tmp_path) == (0, str(chosen), "")


def test_nothing_of_that_version_is_told_from_one_that_will_not_do(tmp_path: Path) -> None:
    put(tmp_path / "bin" / "python3.77", OF_ANOTHER_VERSION)
    assert find(tmp_path) == (2, "", "")


def test_one_without_venv_is_a_failure_that_names_the_package(tmp_path: Path) -> None:
    put(tmp_path / "bin" / "python3.77", WITHOUT_VENV)
    status, _, told = find(tmp_path)
    assert (status, told) == (1, "Python 3.77.1 is here, but without its venv module (on Debian: python3.77-venv)")


def test_one_without_headers_is_a_failure_unless_another_will_do(tmp_path: Path) -> None:
    put(tmp_path / "bin" / "python3.77", WITHOUT_HEADERS)
    status, _, told = find(tmp_path)
    assert (status, told) == (1, "Python 3.77.1 is here, but without its C headers (on Debian: python3.77-dev)")
    chosen = put(tmp_path / "pyenv" / "versions" / "3.77.1" / "bin" / "python3", GOOD)
    assert find(tmp_path) == (0, str(chosen), "")
