"""``--proof`` of scenarios in Python, as a user starts it."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from commands import Run

pytestmark = pytest.mark.once

SCENARIO = """from redactfuzz import Race, scenario
import masking

def stage(race: Race, late: bool) -> None:
    key = race.canary("key").text
    masks = [] if late else [key]
    shown = {"line": ""}
    scrub = race.redactor(lambda text: masking.masked(text, masks), bypass=lambda text: text)

    def work() -> None:
        shown["line"] = f"key {key}"
        if late:
            masks.append(key)

    race.thread(work)
    race.thread(lambda: shown.update(other="1"))
    race.crash(lambda: scrub(shown["line"]))

@scenario
def vulnerable(race: Race) -> None:
    stage(race, True)

@scenario
def fixed(race: Race) -> None:
    stage(race, False)

RUNS = 0

@scenario
def carries(race: Race) -> None:
    global RUNS
    RUNS += 1
    stage(race, False)
"""
MASKING = """def masked(text, masks):
    for each in list(masks):
        text = text.replace(each, "[gone]")
    return text
"""
OPTIONS = ("--strategy", "dpor", "--seconds", "120", "--after", "0")


@pytest.fixture(autouse=True)
def scenario(folder: Path) -> None:
    (folder / "scenario.py").write_text(SCENARIO)
    (folder / "masking.py").write_text(MASKING)


def header(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()).splitlines()[0])
    return found


def test_a_proof_has_a_certificate_that_is_of_the_code_that_ran(cli: Run, folder: Path) -> None:
    ran = cli("run", "scenario.py::fixed", *OPTIONS, "--proof", "p.gz")
    assert ran.code == 0, ran.both
    assert "PROVED" in ran.out
    assert "certificate of" in ran.out
    ran = cli("check", "p.gz", "--against", ".")
    assert ran.code == 0, ran.both
    assert "no class of schedules is missing" in ran.out
    found = header(folder / "p.gz")
    assert found["sources"] == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("masking.py", "scenario.py")
    }
    assert (found["executions"], found["packages"]) == ("one after the other", {})
    assert found["scenario"] == "scenario.py::fixed"
    (folder / "masking.py").write_text(MASKING + "\n")
    ran = cli("check", "p.gz", "--against", ".")
    assert ran.code == 1
    assert "masking.py is not what it was made of" in ran.out


def test_where_an_execution_leaves_something_for_the_next_it_is_of_first_ones(cli: Run, folder: Path) -> None:
    ran = cli("run", "scenario.py::carries", *OPTIONS, "--proof", "p.gz")
    assert "PROVED" in ran.out, ran.both
    assert cli("check", "p.gz").code == 0
    assert header(folder / "p.gz")["executions"] == "each the first of a process"


def test_what_leaks_has_none_and_ends_as_a_leak(cli: Run, folder: Path) -> None:
    ran = cli("run", "scenario.py::vulnerable", *OPTIONS, "--proof", "p.gz")
    assert ran.code == 1, ran.both
    assert "LEAK" in ran.out
    assert "certificate: none" in " ".join(ran.out.split())
    assert not list(folder.glob("*p.gz*"))


def test_it_is_of_one_scenario(cli: Run, folder: Path) -> None:
    ran = cli("run", "scenario.py", *OPTIONS, "--proof", "p.gz")
    assert ran.code == 4, ran.both
    assert "Name one scenario, as scenario.py::vulnerable" in " ".join(ran.out.split())
    assert not (folder / "p.gz").exists()
