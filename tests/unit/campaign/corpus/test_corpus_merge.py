"""Merging: nothing conflicts, nothing is twice, and nothing is lost when it is interrupted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from corpus_entries import TARGET, everything, keep, regression_folder, repro_of, seed_of

from redactfuzz.campaign.corpus import files
from redactfuzz.campaign.corpus.merge import merge
from redactfuzz.model import repro as repros
from redactfuzz.model.seed import dumps


def shards(folder: Path) -> list[Path]:
    """Two corpora, with one seed and one regression in both."""
    made = [folder / "one", folder / "two"]
    for index, corpus in enumerate(made):
        keep(corpus, seed_of([("a", "b")]))
        keep(corpus, seed_of([("a", f"c{index}")]))
        keep(corpus, seed_of([("x", f"y{index}")], target="other-5e6f7a8b"))
        text = repros.dumps(repro_of(mark=f"{index}" * 8))
        (regression_folder(corpus) / f"named-{index}.rfz.json").write_text(text)
    return made


def test_two_shards_merged_are_both_of_them(tmp_path: Path) -> None:
    one, two = shards(tmp_path)
    done = merge([one, two], tmp_path / "all")
    assert (done.added, done.known, dict(done.skipped)) == (6, 2, {})
    there = everything(tmp_path / "all")
    seeds = {name for corpus in (one, two) for name in everything(corpus) if "/seeds/" in name}
    assert {name for name in there if "/seeds/" in name} == seeds
    assert len(there) == len(seeds) + 1  # the regression of both, whoever's mark it bears


def test_the_order_makes_no_difference_and_neither_does_another_time(tmp_path: Path) -> None:
    one, two = shards(tmp_path)
    merge([one, two], tmp_path / "there")
    merge([two], tmp_path / "back")
    merge([one], tmp_path / "back")
    assert everything(tmp_path / "there").keys() == everything(tmp_path / "back").keys()
    before = everything(tmp_path / "there")
    again = merge([one, two, tmp_path / "back"], tmp_path / "there")
    assert again.added == 0
    assert everything(tmp_path / "there") == before


@pytest.mark.parametrize("after", range(6))
def test_a_merge_that_ends_in_the_midst_leaves_whole_entries_and_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    sources, rename = shards(tmp_path), os.rename
    left = [after]

    def renamed(*args: str, **fields: int) -> None:
        if not left[0]:
            raise OSError(28, "No space left on device")
        left[0] -= 1
        rename(*args, **fields)

    monkeypatch.setattr(files.os, "rename", renamed)
    with pytest.raises(OSError, match="No space"):
        merge(sources, tmp_path / "all")
    monkeypatch.undo()
    half = everything(tmp_path / "all")
    assert len(half) == after
    merge(sources, tmp_path / "whole")
    whole = everything(tmp_path / "whole")
    assert half.items() <= whole.items()
    merge(sources, tmp_path / "all")
    assert everything(tmp_path / "all") == whole


def test_what_cannot_be_used_is_counted_and_left_out(tmp_path: Path) -> None:
    source = tmp_path / "source"
    path = keep(source, seed_of([("a", "b")]))
    path.with_name("half.seed.json").write_text(dumps(seed_of([("a", "b")]))[:30])
    path.with_name(f"{'2' * 40}.seed.json").symlink_to("/etc/passwd")
    strange = source / "..strange"
    strange.mkdir()
    (source / "a b").mkdir()
    done = merge([source], tmp_path / "all")
    assert done.added == 1
    assert dict(done.skipped) == {
        "it is no whole JSON: it was truncated or edited": 1,
        "it is a link": 1,
        "its folder is called as none of ours": 1,
    }
    assert list(everything(tmp_path / "all")) == [f"{TARGET}/seeds/{path.name}"]


def test_findings_of_another_interpreter_stay_in_its_folder(tmp_path: Path) -> None:
    folder = regression_folder(tmp_path / "one") / "3.99"
    folder.mkdir()
    (folder / "a.rfz.json").write_text(repros.dumps(repro_of(python="3.99.0")))
    merge([tmp_path / "one"], tmp_path / "all")
    assert [Path(name).parent.name for name in everything(tmp_path / "all")] == ["3.99"]
