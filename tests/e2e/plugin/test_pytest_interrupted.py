"""Ctrl-C in a pytest session: the summary shows what is known, and pytest ends as it always does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import run_in, surroundings

pytestmark = pytest.mark.once

LONG = """
from hypothesis import given, settings, strategies as st
from redactfuzz import scenario
from ring import stage


def told(name):
    with open(name, "a"):
        pass


class Count:
    executions = 0


def endless(race, how):
    Count.executions += how == "rotate_safely"
    if Count.executions == 3000:
        told("far")
    stage(race, how)


@scenario(executions=10**9, seconds=900, strategy="random", isolation="none")
def test_safe(race):
    endless(race, "rotate_safely")


@given(number=st.integers(0, 10**6))
@settings(max_examples=1000, database=None)
@scenario(executions=10**8, seconds=900, strategy="random", isolation="none")
def test_drawn(race, number):
    endless(race, "rotate" if number == 0 else "rotate_safely")


def test_after():
    raise AssertionError("the session goes on")
"""


def hears_interrupts() -> None:
    """What a shell starts in the background ignores SIGINT, and so does all that it starts: not a session of ours."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupted(folder: Path, test: str, *options: str, by: signal.Signals = signal.SIGINT) -> str:
    """The output of a session that gets a signal once thousands of executions have run: Ctrl-C its workers as well."""
    (folder / "test_long.py").write_text(LONG)
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(folder))
    with subprocess.Popen(
        [*command, f"test_long.py::{test}", "test_long.py::test_after", "--redactfuzz-unconfined", *options],
        cwd=folder,
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=hears_interrupts,
    ) as process:
        try:
            while not (folder / "far").exists() and process.poll() is None:
                time.sleep(0.05)
            if by is signal.SIGINT:
                os.killpg(process.pid, by)
            else:
                process.send_signal(by)
            out, _ = process.communicate(timeout=60)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == (2 if by is signal.SIGINT else 128 + by)
    return out


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
@pytest.mark.parametrize("test", ["test_safe", "test_drawn"])
def test_what_is_known_is_in_the_summary(folder: Path, test: str, workers: tuple[str, ...]) -> None:
    out = interrupted(folder, test, *workers)
    summary = out[out.index("= redactfuzz =") :]
    found = re.search(rf"^(\w+) test_long.py::{test}: interrupted after ([\d,]+) executions(.*)", summary, re.MULTILINE)
    assert found
    assert int(found[2].replace(",", "")) > 100
    if test == "test_safe":
        assert (found[1], found[3]) == ("INCONCLUSIVE", "")
    else:
        assert found[1] == "LEAK"
        file = re.search(r"redactfuzz replay (\S+\.rfz\.json)", found[3])
        assert file
        assert (folder / file[1]).is_file()
    assert "KeyboardInterrupt" in out
    assert "INTERNALERROR" not in out


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_session_that_is_terminated_says_what_is_known_and_exits_143(folder: Path, workers: tuple[str, ...]) -> None:
    out = interrupted(folder, "test_safe", "--junitxml=junit.xml", *workers, by=signal.SIGTERM)
    assert re.search(r"^INCONCLUSIVE test_long.py::test_safe: interrupted after [\d,]+ executions", out, re.MULTILINE)
    assert (folder / "junit.xml").is_file()
    assert "INTERNALERROR" not in out


CHILD = """
import multiprocessing
import os
import signal
import time


def wait(ready):
    ready.send(None)
    time.sleep(60)


def test_a_child_of_fork_dies_of_sigterm():
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=wait, args=(there,))
    child.start()
    here.recv()
    os.kill(child.pid, signal.SIGTERM)
    child.join(30)
    assert child.exitcode == -signal.SIGTERM
"""


@pytest.mark.parametrize("beside", ["", "from rotation import fixed as test_fixed\n"], ids=["alone", "with a scenario"])
def test_sigterm_for_a_child_of_a_test_is_none_of_ours(folder: Path, beside: str) -> None:
    (folder / "test_child.py").write_text(CHILD + beside, "utf-8")
    words = ("-q", "-p", "no:cacheprovider", "-k", "child_of_fork or fixed", "test_child.py")
    ran = run_in(folder, sys.executable, "-m", "pytest", *words)
    assert f"{2 if beside else 1} passed" in ran.out, ran.both


def test_a_session_without_a_scenario_keeps_what_sigterm_does(folder: Path) -> None:
    text = "import signal\n\n\ndef test_default():\n    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL\n"
    (folder / "test_plain.py").write_text(text, "utf-8")
    ran = run_in(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_plain.py")
    assert "1 passed" in ran.out, ran.both
