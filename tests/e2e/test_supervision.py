"""Code under test that kills its process, hangs in C or does not let it end: the command tells, and goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import COMMAND, Run

pytestmark = pytest.mark.once

HEAD = """
import ctypes, os, signal, threading
from redactfuzz import scenario
"""
RARE = """
@scenario(executions=60, seconds=30)
def {name}(race):
    key = race.canary("key")
    scrub = race.redactor(lambda text: text.replace(key.text, "gone"))
    state = {{}}
    def works():
        state["busy"] = 1
        len("work")
        del state["busy"]
    def looks():
        if "busy" in state:
            {act}
    race.thread(works)
    race.thread(looks)
    race.crash(lambda: scrub(key.text))
"""
FINE = RARE.format(name="fine", act="pass")
ALWAYS = """
@scenario(executions=60, seconds=30)
def outside(race):
    race.canary("key")
    race.crash(lambda: "dump")
    if os.getpid() == os.getpgrp():
        os.killpg(os.getpgrp(), signal.SIGKILL)
"""


def verdicts(ran: object) -> dict[str, str]:
    return {record["scenario"].split("::")[-1]: record["verdict"] for record in ran.records}  # type: ignore[attr-defined]


def test_a_scenario_that_exits_under_some_schedule_is_a_bug_and_the_next_one_runs(cli: Run, folder: Path) -> None:
    (folder / "exits.py").write_text(HEAD + RARE.format(name="exits", act="os._exit(0)") + FINE)
    ran = cli("run", "exits.py", "--json")
    assert ran.code == 1
    assert verdicts(ran) in ({"exits": "BUG", "fine": "PROVED"}, {"exits": "BUG", "fine": "NO_LEAK_FOUND"})
    assert ran.records[0]["bug"]["summary"] == "process ended itself: os._exit(0)"


def test_a_fault_under_some_schedule_is_a_bug_with_its_schedule_and_the_next_one_runs(cli: Run, folder: Path) -> None:
    act = "ctypes.string_at(0)"
    (folder / "faults.py").write_text(HEAD + RARE.format(name="faults", act=act) + FINE)
    ran = cli("run", "faults.py", "--json")
    faults, fine = ran.records
    assert faults["verdict"] == "BUG", ran.out
    assert "SIGSEGV" in faults["bug"]["summary"]
    assert faults["bug"]["thread"] == "looks"
    assert (folder / faults["repro"]).is_file()
    assert fine["verdict"] in ("PROVED", "NO_LEAK_FOUND")
    assert cli("replay", faults["repro"]).code == 1


DUMPS = """
@scenario(executions=20, seconds=30)
def dumps(race):
    key = race.canary("key")
    scrub = race.redactor(lambda text: text.replace(key.text, "gone"))
    state = {{"text": ""}}
    def works():
        state["text"] = {text}
        len("work")
        state["text"] = ""
    def handler():
        race.dump(scrub(key.text) + state["text"])
        ctypes.string_at(0)
    race.thread(works)
    race.crash(handler)
"""


def test_a_leak_before_a_fault_is_told_with_the_fault_beside_it_and_replays(cli: Run, folder: Path) -> None:
    (folder / "faults.py").write_text(HEAD + DUMPS.format(text="key.text"))
    ran = cli("run", "faults.py", "--json")
    assert ran.code == 1
    assert ran.record["verdict"] == "LEAK", ran.out
    assert any("also seen" in note and "SIGSEGV" in note for note in ran.record["notes"])
    assert cli("replay", ran.record["repro"]).code == 1
    (folder / "faults.py").write_text(HEAD + DUMPS.format(text="scrub(key.text)"))
    assert cli("run", "faults.py", "--json").record["verdict"] == "BUG"


def test_a_death_that_isolation_does_not_show_is_told_all_the_same(cli: Run, folder: Path) -> None:
    (folder / "dies.py").write_text(HEAD + ALWAYS + FINE)
    ran = cli("run", "dies.py", "--json", "--isolation", "none")
    dies, fine = ran.records
    assert dies["verdict"] not in ("PROVED", "NO_LEAK_FOUND")
    assert "SIGKILL" in dies["reason"] + "".join(dies["notes"])
    assert fine["verdict"] in ("PROVED", "NO_LEAK_FOUND")


def test_an_import_that_ends_the_process_is_an_error_with_path_and_status(cli: Run, folder: Path) -> None:
    (folder / "leaves.py").write_text(HEAD + FINE + "\nos._exit(9)\n")
    (folder / "stays.py").write_text(HEAD + FINE)
    ran = cli("run", "leaves.py", "stays.py", "--json")
    assert ran.code == 4
    leaves, stays = ran.records
    assert leaves["verdict"] == "ERROR"
    assert "leaves.py" in leaves["reason"]
    assert "exit status 9" in leaves["reason"]
    assert stays["verdict"] in ("PROVED", "NO_LEAK_FOUND")


def test_threads_that_never_end_do_not_keep_the_command(cli: Run, folder: Path) -> None:
    started = "\nthreading.Thread(target=threading.Event().wait, name='lingers').start()\n"
    (folder / "lingers.py").write_text(HEAD + FINE + started)
    ran = cli("run", "lingers.py", "--json")
    assert ran.code == 0
    assert "lingers" in ran.err


def test_no_input_of_an_execution_stays_behind_after_a_normal_end(cli: Run, folder: Path) -> None:
    (folder / "fine.py").write_text(HEAD + FINE)
    assert cli("run", "fine.py", "--isolation", "process", "--executions", "10").code in (0, 5)
    assert not list((folder / ".redactfuzz").glob("*-running-*"))


def test_no_process_is_left_when_the_command_is_killed(folder: Path) -> None:
    waits = "open('pid', 'w').write(str(os.getpid()))\nthreading.Event().wait()\n"
    (folder / "waits.py").write_text(HEAD + "# scenario\n" + waits)
    command = subprocess.Popen([COMMAND, "run", "waits.py"], cwd=folder, stderr=subprocess.DEVNULL)
    pid = folder / "pid"
    while not (pid.exists() and pid.read_text()):
        time.sleep(0.01)
    worker = int(pid.read_text())
    command.send_signal(signal.SIGKILL)
    command.wait()
    assert worker != command.pid
    for _ in range(3000):
        if not _alive(worker):
            return
        time.sleep(0.01)
    raise AssertionError("the worker outlived the command")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
