"""Minimising keeps all that was covered, and says how much work it was."""

from __future__ import annotations

import os
import random
from pathlib import Path

import hypothesis
import pytest
from corpus_entries import TARGET, everything, keep, regression_folder, repro_of, seed_of
from hypothesis import strategies as st

from redactfuzz.campaign.corpus import minimise as module
from redactfuzz.campaign.corpus.entries import STALE, Entry, seeds_of
from redactfuzz.campaign.corpus.minimise import Changed, cover, minimise
from redactfuzz.model import repro as repros
from redactfuzz.model.coverage import Coverage, union

_PAIRS = st.frozensets(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), max_size=6)


def covered(corpus: Path) -> Coverage:
    return union(each.seed.coverage for each in seeds_of(corpus, TARGET) if isinstance(each, Entry) and each.seed)


@hypothesis.given(st.lists(st.builds(Coverage, _PAIRS, st.frozensets(st.sampled_from("mno")))))
def test_what_is_chosen_covers_all_and_nothing_in_it_could_be_left_out_for_free(sets: list[Coverage]) -> None:
    chosen, counted = cover(sets)
    assert union(sets[index] for index in chosen) == union(sets)
    assert len(set(chosen)) == len(chosen) <= max(len(union(sets)), 0)
    assert counted <= len(sets) * (len(chosen) + 1)


def test_the_largest_comes_first_and_what_it_covers_counts_no_more() -> None:
    sets = [Coverage(frozenset({("a", each) for each in which})) for which in ("12", "34", "1234", "4", "5")]
    assert cover(sets)[0] == [2, 4]


def test_of_equal_ones_the_shorter_schedule_stays(tmp_path: Path) -> None:
    for preemptions in (3, 1, 2):
        keep(tmp_path, seed_of([("a", "b")], preemptions=preemptions))
    done = minimise(tmp_path, TARGET)
    assert (done.kept, done.removed) == (1, 2)
    (left,) = [each.seed for each in seeds_of(tmp_path, TARGET) if isinstance(each, Entry)]
    assert left is not None
    assert len(left.schedule.deviations) == 1


def test_a_seed_that_still_replays_stays_rather_than_a_stale_one(tmp_path: Path) -> None:
    short, long = (keep(tmp_path, seed_of([("a", "b")], preemptions=number)) for number in (1, 2))
    short.with_name(short.name + STALE).touch()
    assert minimise(tmp_path, TARGET).kept == 1
    assert [path.rpartition("/")[2] for path in everything(tmp_path)] == [long.name]


def test_what_only_a_stale_seed_covers_at_once_is_covered_by_those_that_can_be_followed(tmp_path: Path) -> None:
    stale = keep(tmp_path, seed_of([("a", "1"), ("a", "2"), ("a", "3")], number=9))
    stale.with_name(stale.name + STALE).touch()
    live = {keep(tmp_path, seed_of([("a", each)])).name for each in "12"}
    done = minimise(tmp_path, TARGET)
    assert (done.kept, done.removed) == (3, 0)  # of the third pair nobody else knows
    keep(tmp_path, seed_of([("a", "3")]))
    done = minimise(tmp_path, TARGET)
    assert (done.kept, done.removed) == (3, 1)
    left = {each.place[-1] for each in seeds_of(tmp_path, TARGET) if isinstance(each, Entry)}
    assert live < left
    assert stale.name not in left


def test_what_one_interpreter_can_follow_is_no_reason_to_remove_what_another_can(tmp_path: Path) -> None:
    keep(tmp_path, seed_of([("a", "1"), ("a", "2")], python="3.11"))
    others = {keep(tmp_path, seed_of([("a", each)], python="3.13")).name for each in "12"}
    keep(tmp_path, seed_of([("a", "1")], python="3.11", number=2))
    done = minimise(tmp_path, TARGET)
    assert (done.kept, done.removed) == (3, 1)
    assert others < {each.place[-1] for each in seeds_of(tmp_path, TARGET) if isinstance(each, Entry)}


def test_where_what_stays_covers_all_but_by_a_stale_one_nothing_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = keep(tmp_path, seed_of([("a", "1"), ("a", "2")]))
    stale.with_name(stale.name + STALE).touch()
    for each in "12":
        keep(tmp_path, seed_of([("a", each)]))
    before = everything(tmp_path)
    monkeypatch.setattr(module, "cover", lambda sets, known: ([0][: len(sets)], 1))
    with pytest.raises(Changed, match="nothing was removed"):
        minimise(tmp_path, TARGET)
    assert everything(tmp_path) == before


def test_nothing_that_was_covered_is_lost_on_the_disk_and_regressions_stay(tmp_path: Path) -> None:
    draw = random.Random(1)
    for number in range(60):
        pairs = {(f"w{draw.randrange(9)}", f"r{draw.randrange(9)}") for _ in range(draw.randrange(1, 8))}
        keep(tmp_path, seed_of(pairs, [f"token: {number % 7}"], number=number))
    (regression_folder(tmp_path) / "known.rfz.json").write_text(repros.dumps(repro_of()))
    (tmp_path / TARGET / "seeds" / "newer.seed.json").write_text('{"format": 99}')
    before = covered(tmp_path)
    done = minimise(tmp_path, TARGET)
    assert covered(tmp_path) == before
    assert 0 < done.kept < 60
    assert done.kept + done.removed == 60
    assert {"known.rfz.json", "newer.seed.json"} < {path.rpartition("/")[2] for path in everything(tmp_path)}
    assert minimise(tmp_path, TARGET).removed == 0


def test_where_what_stays_is_not_what_was_chosen_nothing_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        keep(tmp_path, seed_of([("a", "b"), ("a", f"c{number}")], number=number))
    before = everything(tmp_path)
    monkeypatch.setattr(module, "cover", lambda sets, known: ([0][: len(sets)], 1))  # an algorithm that loses pairs
    with pytest.raises(Changed, match="nothing was removed"):
        minimise(tmp_path, TARGET)
    assert everything(tmp_path) == before


def test_one_that_ends_in_the_midst_has_lost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        keep(tmp_path, seed_of([("a", f"c{each}") for each in range(number + 1)], number=number))
    before, unlink, left = covered(tmp_path), os.unlink, [3]

    def unlinked(*args: str, **fields: int) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        unlink(*args, **fields)

    monkeypatch.setattr(module.os, "unlink", unlinked)
    with pytest.raises(KeyboardInterrupt):
        minimise(tmp_path, TARGET)
    monkeypatch.undo()
    assert 1 < len(everything(tmp_path)) < 8
    assert covered(tmp_path) == before
    assert minimise(tmp_path, TARGET).kept == 1
    assert covered(tmp_path) == before


def test_ten_thousand_are_little_work() -> None:
    draw = random.Random(2)
    sites = [f"module:function+{number}" for number in range(400)]
    sets = [
        Coverage(frozenset((sites[draw.randrange(400)], sites[draw.randrange(400)]) for _ in range(draw.randrange(60))))
        for _ in range(10_000)
    ]
    chosen, counted = cover(sets)
    assert union(sets[index] for index in chosen) == union(sets)
    assert counted < 12 * len(sets)
