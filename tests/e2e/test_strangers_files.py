"""Repro files, registries and keys from somebody else: nothing runs, and the refusal comes at once and is one line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from commands import COMMAND, Run, filled, run_in


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repro file of a finding."""
    place = filled(tmp_path_factory.mktemp("found"))
    ran = run_in(place, COMMAND, "run", "rotation.py::vulnerable", "--json", "--profile", "ci")
    return place / ran.record["repro"]


def test_a_count_that_no_execution_reaches_is_refused(found: Path, folder: Path) -> None:
    body = json.loads(found.read_text())
    body["schedule"]["deviations"][0]["nth"] = 10**25
    (folder / "theirs.rfz.json").write_text(json.dumps(body))
    ran = run_in(folder, COMMAND, "replay", "theirs.rfz.json")
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


def test_a_strangers_file_of_the_readers_own_code_replays(found: Path, folder: Path) -> None:
    """The positive control: what is refused above is refused for its value."""
    body = {**json.loads(found.read_text()), "mark": ""}
    (folder / "theirs.rfz.json").write_text(json.dumps(body))
    ran = run_in(folder, COMMAND, "replay", "theirs.rfz.json")
    assert ran.code == 1
    assert f"importing {folder / 'rotation.py'}" in ran.err


def test_what_pytest_would_import_above_the_readers_folder_takes_the_readers_word(found: Path, folder: Path) -> None:
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "conftest.py").write_text("from pathlib import Path\nPath(__file__).with_name('ran').touch()\n")
    (folder / "below").mkdir()
    below = filled(folder / "below")
    body = {**json.loads(found.read_text()), "mark": ""}
    (below / "theirs.rfz.json").write_text(json.dumps(body))
    ran = run_in(below, COMMAND, "replay", "theirs.rfz.json")
    assert (ran.code, ran.out) == (2, "")
    assert f"{folder / 'conftest.py'} would be imported" in ran.err
    assert not (folder / "ran").exists()
    ran = run_in(below, COMMAND, "replay", "--trust", "theirs.rfz.json")
    assert ran.code == 1, ran.both
    assert f"importing {folder / 'conftest.py'}" in ran.err
    assert (folder / "ran").exists()


@pytest.mark.parametrize(
    ("option", "what"),
    [
        ("--canaries", "FIFO"),
        ("--canaries", "/dev/zero"),
        ("--jwks", "FIFO"),
        ("--jwks", "/dev/zero"),
        ("--public-key", "digits"),
    ],
)
def test_what_has_no_end_or_is_no_key_is_refused_at_once(folder: Path, option: str, what: str) -> None:
    (folder / "dump").write_bytes(b"nothing")
    given = Path(what) if what.startswith("/") else folder / "given"
    if what == "FIFO":
        os.mkfifo(given)
    elif what == "digits":
        given.write_text("7" * 2_000_000)
    ran = run_in(folder, COMMAND, "scan", option, given, "dump")
    assert ran.code == 2, ran.both
    assert "Traceback" not in ran.both


HOSTILE = "a\x1b]0;owned\x07\x1b[2J\u202eb"


def test_nothing_of_a_name_or_a_path_reaches_the_terminal_raw(cli: Run, folder: Path) -> None:
    named = folder / f"{HOSTILE}.py"
    named.write_text(f"raise RuntimeError({HOSTILE!r})  # scenario redactfuzz")
    (folder / "theirs.rfz.json").write_text(json.dumps({"format": 2, HOSTILE: 1}))
    outputs = [
        cli("run", f"{HOSTILE}.py"),
        cli("run", f"{HOSTILE}-nowhere.py"),
        cli("run", f"--{HOSTILE}"),
        cli("replay", "theirs.rfz.json"),
        cli("replay", HOSTILE),
        cli("scan", HOSTILE),
        cli("scan", "--canaries", HOSTILE, "theirs.rfz.json"),
        cli("plant", "--out", "registry", HOSTILE),
        cli(HOSTILE),
    ]
    assert all(ran.code for ran in outputs)
    assert all(ran.both for ran in outputs)
    raw = [ran.both for ran in outputs if any(char in ran.both for char in "\x1b\x07\u202e")]
    assert not raw
