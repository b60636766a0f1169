"""What somebody does in the morning: goes through findings, lives with one, looks for the commit that brought it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from nights_of import COMMAND, FIXED, LEAKS, Ran, by_proof, environment, fuzz, write


def cli(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, words)],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After a night with one finding."""
    made = tmp_path_factory.mktemp("night")
    ran: Ran = fuzz(made, write(made, by_proof(LEAKS)))
    assert ran.code == 1, ran.said
    assert "each scenario had its turns" in ran.said
    return made


def test_a_repro_file_that_no_journal_tells_of_is_told(folder: Path, tmp_path: Path) -> None:
    """As after a night that could not write."""
    shutil.copytree(folder / "out" / "findings", tmp_path / "out" / "findings")
    first, _, _ = (folder / "out" / "0001.jsonl").read_bytes().partition(b"\n")
    (tmp_path / "out" / "0001.jsonl").write_bytes(first + b"\n")
    ran = cli(tmp_path, "triage", "out")
    assert ran.returncode == 5, ran.stderr
    assert "1 repro file that no journal tells of" in ran.stderr


def test_a_finding_is_listed_until_it_is_suppressed_and_again_when_that_is_over(folder: Path) -> None:
    listed = cli(folder, "triage", "out", "--json")
    assert listed.returncode == 1
    record = json.loads(listed.stdout)
    assert (record["life"], record["scenario"], record["first_night"]) == ("new", "ring.py::rotates", 1)
    file = folder / "redactfuzz-suppressions.toml"
    entry = '[[suppressed]]\nkey = "{}"\nreason = "for the test"\nuntil = {}\n'
    try:
        file.write_text(entry.format(record["key"], "2000-01-01"))
        expired = cli(folder, "triage", "out")
        assert expired.returncode == 1
        assert "its suppression ended on 2000-01-01: for the test" in expired.stdout
        import datetime

        file.write_text(entry.format(record["key"], datetime.date.today() + datetime.timedelta(days=30)))
        hidden = cli(folder, "triage", "out")
        assert hidden.returncode == 0, hidden.stdout
        assert "0 to look at, 0 fixed, 1 suppressed" in hidden.stdout
        assert "for the test" in cli(folder, "triage", "out", "--all").stdout
        assert fuzz(folder, "ring.py").code == 0
        file.write_text("nonsense")
        assert "no TOML" in cli(folder, "triage", "out").stderr
        assert "no TOML" in fuzz(folder, "ring.py").said
    finally:
        file.unlink()


def test_a_folder_without_nights_is_refused(tmp_path: Path) -> None:
    ran = cli(tmp_path, "triage", "nothing")
    assert ran.returncode == 2
    assert "no journal of a night" in ran.stderr


def test_lines_of_a_journal_that_are_lost_are_said_and_are_no_pass(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "0001.jsonl").write_text('{"v":2,"event":"FindingMet"}\n')
    ran = cli(folder, "triage", tmp_path)
    assert ran.returncode == 5
    assert "findings may be missing here: 0001.jsonl:1: it is of version 2" in ran.stderr


def test_of_code_that_is_not_there_git_is_told_to_skip_the_commit(folder: Path, tmp_path: Path) -> None:
    """Any status from 1 to 127 but that one would be a bad commit to it."""
    (repro,) = (folder / "out" / "findings").glob("rotates-*.rfz.json")
    ran = cli(tmp_path, "replay", "--bisect", repro)
    assert ran.returncode == 125
    assert "its code, ring.py, is neither below" in ran.stderr
    assert cli(tmp_path, "replay", repro).returncode == 2


def test_git_finds_the_commit_that_brought_the_leak(folder: Path, tmp_path: Path) -> None:
    """Of six commits the fourth one brings it; the third one cannot be run, and is skipped."""
    who = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

    def git(*words: object) -> str:
        done = subprocess.run(
            ["git", *map(str, words)],
            cwd=tmp_path,
            env=environment() | who,
            check=False,
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    git("init", "-q")
    commits = []
    for number, text in enumerate((FIXED, FIXED, "raise OSError\n", LEAKS, LEAKS, LEAKS)):
        write(tmp_path, f"# {number}\n{text}")
        git("add", "ring.py")
        git("commit", "-qm", str(number))
        commits.append(git("rev-parse", "HEAD").strip())
    (repro,) = (folder / "out" / "findings").glob("rotates-*.rfz.json")
    git("bisect", "start", commits[-1], commits[0])
    said = git("bisect", "run", COMMAND, "replay", "--bisect", os.path.relpath(repro, tmp_path))
    assert f"{commits[3]} is the first bad commit" in said or (
        "There are only 'skip'ped commits left" in said and commits[3] in said
    ), said
