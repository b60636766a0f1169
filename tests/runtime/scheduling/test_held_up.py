"""A thread that computes in C while the machine does not let it run is waited for: the limit is of what it could do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SCENARIO = """
import ctypes, hashlib, os, sys
from driving import DEFAULT_ORDER, run
from redactfuzz.model.plan import Isolation

def idles():
    '''Of this thread alone: the explorer has a processor.'''
    libc, idle, cpus = ctypes.CDLL(None), 5, ctypes.c_ulong(1 << {cpu})
    assert libc.sched_setscheduler(0, idle, ctypes.byref(ctypes.c_int(0))) == 0
    assert libc.sched_setaffinity(0, ctypes.sizeof(cpus), ctypes.byref(cpus)) == 0

def body(race):
    def works():
        {before}
        os.write({told}, b".")
        hashlib.pbkdf2_hmac("sha256", b"x", b"salt", {rounds})
    race.thread(works)
    race.thread(int)

ran = run(body, DEFAULT_ORDER, isolation=Isolation({isolation!r}), hang_seconds={limit})
print([problem.what for problem in ran.problems if problem.fatal], [str(bug) for bug in ran.bugs])
"""
HERE = Path(__file__).parents[1]
CPU = min(os.sched_getaffinity(0))


@contextmanager
def at_work(isolation: str, limit: float, rounds: int, before: str = "pass") -> Iterator[subprocess.Popen[str]]:
    """The scenario, in a group of processes of its own, when its thread has begun to compute."""
    reader, writer = os.pipe()
    source = SCENARIO.format(isolation=isolation, limit=limit, rounds=rounds, before=before, told=writer, cpu=CPU)
    path = os.pathsep.join((str(HERE), *sys.path))
    with subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, text=True, pass_fds=(writer,), process_group=0,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:  # fmt: skip
        os.close(writer)
        try:
            assert os.read(reader, 1) == b"."
            yield process
        finally:
            os.close(reader)
            process.kill()


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_process_that_was_stopped_for_longer_than_the_limit_has_no_hang(isolation: str) -> None:
    with at_work(isolation, 5.0, 2_000_000) as process:
        time.sleep(0.3)  # it has said so in Python, whose steps are signs of life
        os.killpg(process.pid, signal.SIGSTOP)
        time.sleep(5.5)
        os.killpg(process.pid, signal.SIGCONT)
        assert process.communicate(timeout=100)[0] == "[] []\n"


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_thread_that_gets_no_processor_for_longer_than_the_limit_does_not_hang(isolation: str) -> None:
    spins = f"import os\nos.sched_setaffinity(0, {{{CPU}}})\nwhile True: pass"
    with (
        subprocess.Popen([sys.executable, "-c", spins]) as other,
        at_work(isolation, 1.0, 200_000, before="idles()") as process,
    ):
        time.sleep(3)
        other.kill()
        assert process.communicate(timeout=100)[0] == "[] []\n"
