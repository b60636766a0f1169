"""Positions and status flags of what was open before the first execution: every execution begins with the same.

They belong to what was opened and not to the process: a forked child that reads a file, or makes a terminal
nonblocking, does it for its parent and for every child that comes after it. So whoever has forked a child puts back
what that one has changed, and so does an execution that has a successor in its process. Bytes that were read from a
pipe cannot be put back: that is told.

Of a file that can only be written the position stays: it would be written over what is there.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import stat
import struct
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from redactfuzz.model.outcome import Problem, ProblemKind
from redactfuzz.threads import _hooks
from redactfuzz.threads.process.duplicates import descriptors, originals, reserved
from redactfuzz.threads.restore.read_ahead import Above, above

_PLACED, _STREAM = 1, 2
_STATE = struct.Struct("3q")
"""Flags, position and bytes that wait, of one descriptor."""
_READS = {"x86_64": ("0", "19", "45", "47"), "aarch64": ("63", "65", "207", "212")}
"""Numbers of read, readv, recvfrom and recvmsg, whose first argument is the descriptor."""
_REMEDY = "Open it, and write what is to be read, in the scenario's body."


@attrs.frozen
class _Open:
    """A descriptor that a scenario may have met as it was."""

    number: int
    file: tuple[int, int]
    """Which one it is: an execution may have closed it, and opened another under the number."""
    is_placed: bool
    """It has a position, from which something is read."""
    is_stream: bool
    """A pipe or a socket: what is read from it is gone. But for one from which another thread reads all the time."""
    drains: bool
    """A pipe of which both ends are here: nobody else writes to it."""

    @property
    def asked(self) -> bytes:
        """For the C part."""
        return struct.pack("2i", self.number, self.is_placed * _PLACED | self.is_stream * _STREAM)


@attrs.define(eq=False)
class _Kept:
    """What is looked at as long as batches follow one another."""

    there: Sequence[_Open]
    asked: bytes
    objects: Sequence[Above]
    """File objects, which have read ahead of those who read them."""
    reads_on: bool = False
    """An execution did in one of these, in this process, and it could not be put back."""


_kept: _Kept | None = None
_told: dict[str, Problem] = {}


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """As long as the context lasts, what is open now is what no execution may leave changed."""
    global _kept
    outermost = _kept is None
    if outermost:
        there = _all()
        _kept = _Kept(
            there, b"".join(each.asked for each in there), above({each.number for each in there if each.is_placed})
        )
        _told.clear()
    try:
        yield
    finally:
        if outermost:
            _kept = None


@contextlib.contextmanager
def put_back(*, here: bool) -> Iterator[None]:
    """Afterwards all of them are as they are now. ``here``: what changes them does it in this process."""
    kept = _kept
    if kept is None:
        yield
        return
    before = _hooks.opened(kept.asked)
    objects = [each.state() for each in kept.objects] if here else []
    try:
        yield
    finally:
        after = [each.state() for each in kept.objects] if here and not _hooks.abandoned() else objects
        now = _hooks.opened(kept.asked)
        if now != before:
            for each, was, is_now in zip(kept.there, _STATE.iter_unpack(before), _STATE.iter_unpack(now), strict=True):
                if was != is_now and min(was[0], is_now[0]) >= 0:
                    _restore(each, *was)
        for one, was_there, is_there in zip(kept.objects, objects, after, strict=False):
            if was_there != is_there and not one.put_back(was_there):
                of = f"the file of descriptor {one.number}, of which something had been read before the first one"
                what = f"an execution has read on in {of}"
                _tell(what)
                kept.reads_on = True


@contextlib.contextmanager
def around_child() -> Iterator[None]:
    """Executions are run in a forked child, which may die before it has put back what it changed."""
    with watched(), put_back(here=False):
        yield


def reads_on() -> bool:
    """Whether an execution left a file object in this process that another one would begin with."""
    return _kept is not None and _kept.reads_on


def problems() -> Sequence[Problem]:
    """What could not be put back in this process."""
    return tuple(_told.values())


def _tell(what: str) -> None:
    _told[what] = Problem(ProblemKind.CARRIED_OVER, f"{what}: that cannot be put back for the next one", "", _REMEDY)


def _restore(each: _Open, flags: int, offset: int, waiting: int) -> None:
    with contextlib.suppress(OSError):
        if _file(os.fstat(each.number)) != each.file:
            return
        if fcntl.fcntl(each.number, fcntl.F_GETFL) != flags:
            fcntl.fcntl(each.number, fcntl.F_SETFL, flags)
        if each.is_placed:
            os.lseek(each.number, offset, os.SEEK_SET)
        if not each.is_stream:
            return
        left = _STATE.unpack(_hooks.opened(each.asked))[2]
        if left < waiting and each.number not in _served():
            kind = "pipe" if stat.S_ISFIFO(os.fstat(each.number).st_mode) else "socket"
            _tell(f"an execution has read from descriptor {each.number}, a {kind} with bytes from before the first one")
        elif left and not waiting and each.drains:
            os.read(each.number, left)


def _all() -> list[_Open]:
    """But for ours, and for where standard output and error lead, which have files of their own in an execution."""
    try:
        numbers = sorted(descriptors() - reserved)
    except OSError:  # there is none left to look with
        return []
    ours = [status for each in {1, 2, *originals, *reserved} if (status := _status(each)) is not None]
    out = {_file(status) for status in ours if not stat.S_ISCHR(status.st_mode)}
    there = [(each, status) for each in numbers if not _hooks.is_own(each) and (status := _status(each)) is not None]
    flags = {each: fcntl.fcntl(each, fcntl.F_GETFL) for each, _ in there}
    served = _served()
    ends = {_file(status) for each, status in there if flags[each] & os.O_ACCMODE == os.O_WRONLY}
    found = []
    for number, status in there:
        if number in (1, 2, *originals) or _file(status) in out or flags[number] & os.O_PATH:
            continue
        reads, mode = flags[number] & os.O_ACCMODE != os.O_WRONLY, status.st_mode
        is_pipe = stat.S_ISFIFO(mode)
        is_stream = reads and (is_pipe or stat.S_ISSOCK(mode)) and number not in served
        is_placed = reads and (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISBLK(mode))
        drains = is_pipe and is_stream and _file(status) in ends
        found.append(_Open(number, _file(status), is_placed, is_stream, drains))
    return found


def _status(number: int) -> os.stat_result | None:
    try:
        return os.fstat(number)
    except OSError:
        return None


def _file(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _served() -> set[int]:
    """Descriptors in a read of which another thread stands, as one of a test runner that gets its orders there."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        if task.name == str(threading.get_native_id()):  # it reads what it reads here
            continue
        with contextlib.suppress(OSError, ValueError):  # it has ended, or runs
            call, first, *_ = (task / "syscall").read_text("ascii").split()
            if call in _READS.get(platform.machine(), ()):
                found.add(int(first, 16))
    return found
