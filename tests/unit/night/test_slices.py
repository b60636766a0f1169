"""A slice leaves no process behind, and a night that is resumed goes by what it began with."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import pytest
from night_samples import STARTED

from redactfuzz.model.night import SliceBegan
from redactfuzz.night import slices
from redactfuzz.night.asked import SLICE, Asked, opening

LEAVES = """
import subprocess, sys, time
daemon = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
open("pid", "w").write(str(daemon.pid))
"""


def test_a_file_of_the_folder_is_not_taken_for_a_module_of_the_standard_library(tmp_path: Path) -> None:
    for name in ("secrets.py", "signal.py"):
        (tmp_path / name).write_text("raise SystemExit(7)\n")
    slice = slices.start(SliceBegan(1, "a.py::a", ("redactfuzz", "run", "--help"), 30.0), 1 << 30, tmp_path)
    while not slice.look():
        slice.follow()
        time.sleep(0.02)
    assert slice.how == "ended with exit status 0"


def ends(process: Path) -> bool:
    """Whether it does, within some time: who was killed on a busy machine may have to wait for a processor to die."""
    until = time.monotonic() + 60
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has gone
        while (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
    return True


def test_a_process_that_leaves_the_session_of_its_slice_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "leaves.py").write_text(LEAVES)
    slice = slices.start(SliceBegan(1, "a.py::a", ("leaves",), 30.0), 1 << 30, tmp_path)
    while not slice.look():
        slice.follow()
        time.sleep(0.02)
    daemon = Path(f"/proc/{(tmp_path / 'pid').read_text()}")
    assert ends(daemon)
    assert os.getpid()  # nor has it taken us along


def test_a_night_that_is_resumed_has_the_options_that_it_began_with_but_for_those_that_are_named() -> None:
    begun = Asked(
        Path("night"), 60.0, until_stable=True, jobs=3, seed=7, memory=5, shard=(2, 8), corpus=Path("corpora"),
        adaptive=False, slice_seconds=9.0, measures=False, rounds=4,
    )  # fmt: skip
    started = opening(begun, ("tests",), "0.1")
    plain = Asked(Path("night"), None, until_stable=False, jobs=2, seed=9, memory=1)
    assert plain.as_begun(started) == begun
    named = Asked(
        Path("night"), None, until_stable=False, jobs=2, seed=9, memory=1, rounds=1,
        given=frozenset({"jobs", "rounds"}),
    )  # fmt: skip
    assert (named.as_begun(started).jobs, named.as_begun(started).rounds) == (2, 1)
    assert plain.as_begun(STARTED).slice_seconds == SLICE  # of a version that did not say so
