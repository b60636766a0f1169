"""A hang is told by what a process could have done: what the machine did not let it do counts for nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from redactfuzz import silence
from redactfuzz.silence import Silence

LIMIT = 10.0


class Machine:
    """A clock, and what /proc says of one process."""

    def __init__(self, proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.proc = 1000.0, proc
        monkeypatch.setattr(silence.time, "monotonic", lambda: self.now)

    def shows(self, state: str, ran: float, waited: float, pid: int = 7, children: str = "") -> None:
        task = self.proc / str(pid) / "task" / str(pid)
        task.mkdir(parents=True, exist_ok=True)
        (task / "stat").write_text(f"{pid} (a name) with ) in it) {state} 1 1 1\n")
        (task / "schedstat").write_text(f"{ran * 1e9:.0f} {waited * 1e9:.0f} 12\n")
        (task / "children").write_text(children)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def looks(machine: Machine, waits: Silence, *, every: float = 0.25, most: float = 1000.0) -> float:
    """Seconds until it is over."""
    began = machine.now
    while machine.now - began < most:
        machine.now += every
        if waits.lasts(LIMIT):
            break
    return machine.now - began


def test_a_process_that_waits_for_something_is_over_at_the_limit(machine: Machine) -> None:
    machine.shows("S", 1, 0)
    assert looks(machine, Silence(7, machine.proc)) == LIMIT


def test_one_that_cannot_be_looked_at_is_judged_by_the_clock(machine: Machine) -> None:
    assert looks(machine, Silence(7, machine.proc)) == LIMIT


def test_a_sign_of_life_begins_it_anew(machine: Machine) -> None:
    waits = Silence(7, machine.proc)
    machine.now += 1
    assert not waits.lasts(LIMIT)
    for _ in range(7):
        machine.now += 1
        assert not waits.lasts(LIMIT)
    waits.broken()
    assert looks(machine, waits) == LIMIT


@pytest.mark.parametrize("state", ["R", "D"])
@pytest.mark.parametrize("pid", [7, 8])
def test_one_that_gets_no_processor_or_waits_for_a_disk_is_waited_for_longer(
    machine: Machine, state: str, pid: int
) -> None:
    machine.shows("S", 1, 0, children="8 ")
    machine.shows(state, 1, 0, pid=pid, children="8 " if pid == 7 else "")
    waits = Silence(7, machine.proc)
    assert not waits.lasts(LIMIT)
    assert looks(machine, waits, most=5 * LIMIT) == 5 * LIMIT
    assert looks(machine, waits) < 20 * LIMIT, "and not for ever"


def test_one_that_spins_is_over_when_it_has_run_for_so_long(machine: Machine) -> None:
    waits, began = Silence(7, machine.proc), machine.now
    while machine.now - began < 100:
        machine.now += 0.25
        passed = machine.now - began
        machine.shows("R", passed / 4, passed * 3 / 4)
        if waits.lasts(LIMIT):
            break
    assert machine.now - began == pytest.approx(4 * LIMIT, abs=1)


def test_a_look_that_comes_late_counts_as_one_second(machine: Machine) -> None:
    machine.shows("S", 1, 0)
    waits = Silence(7, machine.proc)
    machine.now += 3600
    assert not waits.lasts(LIMIT)
    assert looks(machine, waits) == LIMIT - 1


STOPPED = """
import time
from redactfuzz.threads.process.child import in_child
print("begins", flush=True)
print(in_child(lambda: time.sleep(1) or "came back", 3.0))
"""


def test_a_terminal_that_stops_us_makes_no_hang() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGSTOP)
        time.sleep(4)  # longer than the limit
        os.killpg(process.pid, signal.SIGCONT)
        assert process.communicate(timeout=60)[0] == "Answer(value='came back')\n"
