"""The machine that we run on is asked without being changed, and nothing that it does not have is an error."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from redactfuzz.doctor import machine
from redactfuzz.doctor.check import State
from redactfuzz.doctor.machine import ThisMachine
from redactfuzz.doctor.table import PROBES


def script(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    file.chmod(0o755)


def test_what_is_not_there_is_none() -> None:
    here = ThisMachine()
    assert here.text("/no/such/file") is None
    assert here.text("/") is None
    assert here.said("no-such-command-anywhere") is None
    assert here.said("false") is None
    assert here.version("no-such-distribution") is None
    assert here.loads("redactfuzz.no_such_module").startswith("ModuleNotFoundError")
    assert here.loads("redactfuzz.doctor.check") == ""
    assert here.folder("elsewhere") in ("", here.folder("cache"))


def test_a_pipe_to_which_nobody_writes_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert ThisMachine().text(str(tmp_path / "pipe")) == ""


def test_a_command_that_does_not_end_is_ended_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path, "gdb", f"sleep 60 & echo $! > {tmp_path}/child; wait")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(machine, "SECONDS", 1.0)
    before = time.monotonic()
    check = PROBES["gdb"](ThisMachine())
    assert time.monotonic() - before < 30
    assert (check.state, check.found) == (State.OK, "there")  # it is there; what it is it does not tell
    child = int((tmp_path / "child").read_text("utf-8"))
    until = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and time.monotonic() < until:
        if ") Z " in Path(f"/proc/{child}/stat").read_text("utf-8"):
            break
        time.sleep(0.01)
    assert not Path(f"/proc/{child}").exists() or ") Z " in Path(f"/proc/{child}/stat").read_text("utf-8")


def test_a_folder_that_is_not_there_is_judged_by_what_would_hold_it(tmp_path: Path) -> None:
    here = ThisMachine()
    assert here.writable(str(tmp_path / "a" / "b"))
    assert here.space(str(tmp_path / "a" / "b")) is not None
    assert not (tmp_path / "a").exists()
    assert not here.writable("/proc/self/anything")


def test_the_working_folder_that_was_removed_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    check = PROBES["working folder"](ThisMachine())
    assert check.stops


def test_the_interpreter_is_this_one() -> None:
    python = ThisMachine().python
    assert python.version == sys.version_info[:3]
    assert PROBES["interpreter"](ThisMachine()).state is State.OK
    assert PROBES["compiled parts"](ThisMachine()).state is State.OK
