"""``redactfuzz confirm`` in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import COMMAND, Run

from redactfuzz.native.run.program import Program, to_json

SECONDS = 2
RACES = '''
import threading

from redactfuzz import Race, scenario


@scenario
def wiped_late(race: Race) -> None:
    """Most of the time of its thread the secret lies there."""
    key = race.canary("key")
    kept = bytearray(b"-" * 2000) + bytearray(key.bytes)

    def wipe() -> None:
        for place in range(len(kept)):
            kept[place] = 0

    race.thread(race.redactor(wipe))
    race.crash(lambda: bytes(kept))


@scenario
def by_exception(race: Race) -> None:
    """The same, struck by an exception of its own thread."""
    key = race.canary("key")
    kept = bytearray(b"-" * 2000) + bytearray(key.bytes)

    def wipe() -> None:
        for place in range(len(kept)):
            kept[place] = 0

    race.thread(race.redactor(wipe), crashes=True)
    race.crash(lambda kind, error, trace: bytes(kept), by="exception")


@scenario
def by_signal(race: Race) -> None:
    """The same on the main thread, interrupted by a signal."""
    key = race.canary("key")
    kept = bytearray(b"-" * 2000) + bytearray(key.bytes)

    def wipe() -> None:
        for place in range(len(kept)):
            kept[place] = 0

    race.main(race.redactor(wipe))
    race.crash(lambda number, frame: bytes(kept), by="signal")


@scenario
def crossed(race: Race) -> None:
    """Two locks, taken in turn: a deadlock."""
    race.canary("key")
    one, other = threading.Lock(), threading.Lock()

    def take(first: threading.Lock, second: threading.Lock) -> None:
        for _ in range(200):
            with first, second:
                pass

    race.thread(take, one, other)
    race.thread(take, other, one)
'''
FIXED = RACES.replace('bytearray(b"-" * 2000) + bytearray(key.bytes)', 'bytearray(b"-" * 2000 + b"x" * len(key.bytes))')

ENDS = """
import os

from redactfuzz import Race, scenario


@scenario
def ends(race: Race) -> None:
    key = race.canary("key")

    def show() -> None:
        SHOWS
        ENDS

    race.thread(show)
"""
SHOWN = {
    "stderr": "os.write(2, SECRET)",
    "dump": "race.dump([SECRET])",
    "sink": "race.sink.write(SECRET)",
    "after it was allowed": "key.allow(), key.forbid(), os.write(2, SECRET)",
}
HIDDEN = {
    "cut": SHOWN["stderr"].replace("SECRET", "key.bytes[:3]"),
    "allowed": "key.allow(), os.write(2, SECRET), race.sink.write(SECRET), race.dump(SECRET), key.forbid()",
    "nothing": "key",
}


@pytest.fixture
def races(cli: Run, folder: Path) -> Path:
    (folder / "races.py").write_text(RACES)
    return folder / "races.py"


def finding(cli: Run, name: str) -> str:
    ran = cli("run", f"races.py::{name}", "--json", "--profile", "ci")
    assert ran.code == 1, ran.both
    return str(ran.record["repro"])


@pytest.mark.parametrize("name", ["wiped_late", "by_exception", "by_signal"])
def test_a_leak_is_met_by_plain_threads_and_in_its_fixed_twin_never(cli: Run, races: Path, name: str) -> None:
    found = finding(cli, name)
    ran = cli("confirm", found, "--seconds", SECONDS, "--json")
    assert ran.code == 1, ran.both
    told = ran.record["plain_threads"]
    assert [each["switch_interval"] for each in told] == [1e-6, 0.005]
    assert any(each["hits"] for each in told)
    assert all(0 <= each["low"] <= each["hits"] / each["runs"] <= each["high"] <= 1 for each in told)
    races.write_text(FIXED)
    ran = cli("confirm", found, "--seconds", SECONDS)
    assert ran.code == 0, ran.both
    assert "proves nothing" in ran.out
    assert "Wilson" in ran.out


@pytest.mark.parametrize("how", ["os._exit(3)", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_what_a_run_had_shown_counts_when_its_process_ends(cli: Run, folder: Path, how: str) -> None:
    text = ENDS.replace("ENDS", how)
    (folder / "ends.py").write_text(text.replace("SHOWS", SHOWN["stderr"]).replace("SECRET", "key.bytes"))
    found = cli("run", "ends.py::ends", "--json", "--profile", "ci").record["repro"]
    every = {**SHOWN, **HIDDEN}
    tried = list(every) if how == "os._exit(3)" else ["stderr", "cut"]
    assert tried
    for name, does in ((name, every[name]) for name in tried):
        (folder / "ends.py").write_text(text.replace("SHOWS", does).replace("SECRET", "key.bytes"))
        ran = cli("confirm", found, "--seconds", 0.2, "--json")
        told = ran.record["plain_threads"]
        assert ran.code == int(name in SHOWN), (name, ran.both)
        assert all(each["runs"] == each["stuck"] and each["runs"] for each in told), name
        assert all(each["hits"] == each["runs"] * (name in SHOWN) for each in told), name


def test_each_run_counts_once_where_some_end_their_process(cli: Run, folder: Path) -> None:
    begun = folder / "begun"
    shows = f"with open({str(begun)!r}, 'a') as file: print(file=file); number = file.tell()"
    text = ENDS.replace("SHOWS", shows).replace("ENDS", "if number % 20 == 0: os.write(2, key.bytes), os._exit(3)")
    (folder / "ends.py").write_text(text.replace("number % 20 == 0", "True"))
    found = cli("run", "ends.py::ends", "--json", "--profile", "ci", "--unconfined").record["repro"]
    begun.unlink()
    (folder / "ends.py").write_text(text)
    told = cli("confirm", found, "--seconds", 2, "--json", "--unconfined").record["plain_threads"]
    runs = begun.stat().st_size
    assert runs > 40
    assert sum(each["runs"] for each in told) == runs
    assert sum(each["hits"] for each in told) == sum(each["stuck"] for each in told) == runs // 20


def test_a_deadlock_is_counted_and_the_rest_of_the_time_is_used(cli: Run, races: Path) -> None:
    found = finding(cli, "crossed")
    ran = cli("confirm", found, "--seconds", SECONDS, "--json")
    assert ran.out, ran.err
    told = ran.record["plain_threads"]
    assert ran.code == int(any(each["hits"] for each in told))
    assert all(each["hits"] == each["stuck"] for each in told)


def test_what_it_says_holds_no_secret_and_nothing_that_the_scenario_prints(cli: Run, races: Path, folder: Path) -> None:
    found = finding(cli, "wiped_late")
    kept = "open('said', 'a').write(key.text + chr(10)); print('said', key.text)"
    races.write_text(RACES.replace("    kept = ", f"    {kept}\n    kept = "))
    ran = cli("confirm", found, "--seconds", 1, "--unconfined")
    said = (folder / "said").read_text().split()
    assert said
    assert "said" not in ran.both
    assert not [secret for secret in said if secret in ran.both]


def test_of_a_finding_of_first_executions_it_says_that_most_runs_are_none(cli: Run, races: Path, folder: Path) -> None:
    found = folder / finding(cli, "wiped_late")
    assert "is hardly met" not in cli("confirm", found, "--seconds", 1).out
    found.write_text(json.dumps({**json.loads(found.read_text()), "isolation": "process"}))
    assert "is hardly met" in cli("confirm", found, "--seconds", 1).out


def test_bad_input_is_refused(cli: Run, races: Path, folder: Path) -> None:
    found = folder / finding(cli, "wiped_late")
    assert cli("confirm", "nothing.rfz.json").code == 2
    assert cli("confirm", found, "--seconds", 0).code == 2
    (folder / "bad.rfz.json").write_text("{")
    assert cli("confirm", "bad.rfz.json").code == 2
    record = json.loads(found.read_text())
    (folder / "far.rfz.json").write_text(json.dumps({**record, "path": "../elsewhere.py"}))
    assert cli("confirm", "far.rfz.json").code == 2
    (folder / "item.rfz.json").write_text(json.dumps({**record, "item": "races.py::wiped_late"}))
    ran = cli("confirm", "item.rfz.json")
    assert ran.code == 2
    assert "pytest" in ran.err
    races.write_text("raise ValueError\n")
    assert cli("confirm", found).code == 4
    races.write_text(RACES.replace('race.canary("key")', "undefined"))
    ran = cli("confirm", found)
    assert ran.code == 4
    assert "NameError" in ran.out


def test_a_program_is_answered(cli: Run, races: Path, folder: Path) -> None:
    found = folder / finding(cli, "wiped_late")
    (folder / "races.c").write_text("int main(void) { return 0; }\n")
    program = to_json(Program((folder / "races.c",), crash="none"), folder)
    record = {**json.loads(found.read_text()), "path": "races.c", "program": program}
    (folder / "program.rfz.json").write_text(json.dumps(record))
    ran = cli("confirm", "program.rfz.json")
    assert ran.code == 2
    assert "C or C++" in ran.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupt_shows_what_was_counted(
    cli: Run, races: Path, folder: Path, number: signal.Signals
) -> None:
    found = finding(cli, "wiped_late")
    races.write_text(RACES.replace("    kept = ", "    open('runs', 'a').write('.')\n    kept = "))
    runs = folder / "runs"
    with subprocess.Popen(
        [COMMAND, "confirm", found, "--seconds", "600", "--unconfined"],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    ) as process:
        until = time.monotonic() + 60
        while time.monotonic() < until and not (runs.exists() and runs.stat().st_size > 1):
            time.sleep(0.1)
        process.send_signal(number)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "interrupted" in out
    assert "switch interval" in out
