"""``redactfuzz replay`` in a process of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from conftest import COMMAND, Run, filled, run_in


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repro file of ``rotation.py::vulnerable``: it is searched once, and each test has a copy."""
    place = filled(tmp_path_factory.mktemp("found"))
    ran = run_in(place, COMMAND, "run", "rotation.py::vulnerable", "--json", "--profile", "ci")
    return place / ran.record["repro"]


@pytest.fixture
def repro(found: Path, folder: Path) -> Path:
    """A repro file of ``rotation.py::vulnerable`` of the test's own."""
    copied = folder / found.parent.name / found.name
    copied.parent.mkdir()
    copied.write_bytes(found.read_bytes())
    return copied


def edit(repro: Path, **values: object) -> None:
    repro.write_text(json.dumps({**json.loads(repro.read_text()), **values}))


def test_a_finding_happens_again_and_exits_1(cli: Run, repro: Path) -> None:
    ran = cli("replay", repro)
    assert ran.code == 1
    assert "CRASH strikes here" in ran.out
    assert "what a scenario prints" in ran.err
    assert "what a scenario prints" not in ran.out


def test_it_happens_again_a_hundred_times_of_a_hundred(cli: Run, repro: Path) -> None:
    ran = cli("replay", repro, "--times", 100, "--json")
    assert (ran.code, ran.record["verdict"], ran.record["executions"]) == (1, "LEAK", 100)


def test_a_fix_lets_the_schedule_run_to_its_end_and_exits_0(cli: Run, repro: Path, folder: Path) -> None:
    ring = (folder / "ring.py").read_text()
    fixed = ring.replace('text = text.replace(key, "[key]")', 'text = "[everything]"')
    assert fixed != ring
    (folder / "ring.py").write_text(fixed)
    ran = cli("replay", repro)
    assert ran.code == 0
    assert "LEAK  " not in ran.out


def test_changed_code_diverges_names_the_place_and_exits_5(cli: Run, repro: Path, folder: Path) -> None:
    ring = (folder / "ring.py").read_text()
    (folder / "ring.py").write_text(
        ring.replace("self.know(key)", "pass").replace(
            "self.use(key)", "self.known = (*self.known, key); self.use(key)"
        )
    )
    ran = cli("replay", repro, "--json")
    assert (ran.code, ran.record["verdict"]) == (5, "INCONCLUSIVE")
    assert "iverged" in ran.record["reason"]
    assert "ring" in ran.record["reason"]


def test_a_scenario_that_is_gone_has_diverged(cli: Run, repro: Path, folder: Path) -> None:
    text = (folder / "rotation.py").read_text()
    (folder / "rotation.py").write_text(text.replace("vulnerable", "renamed"))
    ran = cli("replay", repro)
    assert ran.code == 5
    assert "renamed" in ran.out


def test_it_replays_from_another_folder(cli: Run, repro: Path, folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    moved = folder / "elsewhere" / "finding.rfz.json"
    moved.write_bytes(repro.read_bytes())
    assert cli("replay", moved).code == 1


def test_every_step_is_printed_on_demand(cli: Run, repro: Path) -> None:
    ran = cli("replay", repro, "--trace")
    assert ran.code == 1
    assert "ring:Ring.rotate" in ran.out


def test_pdb_stops_where_the_crash_strikes_and_shows_the_threads(repro: Path, folder: Path) -> None:
    ran = subprocess.run(
        [COMMAND, "replay", repro, "--pdb"],
        cwd=folder,
        input="threads\np self.current == key\nnext\nc\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1
    assert "rotate: " in ran.stderr
    assert "ring.py:8 in rotate" in ran.stderr
    assert "(crash) True" in ran.stderr
    assert "The schedule decides" in ran.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ('{"format": 1, "scen', "truncated"),
        ("[]", "not a repro file"),
        ('{"format": 99}', "Upgrade"),
        ('{"format": 1}', "missing"),
        ("\udcff", "not text"),
    ],
)
def test_a_file_that_cannot_be_used_exits_2_and_says_why(cli: Run, folder: Path, text: str, says: str) -> None:
    (folder / "bad.rfz.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    ran = cli("replay", "bad.rfz.json")
    assert ran.code == 2
    assert says in ran.err
    assert "Traceback" not in ran.both


def test_a_file_that_is_not_there_exits_2(cli: Run) -> None:
    ran = cli("replay", "nowhere.rfz.json")
    assert ran.code == 2
    assert "nowhere.rfz.json" in ran.err


def test_a_scenario_file_that_is_not_there_exits_2(cli: Run, repro: Path) -> None:
    edit(repro, path="gone/rotation.py")
    ran = cli("replay", repro)
    assert ran.code == 2
    assert "gone/rotation.py" in ran.err
    assert "If it was not removed" in ran.err
