"""Where files go, and options that are refused."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import attrs
import pytest

from redactfuzz.campaign.files.store import Store, bring, load
from redactfuzz.campaign.session.spec import PROFILES, OptionError, Options, Settings, relative, resolve
from redactfuzz.model.outcome import Leak
from redactfuzz.model.plan import Isolation
from redactfuzz.model.repro import Identity, Repro, ReproError
from redactfuzz.model.schedule import Granularity, Schedule

REPRO = Repro(
    "toy",
    "x.py",
    Identity.of((Leak("k", "utf-8", 0, 1, "d", "00"),), None),
    Schedule(Granularity.CALLS),
    1,
    2,
    "3.11.7",
)


def test_a_file_that_is_saved_is_read_back(tmp_path: Path) -> None:
    path = Path(Store(tmp_path / "deep" / "down").save(REPRO))
    assert attrs.evolve(load(path), mark="") == REPRO
    assert path.parent == tmp_path / "deep" / "down"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_better_file_takes_the_place_of_the_first(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = store.save(REPRO)
    second = store.save(attrs.evolve(REPRO, canary_number=3))
    assert [p.as_posix() for p in tmp_path.iterdir()] == [second]
    assert second == first
    assert load(Path(second)).canary_number == 3


def test_two_findings_whose_names_have_the_same_digits_have_a_file_each(tmp_path: Path) -> None:
    """Of 65,536: a night saves thousands, and scenarios in many files are called alike."""
    store, other = Store(tmp_path), REPRO
    while other.digest == REPRO.digest or other.file_name != REPRO.file_name:
        other = attrs.evolve(other, seed=other.seed + 1)
    paths = [Path(store.save(each)) for each in (REPRO, other, REPRO, other)]
    assert paths[:2] == paths[2:]
    assert [load(each).seed for each in paths[:2]] == [REPRO.seed, other.seed]


def test_a_file_of_another_machine_is_kept_as_it_is_beside_one_whose_name_has_the_same_digits(tmp_path: Path) -> None:
    there, here, other = Store(tmp_path / "there"), tmp_path / "here", REPRO
    here.mkdir()
    while other.digest == REPRO.digest or other.file_name != REPRO.file_name:
        other = attrs.evolve(other, seed=other.seed + 1)
    texts = [Path(there.save(each)).read_text("utf-8") for each in (REPRO, other)]
    paths = [Path(bring(text, here)) for text in (*texts, *texts)]
    assert [path.read_text("utf-8") for path in paths] == [*texts, *texts]
    assert len(set(paths)) == 2 == len(list(here.iterdir()))
    with pytest.raises(ReproError):
        bring("{}", here)


def test_nothing_is_made_before_there_is_something_to_keep(tmp_path: Path) -> None:
    Store(tmp_path / "none").running_file("toy", Isolation.NONE)
    assert not (tmp_path / "none").exists()


def test_what_cannot_go_where_it_should_goes_to_the_temporary_folder_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    blocked = tmp_path / "file"
    blocked.write_text("a file is where the folder should be")
    store = Store(blocked / "inside")
    path = Path(store.save(REPRO))
    assert attrs.evolve(load(path), mark="") == REPRO
    assert path.parent == tmp_path / f"redactfuzz-{os.getuid()}"
    assert str(path.parent) in store.note


def test_where_the_disk_is_full_a_file_goes_to_the_temporary_folder_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, lasting = tmp_path / "full", tmp_path / "lasting"
    full.mkdir()
    lasting.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(lasting))
    kept = Store(full)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "of an execution"))
    replace = Path.replace

    def full_disk(self: Path, target: Path) -> Path:
        if full in self.parents:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full_disk)
    path = Path(kept.save(REPRO))
    assert lasting in path.parents
    assert load(path) == attrs.evolve(REPRO, mark=load(path).mark)
    assert "No space left on device" in kept.note
    assert not list(full.iterdir())


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"\xff\xfe\x00", "not text"), (b"", "it is empty"), (b"{", "truncated"), (b"[1]", "not a repro file")],
)
def test_a_file_that_is_none_is_refused_with_its_name(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "odd.rfz.json"
    path.write_bytes(content)
    with pytest.raises(ReproError) as caught:
        load(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.rfz.json", tmp_path, Path("nul\0")):
        with pytest.raises(ReproError, match="cannot be read"):
            load(path)


def test_what_is_given_wins_over_the_scenario_and_that_over_the_profile() -> None:
    settings = Settings(executions=70, seed=5, profile="ci")
    limits = resolve(Options(executions=9), settings)
    assert (limits.executions, limits.seed, limits.seconds) == (9, 5, PROFILES["ci"].seconds)
    assert resolve(Options(), Settings()).executions == PROFILES["dev"].executions
    assert not resolve(Options(profile="nightly"), Settings()).bounded


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"profile": "fast"}, "choose one of ci, dev, nightly"),
        ({"strategy": "dfs"}, "choose one of default, sequential"),
        ({"granularity": "lines"}, "choose one of calls, switches, instructions"),
        ({"isolation": "vm"}, "choose one of auto, process, none"),
        ({"executions": 0}, "whole number of at least 1"),
        ({"executions": True}, "whole number of at least 1"),
        ({"preemptions": -1}, "whole number of at least 0"),
        ({"seed": -3}, "whole number of at least 0"),
        ({"seed": 2**64}, "below 2"),
        ({"seconds": 0}, "above 0"),
        ({"seconds": float("nan")}, "above 0"),
    ],
)
def test_a_value_that_an_option_cannot_have_is_named_with_those_it_can(options: dict[str, Any], says: str) -> None:
    with pytest.raises(OptionError) as caught:
        resolve(Options(), Settings(**options))
    assert says in str(caught.value)


def test_paths_are_told_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert relative(str(tmp_path / "tests" / "x.py")) == "tests/x.py"
    assert relative("/elsewhere/x.py") == "/elsewhere/x.py"
