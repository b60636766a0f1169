"""``redactfuzz replay --likelihood`` in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import COMMAND, Run, filled, run_in


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which ``rotation.py::vulnerable`` was found to leak."""
    return filled(tmp_path_factory.mktemp("likelihood"))


@pytest.fixture(scope="module")
def repro(place: Path) -> Path:
    found = run_in(place, COMMAND, "run", "rotation.py::vulnerable", "--json", "--profile", "ci")
    return place / str(found.record["repro"])


def test_it_is_printed_below_the_report_and_in_its_line_of_json(cli: Run, folder: Path, repro: Path) -> None:
    ran = cli("replay", repro, "--likelihood")
    assert ran.code == 1
    report, _, measured = ran.out.partition("Likelihood along the schedule\n")
    assert "REPRODUCED: 1 of 1" in report
    assert "<- no return" in measured
    assert "Point of no return: step " in measured
    assert "no other finding in 200 executions" in " ".join(measured.split())
    line = cli("replay", repro, "--likelihood", "--json").record
    likelihood = line["likelihood"]
    assert line["verdict"] == "LEAK"
    assert [each["step"] for each in likelihood["along"]] == list(range(likelihood["steps"] + 1))
    clean = repro.with_name("clean.rfz.json")
    clean.write_text(json.dumps({**json.loads(repro.read_text()), "schedule": likelihood["nearest"]["schedule"]}))
    again = cli("replay", clean, "--json")  # in a process where the scenario has never run
    assert (again.code, again.record["verdict"]) == (0, "NO_LEAK_FOUND")


def test_it_measures_nothing_where_somebody_stops_in_the_execution(cli: Run, folder: Path, repro: Path) -> None:
    ran = cli("replay", repro, "--likelihood", "--pdb")
    assert ran.code == 2
    assert "leave --pdb and --gdb out" in ran.err
