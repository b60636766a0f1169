"""Child processes: one that is handed no secret runs as one step of its thread, from its start to its end.

Nothing else of the scenario runs meanwhile, so that what it reads and writes is the same as if it took no time.
"""

from __future__ import annotations

import _posixsubprocess
import contextlib
import errno
import fcntl
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from redactfuzz.model.outcome import ProblemKind
from redactfuzz.threads import _hooks
from redactfuzz.threads.process.writable import is_confined, line_of

_SECONDS = 2.0
"""A child may take so long, the first time; then it is not waited for."""
_ROOM = 1 << 20
"""Bytes of its output that a pipe takes, so that it need not wait for a reader."""
_REMEDY = "Replace it in the scenario. A child runs as one step if it ends at once and needs nothing of the scenario."
_LATE = f"did not end within {_SECONDS:g} s"
_slow: set[str] = set()
_DENIED = os.strerror(errno.EACCES)
_TASKS = Path("/proc/self/task")
_subprocess: Any = subprocess

_unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
"""Before any scenario: our threads block all signals, and a child has the mask of its parent."""


class Children:
    """Those of one execution."""

    def __init__(self, problem: Callable[..., None], is_secret: Callable[[str], bool]) -> None:
        """``problem``: of the execution; ``is_secret``: whether a text holds a canary."""
        self._problem, self._is_secret = problem, is_secret
        self._pids: list[int] = []
        # From 3.13 on most children would be started by another function, which subprocess lets programs turn off.
        self._spawned, _subprocess._USE_POSIX_SPAWN = _subprocess._USE_POSIX_SPAWN, False

    def start(self, args: tuple[Any, ...]) -> int:
        """In place of ``_posixsubprocess.fork_exec``. Raises what that raises, and gives what it gives."""
        if _is_resource_tracker(sys._getframe(1)):
            return _posixsubprocess.fork_exec(*args)
        line, (_, thread, _) = line_of(sys._getframe(1)), _hooks.current() or (0, "", 0)
        command, programs, _, _, folder, environment = args[:6]
        given = os.environb.items() if environment is None else [each.split(b"=", 1) for each in environment]
        texts = [*command, *programs, folder or "", *(text for pair in given for text in pair)]
        with open(os.devnull) as nothing:  # noqa: PTH123  # what a terminal would say is nothing to wait for
            args = (*args[:6], nothing.fileno() if args[6] < 0 else args[6], *args[7:])
            if self._holds_canary(*texts):
                pid, why = _run(args), "was handed a canary"
            else:
                pid, why = self._as_one_step(args, 0 if line in _slow else _SECONDS)
        self._pids.append(pid)
        if why == _LATE:
            _slow.add(line)
        if why:
            what = f"thread {thread!r} started a child process at {line} that {why}: what runs there is not controlled"
            self._problem(ProblemKind.CHILD_PROCESS, what, thread, _REMEDY)
        else:
            what = f"the child process at {line} was run as one step, in real time: what it gives is taken as it is"
            self._problem(ProblemKind.CHILD_PROCESS, what, thread, "", fatal=False)
        return pid

    def end(self) -> None:
        """After the execution: nobody asks any more how one has ended."""
        _subprocess._USE_POSIX_SPAWN = self._spawned
        for pid in self._pids:
            with contextlib.suppress(OSError):
                os.waitpid(pid, os.WNOHANG)

    def _as_one_step(self, args: tuple[Any, ...], seconds: float) -> tuple[int, str]:
        """Starts it. Gives its number, and why it is no step; empty where it is one."""
        out, out_end, err, err_end, failure, failure_end = args[8:14]
        if not args[2] or set(args[3]) - {failure_end} or any(map(callable, args[14:])):
            return _run(args), "is handed descriptors, or code of the scenario"
        if not _is_null(args[6]):
            return _run(args), "reads what the scenario gives it"
        pipes = [(read, write) for read, write in ((out, out_end), (err, err_end)) if read >= 0]
        for _, write in pipes:
            with contextlib.suppress(OSError):
                fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, _ROOM)
        before = _list_children()
        if before is None:
            return _run(args), "may leave processes behind, which this kernel does not list"
        _hooks.adopt_orphans(True)
        try:
            pid = _run(args)
            ended = _ends(pid, seconds)
            said = [_in_pipe(*each) for each in pipes] if ended else []
            left = _end_all(before | {pid} if ended else before)
        finally:
            _hooks.adopt_orphans(False)
        if not ended:
            return pid, _LATE
        if left:
            return pid, "left processes behind"
        if self._holds_canary(*said):
            return pid, "wrote a canary"
        unseen = err_end not in dict(pipes).values() and _has_failed(pid) and not _holds_bytes(failure)
        if is_confined() and (unseen or any(_DENIED in each for each in said)):
            return pid, "may have been refused a file that no scenario may write (show what it says by stderr=PIPE)"
        return pid, ""

    def _holds_canary(self, *texts: Any) -> bool:
        return self._is_secret("\n".join(map(os.fsdecode, texts)))


def _is_resource_tracker(frame: FrameType | None) -> bool:
    """Return whether multiprocessing starts the process that removes semaphores and shared memory once all have ended.

    It is handed their names alone. From 3.14 on, where processes start afresh by default, each lock needs it.
    """
    while frame is not None and frame.f_globals.get("__name__") == "multiprocessing.util":
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") == "multiprocessing.resource_tracker"


def _run(args: tuple[Any, ...]) -> int:
    ours = signal.pthread_sigmask(signal.SIG_SETMASK, _unblocked)
    try:
        return _posixsubprocess.fork_exec(*args)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, ours)


def _ends(pid: int, seconds: float) -> bool:
    """Whether it ends in time."""
    child = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(child)
        return bool(poll.poll(1000 * seconds))
    finally:
        os.close(child)


def _has_failed(pid: int) -> bool:
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return ended is None or ended.si_code != os.CLD_EXITED or ended.si_status != 0


def _list_children() -> set[int] | None:
    """Of this process. None where the kernel does not tell."""
    try:
        return {int(pid) for task in _TASKS.iterdir() for pid in (task / "children").read_text().split()}
    except OSError:
        return None


def _end_all(but: set[int]) -> bool:
    """Ends all other children, and theirs, which become ours. Whether there was one."""
    found = False
    while left := (_list_children() or set()) - but:
        found = True
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return found


def _is_null(descriptor: int) -> bool:
    """Whether it is open on the null device."""
    return os.fstat(descriptor).st_rdev == Path(os.devnull).stat().st_rdev


def _holds_bytes(pipe: int) -> bool:
    """Whether a read from the pipe returns bytes at once."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return any(event & select.POLLIN for _, event in poll.poll(0))


def _in_pipe(read: int, write: int) -> str:
    """What is in a pipe, and stays there."""
    data = os.read(read, _ROOM) if _holds_bytes(read) else b""
    os.write(write, data)
    return os.fsdecode(data)
