"""Line 3.2: what a scenario changes of its process is seen by its threads, and by no later execution."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race


def _reported(race: Race, change: Callable[[str], object], report: Callable[[], Any], *, masked: bool) -> None:
    """A thread changes something, for good, and a handler reports it: with the secret in it, or without."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    folder = race.tmp_path / ("[key]" if masked else key.text)
    folder.mkdir()
    race.thread(change, str(folder))
    race.crash(lambda: mask(f"report of {key.text}") + f" in {str(report()).replace(str(race.tmp_path), '')}")


def _environment(folder: str) -> None:
    os.environ["APP_HOME"] = folder


def _path(folder: str) -> None:
    sys.path.insert(0, folder)


WAYS: dict[str, tuple[Callable[[str], object], Callable[[], Any]]] = {
    "working_directory": (os.chdir, lambda: Path.cwd().name),
    "environment": (_environment, lambda: os.environ.get("APP_HOME", "")),
    "path": (_path, lambda: Path(sys.path[0]).name),
}

for name, (change, report) in WAYS.items():
    for masked in (True, False):

        def body(
            race: Race,
            change: Callable[[str], object] = change,
            report: Callable[[], Any] = report,
            masked: bool = masked,
        ) -> None:
            _reported(race, change, report, masked=masked)

        body.__name__ = f"{name}_{'without' if masked else 'with'}_the_secret"
        what = "without the secret: the next execution sees it as it was." if masked else "that holds the secret."
        body.__doc__ = f"A thread sets the {name.replace('_', ' ')} of its process, {what}"
        case("3.2", PASS if masked else LEAK, executions=60)(body)
