"""One night after the other: what is new, what is known, and what costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from nights_of import FIXED, LEAKS, by_proof, fuzz, write

from redactfuzz.model.night import Life, NightStarted, SliceBegan, SliceEnded, TargetListed
from redactfuzz.model.verdict import Verdict
from redactfuzz.night.journal import of_kind


def test_a_finding_is_new_then_known_then_fixed_then_regressed(tmp_path: Path) -> None:
    lives = []
    for text in (LEAKS, LEAKS, FIXED, LEAKS):
        ran = fuzz(tmp_path, write(tmp_path, by_proof(text)))
        lives.append(ran.lives.get("rotates"))
        assert "right" not in ran.lives
        assert ran.code == (0 if text is FIXED else 1), ran.said
    assert lives == [Life.NEW, Life.KNOWN, Life.FIXED, Life.REGRESSED]


def test_a_finding_of_a_scenario_that_is_not_asked_for_is_neither_replayed_nor_counted(tmp_path: Path) -> None:
    file = write(tmp_path, by_proof(LEAKS))
    assert fuzz(tmp_path, f"{file}::rotates").code == 1
    other = fuzz(tmp_path, f"{file}::right")
    assert other.lives == {}
    assert other.code == 5, other.said  # there are fewer than last night


def test_what_is_proved_and_unchanged_costs_nothing_and_what_was_changed_is_explored(tmp_path: Path) -> None:
    file = write(tmp_path, by_proof(FIXED))
    first = fuzz(tmp_path, file, slice="60s")
    reports = [each.report for each in of_kind(first.nights[-1].events, SliceEnded)]
    assert {report.verdict for report in reports if report is not None} >= {Verdict.PROVED}
    second = fuzz(tmp_path, file)
    spared = {each.title: each.spared for each in of_kind(second.nights[-1].events, TargetListed)}
    assert all("PROVED in night 1" in why for why in spared.values()), spared
    assert of_kind(second.nights[-1].events, SliceBegan) == []
    assert second.code == 0, second.said
    write(tmp_path, by_proof(FIXED) + "\n# changed\n")
    third = fuzz(tmp_path, file)
    assert {each.spared for each in of_kind(third.nights[-1].events, TargetListed)} == {""}
    assert of_kind(third.nights[-1].events, SliceEnded)


def test_each_command_of_a_slice_shows_the_same_by_itself(tmp_path: Path) -> None:
    ran = fuzz(tmp_path, write(tmp_path, LEAKS), jobs=2)
    began = of_kind(ran.nights[-1].events, SliceBegan)
    assert began
    assert all(each.command[:2] == ("redactfuzz", "run") and "--seed" in each.command for each in began)


def test_shards_have_seeds_of_their_own_and_the_same_night_has_the_same_ones(tmp_path: Path) -> None:
    def seeds(shard: str, out: str) -> set[str]:
        file = write(tmp_path, by_proof(FIXED) + "\n# no proof is kept\n")
        ran = fuzz(tmp_path, file, "--shard", shard, "--seed", 5, out=out)
        began = of_kind(ran.nights[-1].events, SliceBegan)
        assert [each.shard for each in of_kind(ran.nights[-1].events, NightStarted)] == [shard]
        return {each.command[each.command.index("--seed") + 1] for each in began}

    first, second = seeds("1/2", "a"), seeds("2/2", "b")
    assert first
    assert second
    assert not first & second
    again = seeds("1/2", "c")
    assert first & again


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--for", "8"), "no duration"),
        (("--for", "h"), "no duration"),
        (("--for", "0s"), "no duration"),
        (("--for", "9" * 50 + "h"), "no duration"),
        (("--for", "5s", "--shard", "3/2"), "no shard"),
        (("--for", "5s", "--shard", "0/2"), "no shard"),
        (("--for", "5s", "--resume"), "none to resume"),
        (("--for", "5s", "nothing.py"), "no such file"),
        (("--for", "5s"), "name files or folders"),
    ],
)
def test_what_is_asked_wrongly_is_refused_and_leaves_no_night(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    import subprocess

    from nights_of import COMMAND, environment

    done = subprocess.run(
        [COMMAND, "fuzz", *words, "--out", "out", "--no-likelihood"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("out/*.jsonl"))


def test_a_folder_without_scenarios_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "x = 1\n")
    ran = fuzz(tmp_path, ".")
    assert ran.code == 2
    assert "no scenario in this folder" in ran.said


def test_a_file_that_cannot_be_imported_is_an_alarm_and_the_others_are_explored(tmp_path: Path) -> None:
    write(tmp_path, "from redactfuzz import scenario\nraise OSError\n", "broken.py")
    write(tmp_path, by_proof(FIXED))
    ran = fuzz(tmp_path, ".")
    assert ran.code == 5
    assert "broken.py" in ran.said
    assert any(each.title == "ring.py::right" for each in of_kind(ran.nights[-1].events, SliceEnded))


def test_an_empty_corpus_is_an_alarm_unless_it_is_new(tmp_path: Path) -> None:
    file = write(tmp_path, by_proof(FIXED))
    lost = fuzz(tmp_path, file, "--corpus", "kept")
    assert lost.code == 5
    assert "the corpus was not loaded" in lost.said
    new = fuzz(tmp_path, file, "--corpus", "other", "--new-corpus", out="new")
    assert new.code == 0, new.said


def test_what_one_night_kept_the_next_one_runs_first(tmp_path: Path) -> None:
    file = write(tmp_path, FIXED + "\n# no proof is kept\n")
    first = fuzz(tmp_path, file, "--corpus", "corpora", "--new-corpus", "--round-robin", rounds=2, jobs=2)
    added = sum(each.added for each in of_kind(first.nights[-1].events, SliceEnded))
    assert added > 0
    assert len(list((tmp_path / "corpora").glob("*/seeds/*"))) == added
    write(tmp_path, FIXED + "\n# changed: what was proved is explored again\n")
    second = fuzz(tmp_path, file, "--corpus", "corpora")
    assert second.code == 0, second.said
    assert [each.entries for each in of_kind(second.nights[-1].events, NightStarted)] == [added]
    assert sum(each.replayed for each in of_kind(second.nights[-1].events, SliceEnded)) > 0
