"""What is proved is spared as long as all that it depends on is the same: what was looked for and not there as well."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import _cffi_backend
import pytest
from nights_of import COMMAND, SECONDS, environment, fuzz, write

from redactfuzz.changed.once import compiled, is_here
from redactfuzz.cli.night.spared import spared
from redactfuzz.model.finding import Report
from redactfuzz.model.night import SliceEnded, TargetListed
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.run.program import Program
from redactfuzz.night.journal import nights, of_kind

APP = """
import importlib, os, sqlite3, sys
import cffi
import pkg

try:
    from fast import scrub
except ImportError:
    def scrub(text): return "[gone]"

try:
    importlib.import_module("faster")
except ImportError:
    pass

try:
    from pkg import extra
except ImportError:
    pass

sys.path.append("lib")
import late

with open("words.txt") as file:
    WORDS = file.read()
RULES = os.listdir("rules")
NEWEST = os.path.basename(os.path.realpath("current"))
TABLE = sqlite3.connect(f"file:{os.path.abspath('rules.db')}?mode=ro", uri=True)
LEVEL = TABLE.execute("select level from rules").fetchone()
TABLE.close()
LIBRARY = cffi.FFI().dlopen("./library.so")
SIZE = os.path.getsize("sized.txt")
MODES = os.access("tool", os.X_OK), os.path.exists("flag"), os.path.isdir("folder")
with open("vendor/site-packages/mode") as file:
    MODE = file.read()
for _, _, names, folder in os.fwalk("walked"):
    for name in names:
        os.close(os.open(name, os.O_RDONLY, dir_fd=folder))


def rarely():
    import hidden
"""
SCENARIO = """
import app
from redactfuzz import Race, scenario


@scenario(strategy="dpor")  # the night ends with the proof
def holds(race: Race):
    key = race.canary("key").text
    scrub = race.redactor(app.scrub)
    race.thread(len, key)
    race.crash(lambda: scrub(key))
"""
TITLE = "sc.py::holds"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which a night has proved the scenario."""
    folder = tmp_path_factory.mktemp("night")
    for name in ("pkg", "lib", "rules", "walked/deep", "vendor/site-packages"):
        (folder / name).mkdir(parents=True)
    for name, text in {"pkg/__init__.py": "", "lib/late.py": "", "words.txt": "words", "rules/one": "",
                       "walked/deep/one": "", "sized.txt": "", "tool": "",
                       "vendor/site-packages/mode": "", "app.py": APP, "sc.py": SCENARIO}.items():  # fmt: skip
        write(folder, text, name)
    (folder / "current").symlink_to("rules")
    shutil.copy(_cffi_backend.__file__, folder / "library.so")
    with contextlib.closing(sqlite3.connect(folder / "rules.db")) as table:
        table.executescript("create table rules (level); insert into rules values (1)")
    ran = fuzz(folder, "sc.py", slice="60s")
    assert [each.report.verdict for each in of_kind(ran.nights[-1].events, SliceEnded) if each.report] == [
        Verdict.PROVED
    ], ran.said
    return folder


@pytest.fixture
def project(night: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """That project itself: a night knows its files by where they are."""
    there = list(night.rglob("*"))
    before = {path: path.read_bytes() for path in there if path.is_file()}
    monkeypatch.chdir(night)
    yield night
    for path in sorted(set(night.rglob("*")) - set(there), reverse=True):  # what lies in a folder before the folder
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
    for path, held in before.items():
        path.write_bytes(held)


def is_spared(folder: Path) -> bool:
    return TITLE in spared(nights(folder / "out"), {}, (1, 1))


@pytest.mark.parametrize(
    "name",
    ["fast.py", "faster/__init__.py", "hidden.py", "late.py", "pkg/extra.py", "words.txt", "rules/two", "conftest.py",
     "pytest.ini", "lib/late.py", "rules.db", "rules.db-wal", "rules.db-journal", "library.so", "walked/deep/one",
     "walked/deep/two", "walked/two", "sized.txt", "tool", "flag", "folder/one", "vendor/site-packages/mode"],
)  # fmt: skip
def test_a_file_that_came_or_changed_gives_it_a_turn(project: Path, name: str) -> None:
    assert is_spared(project)
    (project / name).parent.mkdir(exist_ok=True)
    write(project, "x = 1\n", name)
    assert not is_spared(project)


def test_a_file_that_may_be_run_now_gives_it_a_turn(project: Path) -> None:
    assert is_spared(project)
    (project / "tool").chmod(0o755)
    other = is_spared(project)
    (project / "tool").chmod(0o644)
    assert (other, is_spared(project)) == (False, True)


@pytest.mark.parametrize("name", ["README.md", "unused.py", "pkg/words.txt", "data/new", "other.db", "other.so"])
def test_a_file_that_nobody_looks_for_gives_it_none(project: Path, name: str) -> None:
    (project / name).parent.mkdir(exist_ok=True)
    write(project, "x = 1\n", name)
    assert is_spared(project)


def test_another_version_of_what_is_installed_gives_it_a_turn(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version: Callable[[str], str] = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0" if name == "attrs" else version(name))
    assert not is_spared(project)


def test_another_build_of_the_same_version_gives_it_a_turn(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_spared(project)
    monkeypatch.setattr("redactfuzz.cli.night.spared.build", lambda: f"{metadata.version('redactfuzz')} (0123456789ab)")
    assert not is_spared(project)


def test_a_link_that_leads_elsewhere_gives_it_a_turn(project: Path) -> None:
    assert is_spared(project)
    (project / "current").unlink()
    (project / "current").symlink_to("lib")
    other = is_spared(project)
    (project / "current").unlink()
    (project / "current").symlink_to("rules")
    assert (other, is_spared(project)) == (False, True)


def test_another_place_that_a_file_pth_brings_gives_it_a_turn(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_spared(project)
    monkeypatch.setattr("redactfuzz.changed.once.looked_in", lambda: "0123456789ab")
    assert not is_spared(project)


def test_another_place_to_look_for_modules_gives_it_a_turn(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(project / "rules"))
    assert not is_spared(project)


def test_a_night_of_a_version_that_did_not_ask_is_read_and_gives_it_a_turn(project: Path) -> None:
    (journal,) = (project / "out").glob("*.jsonl")
    events = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    assert [event.pop("dependencies", None) is not None for event in events].count(True) == 1
    journal.write_text("".join(f"{json.dumps(event)}\n" for event in events), "utf-8")
    (old,) = nights(project / "out")
    assert [each.dependencies for each in of_kind(old.events, SliceEnded)] == [None]
    assert old.ended
    assert not is_spared(project)


def test_a_row_of_a_database_gives_it_a_turn(project: Path) -> None:
    assert is_spared(project)
    with contextlib.closing(sqlite3.connect(project / "rules.db")) as table, table:
        table.execute("update rules set level = 2")
    assert not is_spared(project)


def test_an_optional_module_that_leaks_is_found_by_the_night_after_it_came(project: Path) -> None:
    again = fuzz(project, "sc.py")
    assert (again.code, of_kind(again.nights[-1].events, SliceEnded)) == (0, []), again.said
    write(project, "def scrub(text): return text\n", "fast.py")
    ran = fuzz(project, "sc.py")
    reports = [each.report for each in of_kind(ran.nights[-1].events, SliceEnded)]
    assert [report.verdict for report in reports if isinstance(report, Report)] == [Verdict.LEAK], ran.said
    assert [each.spared for each in of_kind(ran.nights[-1].events, TargetListed)] == [""]
    assert ran.code == 1


def test_a_header_that_comes_before_another_of_a_program_gives_it_a_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "first").mkdir()
    (tmp_path / "inc").mkdir()
    write(tmp_path, "#define SIZED 16\n", "inc/sized.h")
    write(tmp_path, "#include <sized.h>\nint main(void) { return SIZED; }\n", "p.c")
    program = Program((tmp_path / "p.c",), flags=("-Ifirst", "-Iinc"))
    known = compiled(program, tmp_path)
    assert is_here(known, tmp_path)
    write(tmp_path, "#define SIZED 32\n", "first/sized.h")
    assert not is_here(known, tmp_path)
    assert compiled(program, tmp_path) != known


GOES = """
import os
from pathlib import Path
from redactfuzz import scenario

RULES = Path("rules")
try:
    FIELDS = (RULES / "fields.txt").read_text().split()
    CHANGE
except FileNotFoundError:
    FIELDS = []


@scenario(strategy="dpor")  # the run ends with the proof
def holds(race):
    key = race.canary("key").text
    clean = race.redactor((lambda text: "[gone]") if "token" in FIELDS else (lambda text: text[:]))
    race.thread(len, key)
    race.crash(lambda: clean(key))
"""
CHANGES = {
    "nothing": "pass",
    "gone": '(RULES / "fields.txt").unlink()',
    "led elsewhere": 'RULES.unlink(); RULES.symlink_to("others")',
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_goes_or_is_led_elsewhere_while_it_is_proved_is_not_taken_for_what_was_proved(
    tmp_path: Path, name: str
) -> None:
    """The search has seen the file as it was, and whoever looks afterwards sees none, or another one."""
    for folder, text in (("fields", "token"), ("others", "none")):
        (tmp_path / folder).mkdir()
        write(tmp_path, text, f"{folder}/fields.txt")
    (tmp_path / "rules").symlink_to("fields")
    write(tmp_path, GOES.replace("CHANGE", CHANGES[name]), "sc.py")
    command = [COMMAND, "run", "sc.py", "--profile", "nightly", "--seconds", "60", "--events", "events"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    events = [json.loads(line) for line in (tmp_path / "events").read_text("utf-8").splitlines()]
    verdicts = [each["report"]["verdict"] for each in events if each["event"] == "CampaignEnded"]
    assert verdicts == ["PROVED"], done.stdout + done.stderr
    assert [bool(each["dependencies"]) for each in events if each["event"] == "Used"] == [name == "nothing"]


def test_sources_of_a_folder_that_are_no_program_are_named(tmp_path: Path) -> None:
    write(tmp_path, SCENARIO.replace("import app", "class app: scrub = len"), "sc.py")
    write(tmp_path, "int main(void) { return 0; }\n", "bad.c")
    ran = fuzz(tmp_path, ".")
    assert "not taken, as in folders the programs are called vulnerable and fixed: bad.c;" in ran.said, ran.said
