"""Runs the command line and pytest in processes of their own, in an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import samples
from ready import COMMAND, Ready

SECONDS = 120


@attrs.frozen
class Ran:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def record(self) -> dict[str, Any]:
        (record,) = self.records
        return record

    @property
    def both(self) -> str:
        return self.out + self.err


Run = Callable[..., Ran]


def surroundings(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "PYTHONHASH"))}
    path = os.pathsep.join([str(COMMAND.parent), kept["PATH"]])  # as in an environment that is activated
    return {**kept, "COLUMNS": "100", "PATH": path, **more}


def filled(folder: Path) -> Path:
    """The same folder, with the sample scenarios in it."""
    for name, text in samples.FILES.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def run_in(folder: Path, *command: object, **environment: str) -> Ran:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=surroundings(**environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def run_ready(ready: Ready, folder: Path, *arguments: object, **environment: str) -> Ran:
    """The command, in a process that is forked where another one would be like a new one."""
    around = surroundings(**environment)
    if not ready.can(around):
        return run_in(folder, COMMAND, *arguments, **environment)
    return Ran(*ready.run(folder, [str(argument) for argument in arguments], around, SECONDS))


_QUIET = {"PYTEST_ADDOPTS": "-p no:cacheprovider"}
"""Not on the command line, whose options of this kind are printed again with each finding."""


def session_in(folder: Path, *arguments: object, **environment: str) -> Ran:
    command = (sys.executable, "-m", "pytest", "--rootdir", folder)
    return run_in(folder, *command, *arguments, **_QUIET | environment)


def session_ready(ready: Ready, folder: Path, *arguments: object, **environment: str) -> Ran:
    """``python -m pytest``, in a process that is forked where another one would be like a new one."""
    around = surroundings(**_QUIET | environment)
    if not ready.can(around):
        return session_in(folder, *arguments, **environment)
    words = ["--rootdir", str(folder), *map(str, arguments)]
    return Ran(*ready.run(folder, words, around, SECONDS))
