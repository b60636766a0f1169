"""The table of an explanation shows the line that matters, and is the same whichever way the scenario is run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from commands import COMMAND, run_in

SCENARIO = '''
from redactfuzz import Race, scenario


def stamp():
    return 1


class Settings:
    masked = True


@scenario
def test_settings(race: Race):
    key, settings = race.canary("session key"), Settings()

    def reload():
        stamp()
        settings.masked = False
        settings.version = stamp()
        settings.masked = True

    def show(text):
        return text.replace(key.text, "[key]") if settings.masked else text

    scrub = race.redactor(show)
    race.thread(reload)
    race.crash(lambda: scrub(f"serving with {key.text}"))
'''


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The explanation's lines, of the command line with and without a process for each execution, and of pytest."""
    folder = tmp_path_factory.mktemp("grid")
    (folder / "test_settings.py").write_text(SCENARIO, "utf-8")
    pytest_command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_settings.py")
    commands = {
        "run": (COMMAND, "run", "--seed", "3", "test_settings.py"),
        "process": (COMMAND, "run", "--seed", "3", "--isolation", "process", "test_settings.py"),
        "pytest": (*pytest_command, "--redactfuzz-seed", "3"),
    }
    return {name: _explanation(folder, *command) for name, command in commands.items()}


def _explanation(folder: Path, *command: object) -> list[str]:
    lines = [line.strip() for line in run_in(folder, *command).out.splitlines()]
    first = next(n for n, line in enumerate(lines) if line.startswith("The crash struck"))
    last = next(n for n, line in enumerate(lines) if line.startswith("Race window"))
    return lines[first : last + 1]


def test_a_line_that_no_scheduling_point_is_on_is_in_the_table(explained: dict[str, list[str]]) -> None:
    assert any("settings.masked = False" in line for line in explained["run"])


@pytest.mark.parametrize("other", ["process", "pytest"])
def test_the_same_seed_gives_the_same_explanation(explained: dict[str, list[str]], other: str) -> None:
    assert explained[other] == explained["run"]


def test_a_line_that_had_not_run_is_not_above_the_crash(explained: dict[str, list[str]]) -> None:
    crash = next(n for n, line in enumerate(explained["run"]) if "CRASH strikes here" in line)
    assert not any("settings.version" in line for line in explained["run"][5:crash])
