"""What a scenario may write from the command line and in pytest, and what ``--unconfined`` lifts."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Run

WRITES = """
import os
from redactfuzz import scenario

def plant(race):
    key = race.canary("key").text
    mask = race.redactor(lambda text: text.replace(key, "[key]"))
    race.crash(lambda: mask("key " + key))
    return key

@scenario(executions=40)
def test_writes(race):
    plant(race)
    race.thread(lambda: open("log", "w").close())

@scenario(executions=40)
def test_leaks_and_writes(race):
    key = plant(race)
    def work():
        open("log", "w").close()
        race.dump(key)
    race.thread(work)

@scenario(executions=40)
def test_takes_a_folder(race, tmp_path):
    plant(race)
    race.thread(lambda: (tmp_path / "log").write_text("x"))

@scenario(executions=10, isolation="process")
def test_dies(race):
    plant(race)
    race.thread(lambda: os.kill(os.getpid(), 11))
"""


@pytest.fixture(autouse=True)
def files(folder: Path) -> Path:
    (folder / "test_writes.py").write_text(WRITES)
    return folder


def test_run_keeps_scenarios_in_their_folder_unless_told_otherwise(cli: Run, folder: Path) -> None:
    kept = cli("run", "test_writes.py::test_writes", "--json")
    assert (kept.code, kept.record["verdict"]) == (5, "INCONCLUSIVE")
    assert "outside of what a scenario may write" in kept.out
    assert not (folder / "log").exists()
    free = cli("run", "test_writes.py::test_writes", "--unconfined")
    assert free.code == 0
    assert "not contained (--unconfined)" in free.out
    assert (folder / "log").exists()


def test_replay_and_confirm_do_as_well(cli: Run, folder: Path) -> None:
    assert cli("run", "test_writes.py::test_leaks_and_writes", "--unconfined").code == 1
    (file,) = (folder / ".redactfuzz").glob("*.rfz.json")
    (folder / "log").unlink()
    assert cli("replay", file).code == 5
    kept = cli("confirm", file, "--seconds", "0.5")
    assert kept.code == 4
    assert "would change a file outside of what a scenario may write" in kept.out
    assert not (folder / "log").exists()
    assert cli("replay", file, "--unconfined").code == 1
    (folder / "log").unlink()
    assert cli("confirm", file, "--seconds", "0.5", "--unconfined").code == 1
    assert (folder / "log").exists()


def test_pytest_does_as_well_and_lets_tests_write_to_their_folders(run_pytest: Run, folder: Path) -> None:
    which = [f"test_writes.py::{name}" for name in ("test_writes", "test_takes_a_folder")]
    kept = run_pytest(*which)
    assert "1 failed, 1 passed" in kept.out
    assert "INCONCLUSIVE test_writes.py::test_writes" in kept.out
    assert not (folder / "log").exists()
    assert "2 passed" in run_pytest(*which, "--redactfuzz-unconfined").out
    assert (folder / "log").exists()


@pytest.fixture
def cores_may_be_large() -> Iterator[None]:
    """As after ``ulimit -c unlimited``."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.mark.usefixtures("cores_may_be_large")
def test_a_scenario_that_dies_leaves_no_core_and_spoils_none(cli: Run, folder: Path) -> None:
    (folder / "core").write_text("precious")
    assert cli("run", "test_writes.py::test_dies").code == 1
    assert (folder / "core").read_text() == "precious"
    assert [path.name for path in folder.glob("core*")] == ["core"]


LOGS = """
import logging, os, sys, warnings
import pytest
from redactfuzz import explore, scenario

PLANTED = os.open("planted", os.O_WRONLY | os.O_CREAT)

def says(race):
    key = race.canary("key").text
    os.write(PLANTED, (key + "\\n").encode())
    race.ignore("stdout", "stderr")
    def work():
        print("printed", key)
        print("printed", key, file=sys.stderr)
        logging.getLogger("app").error("logged %s", key)
        warnings.warn("warned " + key)
    race.thread(race.redactor(work))
    race.crash(lambda: "dump")

@pytest.fixture
def torn():
    yield
    raise RuntimeError("in the teardown")

@scenario(executions=20)
def test_teardown(race, torn):
    says(race)

def test_plain(torn):
    explore(says, executions=20)
    logging.getLogger("app").error("of the test itself")
    raise AssertionError("fails")
"""


def test_pytest_logs_nothing_that_scenarios_say(run_pytest: Run, folder: Path) -> None:
    (folder / "test_logs.py").write_text(LOGS)
    ran = run_pytest(
        "test_logs.py", "-rA", "-o", "junit_logging=all", "--junitxml=j.xml", "--log-file=l.txt", "-o", "log_cli=true"
    )
    texts = {"out": ran.both, **{name: (folder / name).read_text() for name in ("j.xml", "l.txt")}}
    keys = (folder / "planted").read_text().split()
    assert len(set(keys)) > 20
    assert all("of the test itself" in text for text in texts.values()), "what is logged is looked for where it goes"
    pieces = {key[at : at + 6] for key in keys for at in range(len(key) - 5)}
    assert not [name for name, text in texts.items() if any(text[at : at + 6] in pieces for at in range(len(text)))]
