"""Seeds of slices: none is shared by two shards, and the same night has the same ones."""

from __future__ import annotations

import os
from pathlib import Path

from night_samples import listed

from redactfuzz.model.limits import SEED
from redactfuzz.model.night import NightEvent, SliceBegan, TargetListed
from redactfuzz.night.asked import Asked
from redactfuzz.night.job import Job
from redactfuzz.night.journal import Journal, of_kind, read


def seeds(folder: Path, shard: tuple[int, int], count: int = 200) -> set[int]:
    """Of the first slices of so many scenarios."""
    titles = [f"a.py::s{number}" for number in range(count)]
    targets = [each for each in listed(*titles) if isinstance(each, TargetListed)]
    asked = Asked(folder, 60.0, until_stable=False, jobs=1, seed=7, memory=1 << 30, shard=shard)
    told: list[NightEvent] = []
    job = Job(asked, targets, Journal.begin(folder), (), told.append)
    plans: list[SliceBegan] = [job._plan(standing, None) for standing in job.rotation.standings]
    return {int(plan.command[plan.command.index("--seed") + 1]) for plan in plans}


def test_shards_share_none_and_the_same_night_has_the_same_ones(tmp_path: Path) -> None:
    first, second, last = (seeds(tmp_path, shard) for shard in ((1, 99_999), (2, 99_999), (99_999, 99_999)))
    assert len(first) == len(second) == len(last) == 200
    assert not first & second
    assert not first & last
    assert first == seeds(tmp_path, (1, 99_999))
    assert max(last) <= SEED


def test_a_scenario_whose_file_has_a_name_that_is_no_text_has_one_as_well(tmp_path: Path) -> None:
    """As Linux lets a name be any bytes."""
    titles = [os.fsdecode(name) for name in (b"caf\xe9.py::a", b"caf\xe8.py::a")]
    targets = [each for each in listed(*titles) if isinstance(each, TargetListed)]
    asked = Asked(tmp_path, 60.0, until_stable=False, jobs=1, seed=7, memory=1 << 30)
    job = Job(asked, targets, Journal.begin(tmp_path), (), lambda event: None)
    plans = [job._plan(standing, None) for standing in job.rotation.standings]
    assert len({plan.command[plan.command.index("--seed") + 1] for plan in plans}) == 2
    job._tell(*targets, *plans)
    assert [each.title for each in of_kind(read(job.journal.path).events, SliceBegan)] == titles
