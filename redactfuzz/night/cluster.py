"""Slices on the workers of a Dask cluster that is there already, on which redactfuzz and the code under test are.

A slice is a subprocess of its worker in a session of its own, never a fork of the worker, which has threads. It is at
most ten minutes long, so that a worker that is lost costs no more. Dask may run a task twice, and blames all tasks of a
worker that is lost: what a slice gives is taken once, and one that failed is another slice of its scenario later.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.campaign.files.store import bring
from redactfuzz.model.finding import Finding
from redactfuzz.model.night import SliceBegan
from redactfuzz.model.repro import ReproError
from redactfuzz.night import slices
from redactfuzz.night.journal import FINDINGS, NightError
from redactfuzz.night.told import Told

LONGEST = 600.0
"""Seconds of a slice at most."""
_ADDRESS = re.compile(r"[a-z]+://\S+")
_CONNECT = 10.0
_RETRIES = 2
_HERE = "{findings}"
"""In a command: the folder for repro files, which each worker makes for itself."""
_MOST = 64
"""Repro files of one slice that are taken."""
_LOOK = 0.2
_ASKED = 5.0
"""Seconds between two questions for how many workers there are."""
_ALONE = 60.0
"""Seconds without one, after which nobody will run a slice."""
_PATIENCE = (_RETRIES + 2) * LONGEST
"""Seconds for a slice with all that is begun again."""


@attrs.frozen
class Sent:
    """What a worker gives of a slice."""

    lines: tuple[bytes, ...]
    how: str
    memory: int
    cpu: float
    seconds: float
    repros: dict[str, str]
    """Name of the file -> its text."""
    build: str = ""
    """By what it was explored there."""


def run_there(
    command: Sequence[str], number: int, title: str, seconds: float, memory: int, build: Callable[[], str]
) -> Sent:
    """On a worker: one slice from its start to its end. ``build``: says what is installed there."""
    with tempfile.TemporaryDirectory(prefix="redactfuzz-slice-") as folder:
        words = tuple(folder if word == _HERE else word for word in command)
        done = slices.start(SliceBegan(number, title, words, seconds), memory, Path.cwd(), keep=True)
        try:
            while not done.look():
                done.follow()
                time.sleep(_LOOK)
        finally:
            done.close()
        repros = {}
        for path in sorted(Path(folder).glob("*.rfz.json"))[:_MOST]:
            with contextlib.suppress(OSError):
                repros[path.name] = path.read_text("utf-8")
        return Sent(tuple(done.lines or ()), done.how, done.memory, done.cpu, done.seconds, repros, build())


class RemoteSlice(Told):
    """A slice on a worker, as `slices.Slice` is one here."""

    def __init__(self, began: SliceBegan, future: Any, findings: Path, workers: Callable[[], int], build: str) -> None:
        """``future``: of ``run_there``; ``workers``: how many there are to run it; ``build``: ours."""
        super().__init__(began)
        self._workers, self._had_some, self._build = workers, time.monotonic(), build
        self._future, self._findings = future, findings
        self._at = time.monotonic()
        self.fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        future.add_done_callback(self._woken)

    def _woken(self, _: Any) -> None:
        with contextlib.suppress(OSError):  # it was closed meanwhile
            os.eventfd_write(self.fd, 1)

    @property
    def seconds(self) -> float:
        """Since it was given to the cluster."""
        return time.monotonic() - self._at

    def follow(self) -> None:
        """There is nothing before its end."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self.fd)

    def look(self) -> bool:
        """Whether it has ended."""
        if not self._future.done():
            if not self._nobody_will():
                return False
            self.how, self.lost = f"no worker of the cluster has run it in {self.seconds:.0f} s", True
            self.interrupt()
            self.close()
            return True
        try:
            sent: Sent = self._future.result(timeout=10)
        except Exception as error:  # whatever happened on the other side, or to the cluster
            self.how, self.lost = f"was lost with its worker ({type(error).__name__})", True
        else:
            self._take(sent)
        self.close()
        return True

    def _nobody_will(self) -> bool:
        """No worker is left, or it was begun again and again."""
        now = time.monotonic()
        if now - self._had_some > _ASKED and self._workers():
            self._had_some = now
        return now - self._had_some > _ALONE or self.seconds > _PATIENCE

    def _take(self, sent: Sent) -> None:
        if sent.build != self._build:  # what that has proved would be told as of ours
            self.how, self.lost = f"its worker has {sent.build}, and this is {self._build}: install the same", True
            return
        here = {name: self._brought(name, text) for name, text in sent.repros.items()}
        for line in sent.lines:
            self.take(line)
        gave = "" if self.reports and not self.missing else "gave no report to its worker"
        self.how, self.memory, self.cpu = sent.how or gave, sent.memory, sent.cpu
        self.reports = [
            attrs.evolve(
                report,
                finding=_placed(report.finding, here) if report.finding is not None else None,
                others=tuple(_placed(each, here) for each in report.others),
            )
            for report in self.reports
        ]
        self.seen = [_placed(each, here) for each in self.seen]

    def _brought(self, name: str, text: str) -> str:
        """Where it lies from now on: two workers may have given one name to files of two findings. Empty: nowhere."""
        try:
            return bring(text, self._findings)
        except ReproError:  # of another version than ours
            path = self._findings / Path(name).name
            with contextlib.suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
                file.write(text)
            return path.as_posix()
        except OSError:  # the finding itself goes into the journal, which waits for room
            return ""

    def interrupt(self) -> None:
        """A worker is not asked: a slice ends by itself before long."""
        self._future.cancel(force=True)

    def close(self) -> None:
        """Leaves nothing of it here."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
        self._future.release()


def _placed(finding: Finding, here: Mapping[str, str]) -> Finding:
    """With its repro file where it lies here; without one that did not come."""
    return attrs.evolve(finding, repro=here.get(Path(finding.repro).name, "")) if finding.repro else finding


class Cluster:
    """The workers of one scheduler."""

    def __init__(self, address: str, folder: Path, build: Callable[[], str]) -> None:
        """``address``: ``tcp://HOST:PORT``; ``folder``: the night directory. Raises NightError.

        ``build``: of redactfuzz and its interpreter, asked here and on each worker.
        """
        self._build = build
        try:
            distributed: Any = importlib.import_module("distributed")
        except ImportError:
            raise NightError('--cluster needs Dask: pip install "redactfuzz[cluster]"') from None
        self._findings = folder / FINDINGS
        if not _ADDRESS.fullmatch(address):
            raise NightError(f"{address}: no address of a scheduler. Give it as Dask says it: tcp://HOST:PORT.")
        try:
            self._client: Any = distributed.Client(address, timeout=_CONNECT, set_as_default=False)
        except Exception as error:
            what = f"no Dask scheduler answers there ({type(error).__name__}). Start one, or leave --cluster out."
            raise NightError(f"{address}: {what}") from None

    @property
    def jobs(self) -> int:
        """Slices at a time: one a thread of its workers."""
        threads: dict[str, int] = self._client.nthreads()
        return max(sum(threads.values()), 1)

    def start(self, began: SliceBegan, memory: int) -> RemoteSlice:
        """Gives it to a worker."""
        if self._client.status != "running":
            raise OSError(0, "the cluster is gone")
        at = began.command.index("--findings") + 1 if "--findings" in began.command else None
        command = tuple(_HERE if place == at else word for place, word in enumerate(began.command))
        future = self._client.submit(
            run_there,
            command,
            began.number,
            began.title,
            min(began.seconds, LONGEST),
            memory,
            self._build,
            key=f"redactfuzz-{os.getpid()}-{began.number}-{time.monotonic_ns()}",
            pure=False,
            retries=_RETRIES,
        )
        return RemoteSlice(began, future, self._findings, self._count, self._build())

    def _count(self) -> int:
        """Workers; none where the scheduler does not answer."""
        try:
            return len(self._client.sync(self._client.scheduler.ncores, callback_timeout=_CONNECT))
        except Exception:
            return 0

    def close(self) -> None:
        """Leaves the cluster as it was."""
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)
