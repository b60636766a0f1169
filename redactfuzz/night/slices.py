"""One slice of a night: `redactfuzz run` of one scenario in processes of its own, whatever becomes of them."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from redactfuzz.model.night import SliceBegan
from redactfuzz.night.told import Told
from redactfuzz.workplace import MARK

HASH_SEED = "PYTHONHASHSEED"
_GRACE = 90.0
"""Seconds beyond those of its search: what it found is confirmed, shrunk and explained, and a program is built."""
_INSIST = 20.0
"""Seconds that it has after an interrupt."""
_WEIGHED_SECONDS = 1.0
_LONGEST = 64 << 20
"""Bytes of one event."""
_TAIL = 2_000
"""Bytes of what it said on stderr that are kept where it gave no report."""
_SWEEPS = 5
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Slice(Told):
    """A command that runs here."""

    def __init__(
        self,
        began: SliceBegan,
        fd: int,
        most_memory: int,
        process: subprocess.Popen[bytes],
        errors: IO[bytes],
        mark: bytes,
        *,
        keep: bool,
    ) -> None:
        """``mark``: in the environment of its processes, some of which may leave its session, as daemons do.

        ``most_memory``: bytes that they may have together; ``keep``: lines are kept and not taken in.
        """
        super().__init__(began)
        self.fd = fd
        self.lines: list[bytes] | None = [] if keep else None
        self._limit = began.seconds * 1.5 + _GRACE
        self._most_memory = most_memory
        self._process, self._errors, self._mark = process, errors, mark
        self._at = time.monotonic()
        self._rest = b""
        self._interrupted: float | None = None
        self._weighed = 0.0
        self._closed = False

    @property
    def seconds(self) -> float:
        """Since its start."""
        return time.monotonic() - self._at

    @property
    def whole(self) -> bool:
        """Whether it came to its end by itself."""
        return self._interrupted is None and (self._process.poll() or 0) >= 0

    def follow(self) -> None:
        """Takes in what it has sent."""
        try:
            data = os.read(self.fd, 1 << 20)
        except BlockingIOError:
            return
        if not data:
            self._closed = True
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST:
            self._kill("sent a line that is longer than any event")
            self._rest = b""
        for line in lines:
            if self.lines is None:
                self.take(line)
            elif b'"event":"CampaignProgress"' not in line:
                self.lines.append(line)

    def look(self) -> bool:
        """Whether it has ended. Called often: whoever takes too long or too much memory is stopped here."""
        if os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            self.cpu = _cpu_of(self._process.pid)
            self._process.wait()
            while not self._closed:  # what it has sent before
                before = self._rest
                self.follow()
                if before == self._rest and not self._closed:
                    break
            self._end()
            return True
        if self._holds_too_much():
            self._kill(f"needed more than {self._most_memory >> 20:,} MiB and was killed")
        elif self._interrupted is not None:
            if time.monotonic() - self._interrupted > _INSIST:
                self.lost = not self.how
                self._kill(self.how or "did not end when it was asked to, and was killed")
        elif self.seconds > self._limit:
            self.how = f"was not done after {self._limit:.0f} s and was interrupted"
            self.interrupt()
        return False

    def _holds_too_much(self) -> bool:
        """Asked once a second: all processes of the machine are gone through for it."""
        if time.monotonic() < self._weighed + _WEIGHED_SECONDS:
            return False
        self._weighed = time.monotonic()
        held = _memory_of_group(self._process.pid, self._mark)
        self.memory = max(self.memory, held)
        return held > self._most_memory

    def interrupt(self) -> None:
        """Asks it to end with what is known."""
        self._interrupted = self._interrupted or time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)

    def _kill(self, how: str) -> None:
        self.how = how
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _end(self) -> None:
        status = self._process.returncode
        if (self.report is None or self.missing) and self.lines is None and not self.how:
            self.how = (
                f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with exit status {status}"
            )
            self._errors.seek(max(self._errors.seek(0, os.SEEK_END) - _TAIL, 0))
            said = self._errors.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
            self.how += f": {said}" if said else ""
        self.close()

    def _left(self) -> Iterator[int]:
        """Its processes, until there are none: one may have started another before it was killed."""
        for _ in range(_SWEEPS):
            there = _group(self._process.pid, self._mark)
            yield from there
            if not there:
                return

    def close(self) -> None:
        """Leaves nothing of it."""
        for pid in self._left():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
        self._errors.close()


def start(began: SliceBegan, most_memory: int, folder: Path, *, keep: bool = False) -> Slice:
    """Starts ``began.command`` in a session of its own. ``folder``: where it works. Raises OSError.

    It gets ``--events`` for a pipe of ours: where that has no reader any more it ends by itself. No file of the folder
    comes before a module of the standard library (``-P``): ``redactfuzz run`` looks there for what scenarios import.
    """
    errors = tempfile.TemporaryFile()  # noqa: SIM115  as long as the slice
    reader, writer = os.pipe()
    mark = secrets.token_hex(8)
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", *began.command, "--events", f"/dev/fd/{writer}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=[writer],
            start_new_session=True,
            env=os.environ | {HASH_SEED: os.environ.get(HASH_SEED) or "0", MARK: mark},
            cwd=folder,
        )
    except BaseException:
        os.close(reader)
        errors.close()
        raise
    finally:
        os.close(writer)
    os.set_blocking(reader, False)
    return Slice(began, reader, most_memory, process, errors, f"{MARK}={mark}".encode(), keep=keep)


def _group(leader: int, mark: bytes) -> list[int]:
    """The processes of its session, some of which have a group of their own, and those that left it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                own = int(fields[3]) == leader or mark in (entry / "environ").read_bytes().split(b"\0")
                if own and fields[0] != "Z":
                    found.append(int(entry.name))
    return found


def _cpu_of(pid: int) -> float:
    """Seconds that a process took that has ended and is not waited for yet, with those that it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0


def _memory_of_group(leader: int, mark: bytes) -> int:
    """Bytes in memory of all of them."""
    total = 0
    for pid in _group(leader, mark):
        with contextlib.suppress(OSError, ValueError, IndexError):
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    return total


def command(words: Sequence[str], *, strategy: str, seed: int, seconds: float, findings: Path) -> tuple[str, ...]:
    """What a slice runs."""
    chosen = () if strategy == "default" else ("--strategy", strategy)
    limits = ("--profile", "nightly", "--seconds", f"{seconds:g}", "--seed", str(seed))
    return ("redactfuzz", "run", *words, *limits, *chosen, "--beyond-known", "--findings", str(findings))
