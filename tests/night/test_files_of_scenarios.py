"""No scenario of a folder is missing in a night without a word: not of a class, nor of a file that does not name us."""

from __future__ import annotations

import os
import subprocess

import pytest
from nights_of import COMMAND, SECONDS, environment, write

from redactfuzz.model.night import Alarm, AlarmKind, FindingMet, TargetListed
from redactfuzz.night.journal import Night, nights, of_kind

COMMON = """
from redactfuzz import scenario


def stage(race, scrub):
    key = race.canary("key").text
    clean = race.redactor(scrub)
    race.thread(len, key)
    race.crash(lambda: clean(key))
"""
LEAKS = """
from common import scenario, stage


@scenario(strategy="dpor")
def test_leaks(race):
    stage(race, lambda text: text[:])
"""
IN_A_CLASS = """
from common import scenario, stage


class TestKeys:
    @scenario(strategy="dpor")
    def test_leaks(self, race):
        stage(race, lambda text: text[:])
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Night]:
    """A night whose stderr takes nothing, over a folder with such files and a dangling link."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "tests").mkdir()
    for name, text in {"common.py": COMMON, "test_leak.py": LEAKS, "test_classes.py": IN_A_CLASS}.items():
        write(folder, text, f"tests/{name}")
    (folder / "tests" / "gone.py").symlink_to("nowhere")
    (folder / "secrets.py").write_text("raise SystemExit(7)\n", "utf-8")
    words = ("fuzz", "tests", "--rounds", "1", "--slice", "2s", "--out", "out", "--no-likelihood")
    full = os.open("/dev/full", os.O_WRONLY)
    done = subprocess.run([COMMAND, *words], cwd=folder, env=environment(), stderr=full, timeout=SECONDS, check=False)
    os.close(full)
    (night,) = nights(folder / "out")
    return done.returncode, night


def test_a_file_that_has_scenario_from_another_module_is_explored(ran: tuple[int, Night]) -> None:
    code, night = ran
    assert [each.title for each in of_kind(night.events, FindingMet)] == ["tests/test_leak.py::test_leaks"]
    assert code == 1
    assert night.ended


def test_a_scenario_of_a_class_is_listed_and_said_not_to_be_explored(ran: tuple[int, Night]) -> None:
    _, night = ran
    titles = {each.title for each in of_kind(night.events, TargetListed)}
    assert titles == {"tests/test_leak.py::test_leaks", "tests/test_classes.py::TestKeys.test_leaks"}
    told = [each for each in of_kind(night.events, Alarm) if each.kind is AlarmKind.UNEXPLORED]
    assert [each.title for each in told] == ["tests/test_classes.py::TestKeys.test_leaks"]
    assert "It takes self beside the Race" in told[0].what
