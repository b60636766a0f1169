"""``redactfuzz replay`` in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import COMMAND, Run, filled, run_in


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


LOOP = """
from redactfuzz import Race, scenario


def make(passes):
    @scenario
    def body(race: Race):
        key = race.canary("key").text
        scrub = race.redactor(lambda text: text if passes else "")
        race.crash(lambda: scrub(key))

    return body


for passes in range(2):
    globals()[f"test_{passes}"] = make(passes)
"""
FINE = """
from redactfuzz import Race, scenario


@scenario
def test_box(race: Race):
    key = race.canary("key").text
    box, scrub = {"value": ""}, race.redactor(lambda text: text.replace(key, ""))

    def work():
        box["value"] = key
        box["other"] = ""
        box["value"] = ""

    race.thread(work)
    race.crash(lambda: scrub("value: ") + box["value"], by="kill")
"""


def test_a_scenario_that_a_loop_makes_has_the_name_that_its_file_has_for_it(folder: Path, cli: Run) -> None:
    (folder / "loop.py").write_text(LOOP, "utf-8")
    names = [each["scenario"] for each in cli("run", "--json", "loop.py").records]
    assert names == ["loop.py::test_0", "loop.py::test_1"]
    (repro,) = (folder / ".redactfuzz").glob("test_1-*.rfz.json")
    assert cli("replay", "--json", repro).record["scenario"] == "loop.py::test_1"
    assert cli("run", "--json", "loop.py::test_1").record["verdict"] == "LEAK"


def test_after_lines_have_moved_the_sentence_says_what_the_table_shows(folder: Path, cli: Run) -> None:
    path = folder / "fine.py"
    path.write_text(FINE, "utf-8")
    found = cli("run", "--json", "fine.py").record
    recorded = found["cause"]
    number = FINE.splitlines().index("        box[\"value\"] = \"\"") + 1
    assert f"fine.py:{number} " in recorded
    path.write_text("# one line more\n# and another\n" + FINE, "utf-8")
    again = cli("replay", found["repro"]).out
    sentence, _, table = again.partition("│")
    assert f"fine.py:{number + 2} (`box[\"value\"] = \"\"`)" in " ".join(sentence.split())
    assert f"fine.py:{number + 2}  box[\"value\"] = \"\"" in table


def test_instructions_with_other_numbers_on_another_interpreter_are_looked_for_nearby(folder: Path, cli: Run) -> None:
    (folder / "fine.py").write_text(FINE, "utf-8")
    repro = folder / cli("run", "--json", "fine.py").record["repro"]
    stored = json.loads(repro.read_text("utf-8"))
    (deviation,) = stored["schedule"]["deviations"]
    number = int(deviation["site"]["place"].removeprefix("#"))
    deviation["site"]["place"] = f"#{number + 9}"
    stored["schedule"]["python"], stored["python"] = "3.99", "3.99.1"
    repro.write_text(json.dumps(stored), "utf-8")
    replayed = cli("replay", repro)
    assert "recorded on Python 3.99.1" in replayed.out
    assert replayed.out.startswith("LEAK")


def test_what_is_gone_is_told_as_not_reproduced_first(folder: Path, cli: Run) -> None:
    path = folder / "fine.py"
    path.write_text(FINE, "utf-8")
    repro = cli("run", "--json", "fine.py").record["repro"]
    right = FINE.replace('"value: ") + box["value"]', '"value: " + box["value"])')
    path.write_text(right + "# another length: old bytecode is not taken for this text\n", "utf-8")
    first, second, *_ = cli("replay", repro).out.splitlines()
    assert first == "NOT_REPRODUCED  fine.py::test_box"
    assert second.strip() == "1 of 1; NO_LEAK_FOUND, of the recorded schedule alone"


def test_a_repro_file_says_that_it_holds_source_lines(folder: Path, cli: Run) -> None:
    repro = folder / cli("run", "--json", "rotation.py::vulnerable").record["repro"]
    assert "lines and names of the program's source" in json.loads(repro.read_text("utf-8"))["about"]


@pytest.mark.parametrize("name", [b"new\nline", b"no \xff utf-8"], ids=["newline", "bytes"])
def test_a_folder_of_any_name_is_reported_and_replayed(tmp_path: Path, name: bytes) -> None:
    folder = tmp_path / os.fsdecode(name)
    folder.mkdir()
    filled(folder)
    reports = ("--sarif", "out.sarif", "--junit", "out.xml")
    ran = run_in(tmp_path, COMMAND, "run", f"{folder.name}/rotation.py::vulnerable", *reports, "--executions", 20)
    assert ran.code == 1, ran.both
    assert len(list(ElementTree.parse(tmp_path / "out.xml").iter("failure"))) == 1
    assert json.loads((tmp_path / "out.sarif").read_text())["runs"][0]["results"]
    (file,) = (tmp_path / ".redactfuzz").glob("*.rfz.json")
    moved = file.rename(folder / file.name)
    ran = run_in(tmp_path, COMMAND, "replay", f"{folder.name}/{moved.name}")
    assert ran.code == 1, ran.both
    again = ran.out.rpartition("Replay: ")[2]
    assert "$'" in again
    assert run_in(tmp_path, "bash", "-c", again).code == 1


STALLS = """
import time

from redactfuzz import Race, scenario


@scenario
def leaks(race: Race) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def reports() -> None:
        first, masked = time.monotonic(), mask(key.text)
        second = time.monotonic()
        third = time.monotonic()
        race.dump(key.text if second - first > 0.5 > third - second else masked)

    race.thread(reports)
"""


@pytest.mark.once
def test_what_takes_a_machine_that_stalls_before_some_looks_at_a_clock_replays(folder: Path, cli: Run) -> None:
    (folder / "three.py").write_text(STALLS, "utf-8")
    ran = cli("run", "three.py::leaks", "--strategy", "dpor", "--json")
    assert ran.code == 1
    assert '"stalls_at": 2' in (folder / ran.record["repro"]).read_text("utf-8")
    again = cli("replay", ran.record["repro"])
    assert again.code == 1
    assert "LEAK  three.py::leaks" in again.out
