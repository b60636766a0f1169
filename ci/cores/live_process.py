"""A process that holds a live key, and its core: of the kernel when it is aborted, or of gcore while it lives on."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs

from redactfuzz.dumps.producers.core_pattern import destination

LIMIT = 300.0
"""Seconds until a program that says nothing is given up: python-rsa takes some to find two primes."""


class SilentError(Exception):
    """The program ended, or said nothing in time."""


def allow_cores() -> None:
    """As far as the hard limit goes."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


@attrs.frozen
class Live:
    """A program of ``programs`` that has said "ready". In ``home``, its working folder, the kernel puts its core."""

    process: subprocess.Popen[str]
    home: Path

    def order(self, what: str, path: Path) -> None:
        """``keep`` a file in memory, or ``tell`` the private half into one. Raises SilentError."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what} {path}\n")
        self.process.stdin.flush()
        _answer(self.process, "done")

    def aborted(self) -> Path:
        """The kernel's core after SIGABRT. Raises SilentError when there is none."""
        self.process.send_signal(signal.SIGABRT)
        self.process.wait(LIMIT)
        where = destination()
        there = (path for path in self.home.iterdir() if path.name.startswith("core"))
        core = where.found(self.process.pid, self.home) if where.pattern else next(there, None)
        if core is None:
            raise SilentError("the kernel left no core")
        return core

    def copied(self) -> Path:
        """gcore's core; the process goes on. Raises SilentError when gcore makes none."""
        start = self.home / "copied"
        command = ("gcore", "-o", str(start), str(self.process.pid))
        done = subprocess.run(command, capture_output=True, timeout=LIMIT, check=False)
        core = Path(f"{start}.{self.process.pid}")
        if done.returncode or not core.exists():
            raise SilentError("gcore left no core")
        return core


@contextmanager
def live(command: Sequence[str], kind: str, public: Path, home: Path) -> Iterator[Live]:
    """The program with a key of that kind, whose public half it has written. Nothing of it outlives the block."""
    home.mkdir()
    plain = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        (*command, kind, str(public)),
        cwd=home,
        env=plain,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=allow_cores,
    )
    try:
        _answer(process, "ready")
        yield Live(process, home)
    finally:
        process.kill()
        process.wait()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        # What was not written yet has nobody to read it.
        with suppress(BrokenPipeError):
            process.stdin.close()


def _answer(process: subprocess.Popen[str], wanted: str) -> None:
    assert process.stdout is not None
    timer = threading.Timer(LIMIT, process.kill)
    timer.start()
    try:
        said = process.stdout.readline().strip()
    finally:
        timer.cancel()
    if said != wanted:
        raise SilentError(f"{said!r} in place of {wanted!r}")
