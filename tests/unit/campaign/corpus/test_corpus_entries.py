"""Bad input: what cannot be used is skipped with its reason, nothing outside is touched, and nothing is run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from corpus_entries import TARGET, keep, regression_folder, repro_of, seed_of

from redactfuzz.campaign.corpus.entries import Entry, entries, targets
from redactfuzz.campaign.corpus.files import Refused, Skipped, opened, place, settle
from redactfuzz.campaign.corpus.place import SEEDS
from redactfuzz.model import repro as repros
from redactfuzz.model.seed import dumps, name_of

PAIR = ("a:f+1", "a:g+2")


def read(corpus: Path) -> tuple[list[Entry], list[Skipped]]:
    found = list(entries(corpus, TARGET))
    return [e for e in found if isinstance(e, Entry)], [e for e in found if isinstance(e, Skipped)]


def put(corpus: Path, text: str, name: str | None = None) -> Path:
    folder = corpus / TARGET / SEEDS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name or name_of(text))
    path.write_text(text)
    return path


def test_what_was_kept_is_read_as_it_was(tmp_path: Path) -> None:
    seed = seed_of([PAIR], ["token: crash $.key"])
    keep(tmp_path, seed)
    (regression_folder(tmp_path) / "any-name.rfz.json").write_text(repros.dumps(repro_of()))
    used, skipped = read(tmp_path)
    assert [each.seed for each in used] == [seed, None]
    assert used[1].repro == repro_of()
    assert not skipped
    assert targets(tmp_path) == [TARGET]


def changed(**fields: object) -> str:
    body = json.loads(dumps(seed_of([PAIR])))
    return json.dumps({**body, **fields}, indent=1, sort_keys=True) + "\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (changed(format=2), "newer version"),
        (changed(format=True), "no seed"),
        (changed(target="tests-other-1a2b3c4d"), "another target"),
        (changed(more=1), 'the field "more" is unknown'),
        (changed(canary_number=-1), "canary_number"),
        (changed(canary_number=1 << 40), "canary_number"),
        (changed(seed=1 << 70), "larger than any"),
        (changed(pairs=[["only one"]]), "pairs"),
        (changed(pairs="a"), "pairs"),
        (changed(scenario="a\0b"), "zero byte"),
        (dumps(seed_of([PAIR]))[:-40], "no whole JSON"),
        ("", "no whole JSON"),
        ("[" * 100_000, "no whole JSON"),
        ("[]", "no seed"),
    ],
)
def test_a_seed_that_is_none_is_skipped_with_its_reason(tmp_path: Path, text: str, why: str) -> None:
    put(tmp_path, text)
    keep(tmp_path, seed_of([PAIR], number=7))
    used, skipped = read(tmp_path)
    assert len(used) == 1
    assert [why in each.reason for each in skipped] == [True], skipped


def test_a_seed_of_which_the_name_is_not_its_own_is_no_entry(tmp_path: Path) -> None:
    put(tmp_path, dumps(seed_of([PAIR])), f"{'0' * 40}.seed.json")
    assert [each.reason for each in read(tmp_path)[1]] == [
        "its name is not that of what it holds: it was edited, or is not whole"
    ]


def test_a_regression_that_is_none_is_skipped_with_its_reason(tmp_path: Path) -> None:
    folder = regression_folder(tmp_path)
    newer = repros.dumps(repro_of()).replace(f'"format": {repros.FORMAT}', '"format": 99')
    (folder / "newer.rfz.json").write_text(newer)
    (folder / "half.rfz.json").write_text(repros.dumps(repro_of())[:50])
    used, skipped = read(tmp_path)
    assert not used
    assert ["no whole JSON" in skipped[0].reason, "format 99" in skipped[1].reason] == [True, True]


def test_no_link_is_followed(tmp_path: Path) -> None:
    corpus, elsewhere = tmp_path / "corpus", tmp_path / "elsewhere"
    text = dumps(seed_of([PAIR]))
    elsewhere.mkdir()
    (elsewhere / name_of(text)).write_text(text)
    folder = corpus / TARGET / SEEDS
    folder.mkdir(parents=True)
    (folder / name_of(text)).symlink_to(elsewhere / name_of(text))
    assert [each.reason for each in read(corpus)[1]] == ["it is a link"]
    (corpus / TARGET / "regressions").symlink_to(elsewhere)
    assert "is a link or a file, and no folder" in read(corpus)[1][1].reason
    (corpus / "linked").symlink_to(corpus / TARGET)
    assert targets(corpus) == [TARGET]


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    corpus, elsewhere = tmp_path / "corpus", tmp_path / "elsewhere"
    elsewhere.mkdir()
    corpus.mkdir()
    (corpus / TARGET).symlink_to(elsewhere)
    with pytest.raises(Refused, match="no folder"):
        keep(corpus, seed_of([PAIR]))
    assert not list(elsewhere.iterdir())


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    put(tmp_path, "x")
    os.mkfifo(tmp_path / TARGET / SEEDS / f"{'1' * 40}.seed.json")
    (tmp_path / TARGET / SEEDS / f"{'2' * 40}.seed.json").mkdir()
    assert [each.reason for each in read(tmp_path)[1]].count("it is no file") == 2


def test_what_is_no_text_is_skipped(tmp_path: Path) -> None:
    put(tmp_path, "x", "bytes.seed.json").write_bytes(b"\xff\xfe\x00")
    assert [each.reason for each in read(tmp_path)[1]] == ["it is not text"]


def test_whoever_is_killed_in_the_midst_leaves_a_part_that_nobody_reads_and_that_goes_in_time(tmp_path: Path) -> None:
    keep(tmp_path, seed_of([PAIR]))
    part = tmp_path / TARGET / SEEDS / f".{'0' * 16}.part"
    part.write_text("half of")
    assert len(read(tmp_path)[0]) == 1
    with opened(tmp_path, TARGET, SEEDS) as descriptor:
        settle(descriptor)
        assert part.exists()  # somebody may be writing it
        os.utime(part, (1, 1))
        settle(descriptor)
    assert not part.exists()


def test_what_fails_in_the_midst_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("redactfuzz.campaign.corpus.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        keep(tmp_path, seed_of([PAIR]))
    assert not list((tmp_path / TARGET / SEEDS).iterdir())


def test_what_is_there_is_not_written_again(tmp_path: Path) -> None:
    path = keep(tmp_path, seed_of([PAIR]))
    before = path.stat()
    keep(tmp_path, seed_of([PAIR]))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    with opened(tmp_path, TARGET, SEEDS) as descriptor:
        assert not place(descriptor, path.name, "other")
