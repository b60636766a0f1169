"""Which files of a folder hold scenarios, and what of them only pytest can run."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.cli.given import unbound
from redactfuzz.cli.load import loaded
from redactfuzz.cli.paths import wanted

SCENARIO = """
from redactfuzz import scenario


@scenario
def right(race):
    pass
"""
CLASSES = (
    SCENARIO
    + """

class TestKeys:
    @scenario
    def test_leaks(self, race):
        pass

    class TestDeep:
        @scenario
        def test_deep(self, race):
            pass

    @staticmethod
    @scenario
    def test_static(race):
        pass

    same = right


@scenario
def test_fixture(ring, race):
    pass


class Other(TestKeys):
    itself = TestKeys
"""
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "ring.py").write_text(SCENARIO, "utf-8")
    return tmp_path / "tests"


def names(folder: Path) -> list[str]:
    return [each.file.name for each in wanted((str(folder),))]


def test_what_cannot_be_read_and_nobody_named_is_left_out_and_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "gone.py").symlink_to("nowhere")
    (folder / ".#ring.py").symlink_to("ann@host.12345")
    (folder / ".hidden.py").write_text(SCENARIO, "utf-8")
    assert names(folder) == ["ring.py"]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "gone.py: cannot be read (No such file or directory): it is left out" in said[0]
    with pytest.raises(click.UsageError, match="no such file"):
        wanted((str(folder / "gone.py"),))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from common import scenario\n\n@scenario\ndef leaks(race): pass\n", True),
        ("import common as c\n\nclass It:\n    @c.rf.scenario(executions=3)\n    def test(self, race): pass\n", True),
        ("import redactfuzz\nmade = redactfuzz.scenario(len)\n", True),
        ("# The worst scenario is another.\nscenario = 1\n", False),
        ("from common import scenarios\n\n@scenarios\ndef other(race): pass\n", False),
    ],
)
def test_a_file_that_has_scenario_from_a_module_of_its_own_is_one(folder: Path, text: str, found: bool) -> None:
    (folder / "other.py").write_text(text, "utf-8")
    assert ("other.py" in names(folder)) == found


def test_scenarios_in_classes_are_known_and_what_only_pytest_makes_is_missing(folder: Path) -> None:
    (folder / "classes.py").write_text(CLASSES, "utf-8")
    with loaded(folder / "classes.py") as scenarios:
        known = {each.name: unbound(each.function) for each in scenarios}
        titles = [spec_of(each.function).title for each in scenarios]
    assert titles == [f"tests/classes.py::{name}" for name in known]
    assert known == {
        "right": [],
        "TestKeys.test_leaks": ["self"],
        "TestKeys.TestDeep.test_deep": ["self"],
        "TestKeys.test_static": [],
        "test_fixture": ["ring"],
    }
