"""Focus, and cold and warm executions, as a user meets them: command line, pytest, and a replay in a fresh process."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest
from commands import COMMAND, Run

pytestmark = pytest.mark.once

LIBRARY = """
def render(value):
    parts = []
    for index in range(20):
        parts.append(value if index == 0 else "")
    return "".join(parts)
"""
APP = """
import library

RULES = []

def rotate(state, new):
    state["secret"] = new
    library.render("x")
    state["known"] = new

def rotate_safely(state, new):
    state["known"] = new
    library.render("x")
    state["secret"] = new

def report(state):
    return library.render(state["secret"]).replace(state["known"], "[gone]")

def at_first_use(text, secret):
    if not RULES:
        RULES.append("")
        RULES.append(secret)
    for rule in RULES[1:]:
        text = text.replace(secret, "[gone]")
    return text
"""
SCENARIOS = """
import app
from redactfuzz import scenario

def stage(race, rotate):
    state = {"secret": "none", "known": "none"}
    scrub = race.redactor(app.report, bypass=lambda state: state["secret"])
    race.thread(rotate, state, race.canary("key").text)
    race.crash(lambda: scrub(state))

@scenario(focus="app")
def test_leaks(race):
    stage(race, app.rotate)

@scenario
def test_right(race):
    stage(race, app.rotate_safely)

@scenario(executions=200)
def test_first_use(race):
    secret = race.canary("key").text
    scrub = race.redactor(app.at_first_use, bypass=lambda text, _: text)
    race.thread(lambda: scrub("", secret), name="user")
    race.crash(lambda: scrub(secret, secret))
"""


@pytest.fixture
def place(folder: Path) -> Path:
    """A program, the library that it uses, and its scenarios."""
    (folder / "library.py").write_text(LIBRARY)
    (folder / "app.py").write_text(APP)
    (folder / "test_app.py").write_text(SCENARIOS)
    return folder


def test_a_finding_under_focus_replays_in_a_fresh_process_since_its_file_records_the_focus(
    cli: Run, place: Path
) -> None:
    found = cli("run", "test_app.py::test_leaks", "--profile", "ci", "--json")
    assert found.record["verdict"] == "LEAK"
    repro = json.loads((place / found.record["repro"]).read_text())
    assert repro["schedule"]["focus"] == ["app"]
    again = cli("replay", found.record["repro"], "--trace", "--times", 2)
    assert again.code == 1
    assert "REPRODUCED: 2 of 2" in again.both
    assert "library.py" not in again.out, "a call of it is one step"


def test_the_focus_of_the_command_line_is_in_the_certificate(cli: Run, place: Path) -> None:
    ran = cli("run", "test_app.py::test_right", "--executions", 100, "--focus", "app", "--json")
    assert ran.code == 0
    assert ran.record["certificate"]["focus"][0] == "inside app and the scenario's own file"
    shown = cli("run", "test_app.py::test_right", "--executions", 100, "--focus", "app", "--focus", "library")
    assert "inside app, library and the scenario's own file" in " ".join(shown.out.split())
    assert cli("run", "test_app.py::test_right", "--focus", "ap").code == 4
    assert cli("run", "test_app.py::test_right", "--focus", "no-module").code == 2


def test_the_focus_of_pytest_reaches_its_scenarios(run_pytest: Run, place: Path) -> None:
    ran = run_pytest("test_app.py", "-k", "right", "--redactfuzz-executions", 60, "--redactfuzz-focus", "colorsys")
    assert ran.code == 1
    assert "No code of 'colorsys' ran" in " ".join(ran.both.split())


def test_a_leak_of_the_first_use_is_found_says_where_the_runs_parted_and_replays(cli: Run, place: Path) -> None:
    found = cli("run", "test_app.py::test_first_use")
    assert found.code == 1
    text = " ".join(found.out.split())
    assert "they parted at step" in text
    assert "with thread 'user' at app.py:" in text
    (file,) = (place / ".redactfuzz").glob("test_first_use-*.rfz.json")
    assert json.loads(file.read_text())["isolation"] == "process"
    again = cli("replay", file, "--times", 2)
    assert again.code == 1
    assert "REPRODUCED: 2 of 2" in again.both


LATER = """
from redactfuzz import scenario

USED = []

@scenario(executions=100)
def later(race):
    secret, box = race.canary("key").text, {"shown": ""}
    scrub = race.redactor(dict, bypass=lambda box: {"shown": secret})

    def uses():
        if USED:
            box["shown"] = secret
            box["shown"] = ""
        else:
            USED.append(1)

    race.thread(uses, name="user")
    race.crash(lambda: scrub(box))
"""


def test_a_leak_after_the_first_use_replays_after_a_warm_up(cli: Run, folder: Path) -> None:
    (folder / "later.py").write_text(LATER)
    found = cli("run", "later.py", "--json")
    assert found.record["verdict"] == "LEAK"
    assert json.loads((folder / found.record["repro"]).read_text())["isolation"] == "warm"
    again = cli("replay", found.record["repro"], "--times", 2)
    assert again.code == 1
    assert "REPRODUCED: 2 of 2" in again.both


SLOW = """
from pathlib import Path
from redactfuzz import scenario

USED = []

@scenario(executions=10**9, seconds=600, strategy="random")
def slow(race):
    secret = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(secret, "[gone]"))
    race.thread(lambda: str(1) if USED else USED.append(secret))
    race.crash(lambda: scrub(secret))
    if len(RAN) > 600:
        Path("started").touch()
    RAN.append(1)

RAN = []
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_ends_a_run_that_follows_a_warm_up_is_told_what_is_known(folder: Path, number: signal.Signals) -> None:
    (folder / "slow.py").write_text(SLOW)
    command = [COMMAND, "run", "slow.py", "--json", "--unconfined"]
    listens = partial(signal.signal, number, signal.SIG_DFL)  # ignored in what runs in the background
    process = subprocess.Popen(
        command, cwd=folder, preexec_fn=listens, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        until = time.monotonic() + 60
        while not (folder / "started").exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(number)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    record = json.loads(out)
    assert process.returncode == (130 if number is signal.SIGINT else 143)
    assert record["interrupted"]
    assert record["executions"] > 300, "those of the process that follows the warm-up"
