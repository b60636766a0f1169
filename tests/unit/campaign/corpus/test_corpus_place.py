"""Where a target's entries lie, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from redactfuzz.campaign.corpus.place import above, is_target, root_of, target_of

HOSTILE = ["<script>alert(1)</script>", "$(touch pwned); `id`", "../../etc/passwd", "", "ключ", "x" * 300]
NAMES = ["leaks", "a/b", ".git", *HOSTILE]


def project(folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    file = folder / "tests" / "scenario.py"
    file.parent.mkdir()
    file.write_text("")
    return file


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_called_by_harmless_letters_whatever_the_scenario_is_called(tmp_path: Path, name: str) -> None:
    target = target_of(project(tmp_path), name)
    assert is_target(target)
    assert (tmp_path / "corpora" / target).resolve().parent == tmp_path / "corpora"
    assert len(target) < 120


def test_two_scenarios_never_share_a_folder(tmp_path: Path) -> None:
    file = project(tmp_path)
    assert len({target_of(file, name) for name in [*NAMES, "<a>", "-a-", "a"]}) == len(NAMES) + 3


def test_each_checkout_has_the_same_names(tmp_path: Path) -> None:
    names = [target_of(project(tmp_path / checkout), "leaks") for checkout in ("here", "there")]
    assert names[0] == names[1]
    assert names[0].startswith("tests-scenario-leaks-")


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", ".hidden", "a b", "a\n", "-a", "x" * 130])
def test_no_other_name_is_one_of_a_target(name: str) -> None:
    assert not is_target(name)


def test_a_corpus_is_looked_for_up_to_the_root_of_the_project_and_no_further(tmp_path: Path) -> None:
    (tmp_path / "corpora").mkdir()
    file = project(tmp_path / "project")
    assert list(above(file)) == []
    for folder in (file.parent, tmp_path / "project"):
        (folder / "corpora").mkdir()
    assert list(above(file)) == [file.parent / "corpora", tmp_path / "project" / "corpora"]


def test_without_version_control_the_settings_say_where_a_project_begins(tmp_path: Path) -> None:
    file = tmp_path / "inner" / "tests" / "scenario.py"
    file.parent.mkdir(parents=True)
    assert root_of(file) == file.parent
    (tmp_path / "inner" / "pyproject.toml").write_text("")
    assert root_of(file) == tmp_path / "inner"
