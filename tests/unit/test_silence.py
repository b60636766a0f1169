"""A hang is told by what a process could have done: what the machine did not let it do counts for nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from redactfuzz import silence
from redactfuzz.silence import Silence

LIMIT = 10.0
IN_C = Path(silence.__file__).parent / "threads" / "hooks" / "process" / "silence.c"


class Machine:
    """A clock, and what /proc says of one process."""

    def __init__(self, proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.proc = 1000.0, proc
        monkeypatch.setattr(silence.time, "monotonic", lambda: self.now)

    def shows(
        self, state: str, ran: float, waited: float, pid: int = 7, children: str = "", thread: int | None = None
    ) -> None:
        number = thread or pid
        task = self.proc / str(pid) / "task" / str(number)
        task.mkdir(parents=True, exist_ok=True)
        (task / "stat").write_text(f"{number} (a name) with ) in it) {state} 1 1 1\n")
        (task / "schedstat").write_text(f"{ran * 1e9:.0f} {waited * 1e9:.0f} 12\n")
        (task / "children").write_text(children)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def looks(
    machine: Machine,
    waits: Silence,
    *,
    every: float = 0.25,
    most: float = 1000.0,
    shows: Callable[[float], None] = lambda passed: None,
) -> float:
    """Seconds until it is over. ``shows`` is called before each look."""
    began = machine.now
    while machine.now - began < most:
        machine.now += every
        shows(machine.now - began)
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


@pytest.mark.parametrize("pid", [7, 8])
def test_one_that_gets_no_processor_is_waited_for_longer(machine: Machine, pid: int) -> None:
    machine.shows("S", 1, 0, children="8 ")
    machine.shows("R", 1, 0, pid=pid, children="8 " if pid == 7 else "")
    waits = Silence(7, machine.proc)
    assert not waits.lasts(LIMIT)
    assert looks(machine, waits, most=5 * LIMIT) == 5 * LIMIT
    assert looks(machine, waits) < 20 * LIMIT, "and not for ever"


@pytest.mark.parametrize("pid", [7, 8])
def test_one_that_waits_for_a_disk_again_and_again_is_waited_for_longer(machine: Machine, pid: int) -> None:
    machine.shows("S", 1, 0, children="8 ")

    def goes_on(passed: float) -> None:
        machine.shows("D", 1 + passed // 20 / 1000, 0, pid=pid, children="8 " if pid == 7 else "")

    waits = Silence(7, machine.proc)
    assert looks(machine, waits, most=5 * LIMIT, shows=goes_on) == 5 * LIMIT
    assert looks(machine, waits) < 20 * LIMIT, "and not for ever"


@pytest.mark.parametrize("others", ["", "8 "])
def test_one_wait_that_never_ends_is_none_for_a_disk(machine: Machine, others: str) -> None:
    """The parent of a vfork() whose child waits for ever stands like that."""
    machine.shows("D", 1, 0, children=others)

    def wakes(passed: float) -> None:
        if others:
            machine.shows("S", passed / 1000, passed / 1000, pid=8)

    assert looks(machine, Silence(7, machine.proc), shows=wakes) == pytest.approx(LIMIT + 30, abs=1)


def test_one_that_spins_is_over_when_it_has_run_for_so_long(machine: Machine) -> None:
    waits = Silence(7, machine.proc)
    spent = looks(machine, waits, shows=lambda passed: machine.shows("R", passed / 4, passed * 3 / 4))
    assert spent == pytest.approx(4 * LIMIT, abs=1)


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_threads_that_spin_and_wait_for_one_another_are_over_when_they_have_run_for_so_long(
    machine: Machine, share: float
) -> None:
    """Eight on one processor, of which the process has that share: what they wait for one another is the program's."""

    def spin(passed: float) -> None:
        for thread in range(7, 15):
            machine.shows("R", passed * share / 8, passed * (1 - share / 8), thread=thread)

    assert looks(machine, Silence(7, machine.proc), every=1, shows=spin) == pytest.approx(LIMIT / share, abs=4)


def test_one_that_stands_while_another_spins_is_held_up_by_that_one(machine: Machine) -> None:
    machine.shows("D", 1, 0, children="8 ")
    machine.shows("R", 1, 0, thread=9)
    waits = Silence(7, machine.proc)
    spent = looks(machine, waits, shows=lambda passed: machine.shows("R", passed, 0, pid=8))
    assert spent == pytest.approx(LIMIT, abs=1)


def test_a_number_that_another_thread_has_now_makes_no_time_longer(machine: Machine) -> None:
    def others(passed: float) -> None:
        machine.shows("R", 100 - passed, 100 - passed)

    assert looks(machine, Silence(7, machine.proc), shows=others) == LIMIT


def test_threads_that_take_turns_on_a_busy_machine_are_waited_for_together(machine: Machine) -> None:
    """Each sleeps while the others have their turn, of which nine parts of ten are spent in line for a processor."""

    def turns(passed: float) -> None:
        for thread in range(7, 12):
            machine.shows("S", passed / 50, passed * 9 / 50, thread=thread)

    assert looks(machine, Silence(7, machine.proc), every=1, shows=turns) == pytest.approx(10 * LIMIT, abs=10)


def test_the_rule_in_c_has_the_same_numbers() -> None:
    (numbers,) = re.findall(r"static const double (MOST = .*);", IN_C.read_text("utf-8"))
    assert dict(re.findall(r"(\w+) = (\d+)", numbers)) == {
        name: f"{getattr(silence, '_' + name):g}" for name in ("MOST", "DISK", "PATIENCE")
    }


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
