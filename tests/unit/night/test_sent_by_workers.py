"""What workers of a cluster send: two of them know nothing of one another."""

from __future__ import annotations

import time
from concurrent.futures import Future
from pathlib import Path

import attrs
import pytest
from night_samples import finding

from redactfuzz.campaign.files import store
from redactfuzz.campaign.files.store import Store, load
from redactfuzz.model import written
from redactfuzz.model.events import FindingSeen
from redactfuzz.model.night import SliceBegan
from redactfuzz.model.repro import Identity, Repro
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.night.cluster import RemoteSlice, Sent
from redactfuzz.night.told import end_of

LEAKS = finding().leaks


class Done(Future[Sent]):
    """What Dask gives of a task that has ended."""

    def __init__(self, sent: Sent) -> None:
        super().__init__()
        self.set_result(sent)

    def release(self) -> None:
        """Nothing is held."""


def repro(seed: int) -> Repro:
    identity = Identity.of(LEAKS, None)
    return Repro("a", "a.py", identity, Schedule(Granularity.CALLS), 1, seed, "3.11.7")


def sent(folder: Path, of: Repro) -> Sent:
    """By a worker that has found one thing."""
    path = Path(Store(folder).save(of))
    line = written.dumps(FindingSeen(attrs.evolve(finding(), seed=of.seed, repro=str(path)))).encode()
    return Sent((line,), "", 0, 1.0, 1.0, {path.name: path.read_text("utf-8")}, "ours")


def taken(here: Path, what: Sent) -> RemoteSlice:
    done = RemoteSlice(SliceBegan(1, "a.py::a", (), 1.0), Done(what), here, lambda: 1, "ours")
    assert done.look()
    return done


def test_files_of_two_workers_with_one_name_are_both_kept_and_each_finding_names_its_own(tmp_path: Path) -> None:
    here = tmp_path / "findings"
    here.mkdir()
    first = repro(1)
    other = next(each for each in map(repro, range(2, 1_000_000)) if each.file_name == first.file_name)
    both = [sent(tmp_path / name, each) for name, each in (("one", first), ("two", other))]
    assert both[0].repros.keys() == both[1].repros.keys()
    seen = [each for what in both for each in taken(here, what).seen]
    assert [load(Path(each.repro)).seed for each in seen] == [each.seed for each in seen] == [1, other.seed]


def test_a_task_that_ran_twice_leaves_one_file(tmp_path: Path) -> None:
    here = tmp_path / "findings"
    here.mkdir()
    what = sent(tmp_path / "one", repro(1))
    assert taken(here, what).seen == taken(here, what).seen
    assert len(list(here.iterdir())) == 1


def test_a_disk_that_is_full_costs_the_file_and_not_the_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    what = sent(tmp_path / "one", repro(1))
    monkeypatch.setattr(store, "_write", full)
    (only,) = taken(tmp_path, what).seen
    assert only.repro == ""


def test_a_file_of_a_later_version_is_kept_under_its_name(tmp_path: Path) -> None:
    what = sent(tmp_path / "one", repro(1))
    (name,) = what.repros
    here = tmp_path / "findings"
    here.mkdir()
    done = taken(here, attrs.evolve(what, repros={name: '{"format": 99}'}))
    assert [each.repro for each in done.seen] == [(here / name).as_posix()]
    assert (here / name).read_text("utf-8") == '{"format": 99}'


class Waiting(Done):
    """A future that nobody fulfils."""

    was_cancelled = False

    def done(self) -> bool:
        return False

    def cancel(self, *, force: bool = False) -> bool:
        self.was_cancelled = force
        return True


@pytest.mark.parametrize("workers", [0, 1])
def test_a_slice_that_no_worker_is_left_for_is_given_up_and_is_no_death(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    future, now = Waiting(None), time.monotonic()  # type: ignore[arg-type]
    waiting = RemoteSlice(SliceBegan(1, "a.py::a", (), 1.0), future, tmp_path, lambda: workers, "ours")
    for later in (4, 30, 59):
        monkeypatch.setattr("time.monotonic", lambda later=later: now + later)
        assert not waiting.look()
    monkeypatch.setattr("time.monotonic", lambda: now + 90)
    assert waiting.look() == (workers == 0)
    monkeypatch.setattr("time.monotonic", lambda: now + 90 * 3600)
    assert waiting.look(), "it was begun again and again"
    assert future.was_cancelled
    assert waiting.lost
    assert "no worker of the cluster has run it" in waiting.how
    assert end_of(waiting, ()).lost


def test_what_another_build_has_explored_is_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "findings").mkdir()
    other = attrs.evolve(sent(tmp_path / "one", repro(1)), build="redactfuzz 9 on Python 3.99")
    done = taken(tmp_path / "findings", other)
    assert (done.seen, done.reports, done.lost) == ([], [], True)
    assert done.how == "its worker has redactfuzz 9 on Python 3.99, and this is ours: install the same"
    assert not list((tmp_path / "findings").iterdir())
