"""A night whose slices are made up: a space that takes longer than a slice is gone through in parts, and is proved."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import attrs
import pytest
from night_samples import finding, report

from redactfuzz.changed.build import build
from redactfuzz.cli.night.spared import spared
from redactfuzz.model import written
from redactfuzz.model.counted import Explored
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.events import CampaignEnded, Depended, ReplayResult, Source, Used
from redactfuzz.model.night import FindingMet, Life, NightEnded, SliceBegan, SliceEnded, TargetListed, Why
from redactfuzz.model.part import Part
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Certificate, Verdict
from redactfuzz.night.asked import Asked, opening
from redactfuzz.night.job import Job
from redactfuzz.night.journal import Journal, Night, nights, of_kind
from redactfuzz.night.known import Known
from redactfuzz.night.told import Told

FIXED: dict[str, Any] = {"seconds": 1.0, "seed": 0, "controls": (), "python": "3.11", "gil": True, "hash_seed": "0"}
CERTIFICATE = Certificate(("one line",), 100, isolation="none", granularity="switches", preemptions=None, **FIXED)


SOURCE = Source("a.py", hashlib.sha256(b"").hexdigest())
DEPENDENCIES = Dependencies({SOURCE.path: SOURCE.sha256})


class Finished(Told):
    """A slice that has ended when it is looked at for the first time."""

    memory, cpu, how, measured, whole = 0, 1.0, "", None, True

    def __init__(self, began: SliceBegan) -> None:
        super().__init__(began)
        self.fd = os.eventfd(1, os.EFD_NONBLOCK)

    @property
    def seconds(self) -> float:
        """Of a slice."""
        return 1.0

    def follow(self) -> None:
        """Nothing comes."""

    def look(self) -> bool:
        """It is over."""
        self.close()
        return True

    def interrupt(self) -> None:
        """It is over."""

    def close(self) -> None:
        """Once."""
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


@attrs.define
class Workers:
    """In place of a cluster. A space of 1,000 s, of which a 64th takes less than a slice, and a 32nd more."""

    jobs: int = 4
    given: list[str] = attrs.field(factory=list)

    def start(self, began: SliceBegan, memory: int) -> Finished:
        """What a slice of this command gives."""
        words = began.command
        part = words[words.index("--part") + 1] if "--part" in words else ""
        self.given.append(part)
        slice = Finished(began)
        if part:
            number, of = map(int, part.split("/"))
            done = of >= 64
            space = Explored("dpor", Granularity.SWITCHES, 50, done, 50.0, parts=of)
            own = Part(number, of, "k") if done else None
            made = report(stages=(space,), part=own, certificate=CERTIFICATE, title=began.title, strategy="dpor")
        else:
            made = report(stages=(Explored("dpor", Granularity.SWITCHES, 50, False, 50_000.0),), title=began.title)
        for event in (
            CampaignEnded(made),
            Depended(began.title, (SOURCE,)),
            Used(began.title, DEPENDENCIES),
        ):
            slice.take(written.dumps(event).encode())
        return slice


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that the scenarios are of."""
    (tmp_path / SOURCE.path).touch()
    monkeypatch.chdir(tmp_path)


class Lasting(Finished):
    """A slice that has ended when it is looked at for the second time: so that one always runs beside others."""

    looked = False

    def look(self) -> bool:
        """Every other time."""
        ended, self.looked = self.looked, True
        if ended:
            self.close()
        return ended


class Quiet(Workers):
    """Slices that show nothing new."""

    def start(self, began: SliceBegan, memory: int) -> Finished:
        """One of an odd number lasts longer."""
        slice = Lasting(began) if began.number % 2 else Finished(began)
        slice.take(written.dumps(CampaignEnded(report(title=began.title))).encode())
        return slice


def night(folder: Path, workers: Workers, *titles: str, **fields: Any) -> Night:
    """From its beginning to its end."""
    given: dict[str, Any] = {"until_stable": False, "slice_seconds": 40.0} | fields
    asked = Asked(folder, 60.0, jobs=workers.jobs, seed=1, memory=1 << 30, **given)
    (folder / "findings").mkdir(parents=True)
    journal = Journal.begin(folder)
    targets = [TargetListed(title, (title,)) for title in titles]
    job = Job(asked, targets, journal, (), lambda event: None, workers)  # type: ignore[arg-type]
    job.run(opening(asked, titles, build()))
    journal.close()
    return nights(folder)[-1]


def test_a_space_that_takes_longer_than_a_slice_is_proved_in_parts(tmp_path: Path) -> None:
    workers = Workers()
    told = night(tmp_path / "out", workers, "a.py::a")
    (ended,) = of_kind(told.events, NightEnded)
    assert ended.why is Why.NOTHING_LEFT
    slices = of_kind(told.events, SliceEnded)
    proved = [each for each in slices if each.report is not None and each.report.verdict is Verdict.PROVED]
    assert proved == [slices[-1]]
    assert proved[0].sources == (SOURCE,)
    assert proved[0].dependencies == DEPENDENCIES
    parts = [each for each in workers.given if each.endswith("/64")]
    assert sorted(parts) == sorted(f"{number}/64" for number in range(1, 65))  # each once


def test_parts_run_side_by_side_and_each_says_what_it_runs_before_it_does(tmp_path: Path) -> None:
    told = night(tmp_path / "out", Workers(), "a.py::a", "b.py::b")
    running, most = set[int](), 0
    title = {each.number: each.title for each in of_kind(told.events, SliceBegan)}
    for event in told.events:
        if isinstance(event, SliceBegan):
            running.add(event.number)
        elif isinstance(event, SliceEnded):
            running.discard(event.number)
        most = max(most, sum(title[number] == "a.py::a" for number in running))
    assert most > 1


@pytest.mark.parametrize("shards", [2, 3])
def test_nights_of_shards_have_all_parts_together(shards: int, tmp_path: Path) -> None:
    given: list[str] = []
    for index in range(1, shards + 1):
        workers = Workers(jobs=2)
        told = night(tmp_path / f"out{index}", workers, "a.py::a", shard=(index, shards))
        reports = [each.report for each in of_kind(told.events, SliceEnded)]
        assert all(each is not None and each.verdict is Verdict.NO_LEAK_FOUND for each in reports)
        (ended,) = of_kind(told.events, NightEnded)
        assert ended.why is Why.NOTHING_LEFT
        given += [each for each in workers.given if each.endswith("/64")]
    assert sorted(given) == sorted(f"{number}/64" for number in range(1, 65))


def test_a_night_that_was_killed_goes_on_with_the_parts_that_are_left(tmp_path: Path) -> None:
    folder, workers = tmp_path / "out", Workers(jobs=1)
    told = night(folder, workers, "a.py::a")
    part_slices = [at for at, each in enumerate(told.events) if isinstance(each, SliceEnded) and _part(each)]
    kept = told.events[: part_slices[20] + 1]
    path = folder / "0002.jsonl"
    path.write_bytes(b"".join(written.dumps(each).encode() + b"\n" for each in kept))
    before, again = {_part(each) for each in kept if isinstance(each, SliceEnded)}, Workers(jobs=1)
    asked = Asked(folder, 60.0, False, 1, 1, 1 << 30, slice_seconds=40.0)
    targets = of_kind(kept, TargetListed)
    journal = Journal.resume(path)
    job = Job(asked, targets, journal, (), lambda event: None, again)  # type: ignore[arg-type]
    ended = job.resume(kept)
    journal.close()
    assert ended.why is Why.NOTHING_LEFT
    last = of_kind(nights(folder)[-1].events, SliceEnded)[-1]
    assert last.report is not None
    assert last.report.verdict is Verdict.PROVED
    assert not before & {each for each in again.given if each}


def _part(each: SliceEnded) -> str:
    return str(each.report.part) if each.report is not None and each.report.part is not None else ""


def test_what_a_shard_went_through_is_spared_while_its_files_are_the_same(tmp_path: Path) -> None:
    told = night(tmp_path / "out", Workers(), "a.py::a", shard=(1, 2))
    assert spared([told], {}, (1, 2))["a.py::a"].startswith("its parts were gone through in night 1")
    assert not spared([told], {}, (2, 2))
    assert not spared([told], {}, (1, 1))
    assert not spared([told], {}, (1, 3))
    found = [each for each in told.events if isinstance(each, SliceEnded)]
    leak = attrs.evolve(found[-1], report=report(Verdict.LEAK, title="a.py::a"))
    assert not spared([told, attrs.evolve(told, events=(*told.events[:1], leak), number=2)], {}, (1, 2))
    (tmp_path / SOURCE.path).write_text("changed")
    assert not spared([told], {}, (1, 2))


def test_what_shows_a_finding_again_is_spared_no_more(tmp_path: Path) -> None:
    """A proof that was of other code, or of another environment, does not outlive it."""
    told = night(tmp_path / "out", Workers(), "a.py::a")
    assert spared([told], {}, (1, 1))
    again = FindingMet("k", "a.py::a", 0, Life.REGRESSED, finding(), again=3, times=3)
    assert not spared([told, Night(2, (*told.events[:1], again))], {}, (1, 1))
    fixed = attrs.evolve(again, life=Life.FIXED, again=0)
    assert not spared([told, Night(2, (*told.events[:1], again)), Night(3, (*told.events[:1], fixed))], {}, (1, 1))
    assert spared([Night(0, (*told.events[:1], again)), Night(1, (*told.events, fixed))], {}, (1, 1))
    assert not spared([Night(0, (*told.events[:1], again)), told], {}, (1, 1))  # it is open still


def test_a_night_until_nothing_is_new_ends_though_some_slice_always_runs(tmp_path: Path) -> None:
    told = night(tmp_path / "out", Quiet(jobs=3), "a.py::a", "b.py::b", until_stable=True)
    (ended,) = of_kind(told.events, NightEnded)
    assert ended.why is Why.STABLE
    assert len(of_kind(told.events, SliceEnded)) < 20


@pytest.mark.parametrize("shown", [ReplayResult.REPRODUCED, ReplayResult.NOT_REPRODUCED])
def test_what_is_spared_has_its_turns_in_the_night_in_which_a_replay_shows_a_finding(
    shown: ReplayResult, tmp_path: Path
) -> None:
    asked = Asked(tmp_path, 60.0, until_stable=False, jobs=1, seed=1, memory=1 << 30)
    told: list[Any] = []
    spared_one = TargetListed("a.py::a", ("a.py::a",), "PROVED in night 1")
    job = Job(asked, [spared_one], Journal.begin(tmp_path), (), told.append)
    done = Finished(SliceBegan(0, "a.py::a", (), 1.0))
    done.replays = [shown] * 3
    job._finish(Known("k", "a.py::a", finding(), Life.FIXED), done)  # type: ignore[arg-type]
    again = shown is ReplayResult.REPRODUCED
    assert bool(job.rotation.standings[0].done) is not again
    assert [each.spared for each in of_kind(told, TargetListed)] == [""] * again


@pytest.mark.parametrize("changed", [True, False])
def test_a_finding_of_code_that_is_gone_is_asked_for_again_when_a_night_is_resumed(
    changed: bool, tmp_path: Path
) -> None:
    """Its file is gone as well, so that nobody can run it: that is told of what is asked for, and of nothing else."""
    folder = tmp_path / "out"
    told = night(folder, Quiet(jobs=1), "a.py::a", rounds=1)
    of_others = (Source(SOURCE.path, "0" * 64),) if changed else (SOURCE,)
    slice = attrs.evolve(of_kind(told.events, SliceEnded)[0], sources=of_others)
    events = (*told.events[:2], FindingMet("k", "a.py::a", 1, Life.NEW, finding()), slice)
    asked = Asked(folder, 60.0, until_stable=False, jobs=1, seed=1, memory=1 << 30, rounds=1)
    heard: list[Any] = []
    journal = Journal.resume(folder / "0001.jsonl")
    job = Job(asked, of_kind(events, TargetListed), journal, (), heard.append, Quiet(jobs=1))  # type: ignore[arg-type]
    job.resume(events)
    journal.close()
    assert bool([each for each in of_kind(heard, FindingMet) if each.how]) is changed
