"""A night that is resumed goes by the code that is there now, and by the files that it began with."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import attrs
import pytest
from night_samples import ended, listed, report

from redactfuzz.campaign.files.proof import digest
from redactfuzz.cli.night import fuzz
from redactfuzz.cli.night.suppressed import Said
from redactfuzz.model.events import Source
from redactfuzz.model.night import Alarm, AlarmKind, NightEvent, TargetListed
from redactfuzz.model.verdict import Verdict
from redactfuzz.night.asked import Asked, opening
from redactfuzz.night.job import Job
from redactfuzz.night.journal import FINDINGS, Journal, NightError, of_kind

THEN = f"redactfuzz 0.1 on Python {platform.python_version()}"
PROVED = ended(of=report(Verdict.PROVED))


def asked(folder: Path) -> Asked:
    return Asked(folder, 0.0, until_stable=False, jobs=1, seed=7, memory=1 << 30)


def resumed(folder: Path, *before: NightEvent, spared: str = "") -> Job:
    """``spared``: what is decided now."""
    targets = [attrs.evolve(each, spared=spared) for each in listed("a.py::a") if isinstance(each, TargetListed)]
    folder.mkdir(exist_ok=True)
    job = Job(asked(folder), targets, Journal.begin(folder), (), lambda event: None)
    job.resume(before)
    return job


def unexplored(job: Job) -> bool:
    return AlarmKind.UNEXPLORED in {each.kind for each in of_kind(job.events, Alarm)}


def test_what_was_proved_in_it_counts_where_all_is_as_it_was(tmp_path: Path) -> None:
    job = resumed(tmp_path, *listed("a.py::a"), PROVED, spared="PROVED in night 1")
    assert job.rotation.over
    assert not unexplored(job)


def test_what_was_proved_in_it_has_its_turns_where_something_changed(tmp_path: Path) -> None:
    job = resumed(tmp_path, *listed("a.py::a"), PROVED)
    assert not job.rotation.over
    assert unexplored(job), "there was no time for it any more"


def test_what_it_spared_has_its_turns_where_something_changed(tmp_path: Path) -> None:
    (target,) = listed("a.py::a")
    job = resumed(tmp_path, attrs.evolve(target, spared="PROVED in night 1"))  # type: ignore[arg-type]
    assert not job.rotation.over
    assert [each.spared for each in of_kind(job.events, TargetListed)] == ["PROVED in night 1", ""]
    assert unexplored(job)


def test_what_was_explored_in_it_is_not_lost(tmp_path: Path) -> None:
    job = resumed(tmp_path, *listed("a.py::a"), ended())
    assert job.rotation.standings[0].executions == 1_000
    assert len(of_kind(job.events, TargetListed)) == 1
    assert not unexplored(job)


@pytest.mark.parametrize("changed", [True, False])
def test_what_was_explored_of_other_code_has_its_turns_and_what_was_of_this_has_had_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.py"
    file.write_text("before")
    slice = attrs.evolve(ended(), sources=(Source("a.py", digest(file)),))
    file.write_text("after" if changed else "before")
    job = resumed(tmp_path / "night", *listed("a.py::a"), slice)
    assert job.rotation.standings[0].slices == (0 if changed else 1)
    assert len(of_kind(job.events, TargetListed)) == (2 if changed else 1)
    assert unexplored(job) == changed


def killed(folder: Path, *paths: str) -> None:
    """A night that began with them."""
    (folder / FINDINGS).mkdir()
    journal = Journal.begin(folder)
    journal.write(opening(asked(folder), paths, "0.1"), *listed("a.py::a"))
    journal.close()


def test_other_files_beside_resume_are_refused_and_the_same_ones_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("")
    killed(tmp_path, "a.py")
    monkeypatch.setattr(fuzz, "described", lambda: THEN)
    with pytest.raises(NightError, match=r"b\.py: the night in .* was begun with a\.py"):
        fuzz._held_night(asked(tmp_path), ("b.py",), None, resume=True, said=Said.of(tmp_path / "none.toml"))
    assert fuzz._held_night(asked(tmp_path), ("a.py",), None, resume=True, said=Said.of(tmp_path / "none.toml")) == 5


def test_another_build_or_interpreter_goes_on_with_no_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What both explored would be told as of the first one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("")
    killed(tmp_path, "a.py")
    for here in ("redactfuzz 0.1 (another) on Python 3.11.7", "redactfuzz 0.1 on Python 3.99.0"):
        monkeypatch.setattr(fuzz, "described", lambda here=here: here)
        with pytest.raises(NightError, match=re.escape(f"begun by {THEN}, and this is {here}: what they explored")):
            fuzz._held_night(asked(tmp_path), (), None, resume=True, said=Said.of(tmp_path / "none.toml"))


def test_a_directory_of_nights_is_of_one_folder_of_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their names begin there: of another folder they would mean other files, and one would be spared for the other."""
    (tmp_path / "pyproject.toml").write_text("")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("")
    said = Said.of(tmp_path / "none.toml")
    monkeypatch.setattr(fuzz, "_listed", lambda *_: [TargetListed("a.py", ("a.py",), "spared")])
    for name in ("one", "one"):
        monkeypatch.chdir(tmp_path / name)
        assert fuzz._held_night(begun(tmp_path / "out"), ("a.py",), None, resume=False, said=said) == 0
    monkeypatch.chdir(tmp_path / "other")
    with pytest.raises(NightError, match="were of the folder 'one' of this project, and this is 'other'"):
        fuzz._held_night(begun(tmp_path / "out"), ("a.py",), None, resume=False, said=said)
    (tmp_path / "one" / "a.py").rename(tmp_path / "moved.py")  # it has moved: these are its files
    assert fuzz._held_night(begun(tmp_path / "out"), ("a.py",), None, resume=False, said=said) == 0


def begun(folder: Path) -> Asked:
    folder.mkdir(exist_ok=True)
    (folder / FINDINGS).mkdir(exist_ok=True)
    return asked(folder)
