"""Scenarios that kill, hang or fill their worker, and a night that is killed itself: nothing that was found is lost."""

from __future__ import annotations

import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nights_of import COMMAND, FIXED, LEAKS, environment, fuzz, write

from redactfuzz.model.night import Alarm, AlarmKind, FindingMet, NightEnded, Resumed, SliceBegan, SliceEnded, Why
from redactfuzz.night.journal import nights, of_kind

pytestmark = pytest.mark.wide
"""Long: the whole of it is for `make wide`; CI has no room for it in its 30 minutes."""

BAD = {
    "kills": "os.kill(os.getppid(), signal.SIGKILL)",
    "stops": "os.kill(os.getpid(), signal.SIGSTOP)",
    "fills": "[bytearray(64 << 20) for _ in range(400)]",
}


def running(folder: Path) -> list[str]:
    """Processes that work in the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if (entry / "cwd").resolve() == folder.resolve():
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
    return found


def gone(folder: Path) -> bool:
    """Whether all of them end within some time."""
    until = time.monotonic() + 30
    while running(folder) and time.monotonic() < until:
        time.sleep(0.1)
    return not running(folder)


@pytest.mark.parametrize("how", ["kills", "fills"])
def test_a_scenario_that_takes_its_processes_along_costs_the_others_nothing(tmp_path: Path, how: str) -> None:
    write(tmp_path, f"{FIXED}\n\n@scenario\ndef bad(race):\n    {BAD[how]}\n    stage(race, 'rotate_safely')\n")
    ran = fuzz(tmp_path, "ring.py", "--memory", "900", rounds=2)
    assert ran.code == 5, ran.said
    ended = of_kind(ran.nights[-1].events, SliceEnded)
    assert any(each.title == "ring.py::right" and each.report is not None for each in ended)
    (alarm,) = of_kind(ran.nights[-1].events, Alarm)
    assert alarm.title == "ring.py::bad"
    assert alarm.kind in (AlarmKind.DIED, AlarmKind.UNDECIDED)
    assert gone(tmp_path)


def started(folder: Path, *words: str, before: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [COMMAND, "fuzz", *words, "--out", "out", "--no-likelihood"],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=before,
    )


def until(folder: Path, kind: type, process: subprocess.Popen[str]) -> None:
    """Waits until the journal holds an event of the kind."""
    limit = time.monotonic() + 120
    while time.monotonic() < limit and process.poll() is None:
        if any(of_kind(night.events, kind) for night in nights(folder / "out")):
            return
        time.sleep(0.1)
    raise AssertionError(f"no {kind.__name__}")


@pytest.mark.parametrize("kind", [SliceBegan, FindingMet, SliceEnded])
def test_a_night_that_was_killed_goes_on_and_nothing_that_was_found_is_lost(tmp_path: Path, kind: type) -> None:
    write(tmp_path, LEAKS)
    process = started(tmp_path, "ring.py", "--rounds", "2", "--slice", "2s", "--seed", "1")
    until(tmp_path, kind, process)
    process.kill()
    process.wait()
    assert gone(tmp_path), running(tmp_path)
    (killed,) = nights(tmp_path / "out")
    assert not killed.ended
    before = {each.key for each in of_kind(killed.events, FindingMet)}
    again = started(tmp_path, "--resume", "--rounds", "2", "--slice", "2s")
    said, _ = again.communicate(timeout=120)
    assert again.returncode == 1, said
    (whole,) = nights(tmp_path / "out")
    assert whole.ended
    assert whole.unread == ()
    assert len(of_kind(whole.events, Resumed)) == 1
    assert {each.key for each in of_kind(whole.events, FindingMet)} >= before
    titles = {each.title for each in of_kind(whole.events, FindingMet)}
    assert titles == {"ring.py::rotates"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_everything_written(tmp_path: Path, number: signal.Signals) -> None:
    write(tmp_path, LEAKS)
    process = started(tmp_path, "ring.py", "--for", "10m")
    until(tmp_path, FindingMet, process)
    process.send_signal(number)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 128 + number, said
    (night,) = nights(tmp_path / "out")
    (ended,) = of_kind(night.events, NightEnded)
    assert (ended.why, ended.signal) == (Why.SIGNAL, number)
    assert gone(tmp_path)


def test_a_signal_that_comes_from_a_terminal_and_from_a_script_is_one(tmp_path: Path) -> None:
    """`timeout` and a terminal tell all processes of the group, of which a script hands it on."""
    write(tmp_path, LEAKS)
    process = started(tmp_path, "ring.py", "--for", "10m")
    until(tmp_path, FindingMet, process)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM, said
    assert of_kind(nights(tmp_path / "out")[0].events, NightEnded)
    assert gone(tmp_path)


def test_where_interrupts_and_ends_of_children_are_ignored_slices_end_in_good_order(tmp_path: Path) -> None:
    """A shell ignores SIGINT for what it starts in the background, and some who start jobs ignore SIGCHLD."""
    write(tmp_path, FIXED)
    process = started(tmp_path, "ring.py", "--for", "10m", before=ignoring)
    until(tmp_path, SliceBegan, process)
    time.sleep(1)
    process.send_signal(signal.SIGINT)  # ignored it stays
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM, said
    (night,) = nights(tmp_path / "out")
    assert all(each.report is not None for each in of_kind(night.events, SliceEnded)), said
    assert AlarmKind.DIED not in {each.kind for each in of_kind(night.events, Alarm)}
    assert gone(tmp_path)


def ignoring() -> None:
    for each in (signal.SIGINT, signal.SIGCHLD):
        signal.signal(each, signal.SIG_IGN)


def test_a_second_night_in_the_same_folder_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    write(tmp_path, LEAKS)
    process = started(tmp_path, "ring.py", "--for", "10m")
    try:
        until(tmp_path, SliceBegan, process)
        second = fuzz(tmp_path, "ring.py")
        assert second.code == 2
        assert "another night runs in it" in second.said
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)


def test_where_nothing_can_be_written_any_more_it_ends_and_says_so(tmp_path: Path) -> None:
    """A limit for the size of files stands for a full disk: both refuse a write in the middle."""
    write(tmp_path, LEAKS)
    done = subprocess.run(
        [COMMAND, "fuzz", "ring.py", "--for", "10m", "--slice", "2s", "--out", "out", "--no-likelihood"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384)),
    )
    assert done.returncode == 3, done.stderr
    assert "cannot be written" in done.stderr
    (night,) = nights(tmp_path / "out")
    assert night.unread == ()
    assert of_kind(night.events, SliceBegan)
    assert (tmp_path / "out" / "0001.jsonl").read_bytes().endswith(b"\n")
    assert list((tmp_path / "out" / "findings").glob("*.rfz.json")) or list((tmp_path / "out").rglob("*.rfz.json"))
    assert gone(tmp_path)
