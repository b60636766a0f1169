"""No leak, bug or pass is told that follows from what a scenario was refused."""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from contained import FEW, WORDS, explored, users_folder

from redactfuzz import Race, Verdict, explore
from redactfuzz.threads import _hooks


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's."""
    return users_folder(tmp_path, monkeypatch)


def test_a_leak_because_of_a_file_that_could_not_be_written_is_none(outside: Path) -> None:
    def work(race: Race, key: str) -> None:
        try:
            (outside / "log").write_text("began")
        except OSError:
            race.dump(key)

    assert explored(work).verdict is Verdict.INCONCLUSIVE
    with_the_file = explored(work, unconfined=True)
    assert with_the_file.verdict is Verdict.NO_LEAK_FOUND
    assert (outside / "log").read_text() == "began"


class Finalized:
    """Writes when it is let go of, and is part of a cycle."""

    def __init__(self, path: Path) -> None:
        self.path, self.itself = path, self

    def __del__(self) -> None:
        self.path.write_text("gone")


@pytest.mark.parametrize("when", ["a cycle is collected", "a context manager is closed", "the process exits"])
def test_what_runs_after_the_threads_cannot_write_elsewhere_either(outside: Path, when: str) -> None:
    @contextmanager
    def closing() -> Iterator[None]:
        yield
        (outside / "theirs").write_text("closed")

    def work(race: Race, key: str) -> None:
        if when == "the process exits":
            atexit.register((outside / "theirs").write_text, "exited")
        elif when == "a cycle is collected":
            Finalized(outside / "theirs")

    def scenario(race: Race) -> None:
        if when == "a context manager is closed":
            race.enter(closing())
        key = race.canary("key").text
        mask = race.redactor(lambda text: text.replace(key, "[key]"))
        race.thread(work, race, key)
        race.crash(lambda: mask(key))

    report = explore(scenario, executions=FEW)
    assert (outside / "theirs").read_text() == "as it was"
    assert report.verdict is Verdict.INCONCLUSIVE
    assert WORDS in str(report.reason)


@contextmanager
def somebody() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_it_cannot_signal_the_processes_of_others() -> None:
    with somebody() as other:

        def work(race: Race, key: str) -> None:
            os.kill(os.getpid(), 0)  # its own
            try:
                os.kill(other.pid, signal.SIGTERM)
            except PermissionError:
                race.dump("refused")

        explored(work)
        assert (other.poll() is None) == bool(_hooks.holds() & 2)


LIBC = ctypes.CDLL(None)


def by_libc(folder: Path) -> dict[str, Callable[[], bool]]:
    """Ways in which C code changes files; each gives whether it failed."""
    new = os.fsencode(folder / "new")
    return {
        "creat": lambda: LIBC.creat(new, 0o600) < 0,
        "open": lambda: LIBC.open(new, os.O_WRONLY | os.O_CREAT, 0o600) < 0,
        "mkdir": lambda: LIBC.mkdir(new, 0o700) < 0,
        "mkstemp": lambda: LIBC.mkstemp(ctypes.create_string_buffer(new + b"XXXXXX")) < 0,
        "symlink": lambda: LIBC.symlink(b"theirs", new) < 0,
        "unlink": lambda: LIBC.unlink(os.fsencode(folder / "theirs")) < 0,
        "kill": lambda: LIBC.kill(os.getppid(), 0) < 0,
    }


@pytest.mark.parametrize("how", list(by_libc(Path())))
def test_no_leak_is_told_that_follows_from_what_c_code_was_refused(outside: Path, how: str) -> None:
    def work(race: Race, key: str) -> None:
        if by_libc(outside)[how]():
            race.dump(key)

    report = explored(work)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert WORDS in str(report.reason)
    assert {path.name for path in outside.iterdir()} == {"empty", "theirs"}


@pytest.mark.parametrize("dies", [False, True])
def test_no_leak_is_told_that_follows_from_what_c_code_was_refused_at_exit(outside: Path, dies: bool) -> None:
    def at_exit(race: Race, key: str) -> None:
        if by_libc(outside)["open"]():
            race.dump(key)
            os.abort() if dies else None

    report = explored(lambda race, key: atexit.register(at_exit, race, key))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert WORDS in str(report.reason)


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_process_that_dies_since_a_file_could_not_be_written_is_no_bug(outside: Path, isolation: str) -> None:
    def work(race: Race, key: str) -> None:
        if LIBC.creat(os.fsencode(outside / "new"), 0o600) < 0:
            os.kill(os.getpid(), signal.SIGKILL) if isolation == "process" else os.abort()

    report = explored(work, isolation=isolation)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert WORDS in str(report.reason)


def test_a_loop_that_tries_again_comes_to_an_end(outside: Path) -> None:
    def work(race: Race, key: str) -> None:
        while True:
            try:
                (outside / "new").touch()
            except OSError:
                continue
            break

    assert explored(work).verdict is Verdict.INCONCLUSIVE


def test_a_handler_of_a_signal_that_writes_is_told(outside: Path) -> None:
    before = signal.signal(signal.SIGUSR1, lambda number, frame: (outside / "by-signal").write_text("x"))
    try:
        report = explored(lambda race, key: os.kill(os.getpid(), signal.SIGUSR1))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert WORDS in str(report.reason)


def test_a_thread_may_signal_what_another_one_started(outside: Path) -> None:
    def work(race: Race, key: str) -> None:
        child = subprocess.Popen(["sleep", "60"])
        thread = threading.Thread(target=child.kill)
        thread.start()
        thread.join()
        child.wait()

    report = explored(work)
    assert "child process" in str(report.reason), "which is not controlled; but it could be ended"
