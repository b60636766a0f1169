"""``dumps.core()``: a core of this process at this instant, by the kernel where it can be had from it.

A copy of the process is made (``snapshot.h``) and dies at once by a signal, in a folder of its own, on a file
system in memory where there is room. Where the kernel hands cores to a program, or may not write any, the copy stops
instead and we write its core.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import struct
import tempfile
from pathlib import Path

from redactfuzz import workplace
from redactfuzz.dumps._process import ffi, lib
from redactfuzz.dumps.producers.core_pattern import Destination, destination
from redactfuzz.dumps.producers.core_writer import write_core

SECONDS = 60.0
"""A copy that is not dead by then is killed."""
_IN_MEMORY = Path("/dev/shm")
_SPARE = 4
"""Free bytes of the file system in memory for each byte that the process has in memory: nobody else runs short."""
_LACKS = "A fork's core holds no registers of other threads, and no memory under MADV_DONTFORK."
_KINDS = (("CORE", 2), ("LINUX", 0x202))
"""Notes beside NT_PRSTATUS that our own writer asks for: floating point and vector registers."""


class CoreError(RuntimeError):
    """No core could be made. The message says why."""


class Core(os.PathLike[str]):
    """A core file that lives as long as this object: it has no name, and its path leads through ``/proc``.

    ``lacks`` says how it was made and what it cannot hold. The campaign says so in the certificate, and gives every
    execution that makes such a dump a process of its own.
    """

    settled = True
    """Nothing changes it any more: it is searched where it lies, not copied."""

    def __init__(self, descriptor: int, lacks: str) -> None:
        self._descriptor = descriptor
        self._path = f"/proc/{os.getpid()}/fd/{descriptor}"
        self.lacks = lacks

    def __fspath__(self) -> str:
        return self._path

    def __str__(self) -> str:
        return self._path

    def __repr__(self) -> str:
        return f"<Core: {self.size} bytes>"

    @property
    def size(self) -> int:
        """Bytes."""
        return os.fstat(self._descriptor).st_size

    def read_bytes(self) -> bytes:
        """All of it. The copy is then in this process's memory, and in the next core of it."""
        return Path(self._path).read_bytes()

    def __del__(self) -> None:
        os.close(self._descriptor)


def core() -> Core:
    """A core of this process as it is now: all its memory, and the registers of the thread that calls.

    Returns a path; the file goes away with it. Made for ``race.crash(dumps.core, by="kill")``. Raises CoreError when
    there is neither a core from the kernel nor one of our own.
    """
    kernel = destination()
    why = kernel.refused
    if not why:
        descriptor = _from_kernel(kernel)
        if descriptor is not None:
            return Core(descriptor, f"{_KERNEL} {_LACKS}")
        why = "the kernel wrote none although its settings allow it"
    return Core(_from_writer(), f"{_OWN.format(why=why)} {_LACKS}")


_KERNEL = "The kernel wrote the core."
_OWN = "The core was written by redactfuzz from /proc, because {why}."


def core_note() -> str:
    """How ``core()`` makes its dumps on this system, and what they lack."""
    why = destination().refused
    return f"{_OWN.format(why=why) if why else _KERNEL} {_LACKS}"


def _from_kernel(kernel: Destination) -> int | None:
    folder = workplace.fresh(_parent())
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            pid = _copied(lib.rf_snapshot_dead(place))
        finally:
            os.close(place)
        status = _ended(pid, 0)
        if not os.WIFSIGNALED(status) or not os.WCOREDUMP(status):
            return None
        found = kernel.found(pid, folder)
        if found is None:
            return None
        descriptor = os.open(found, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        found.unlink()
        return descriptor
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _from_writer() -> int:
    descriptor, name = tempfile.mkstemp(prefix="core-", dir=workplace.folder(_parent()))
    os.unlink(name)  # noqa: PTH108
    try:
        pid = _copied(lib.rf_snapshot_stopped())
        try:
            if not os.WIFSTOPPED(_ended(pid, os.WUNTRACED)):
                raise CoreError("dumps.core(): the copy of the process ended before it could be read.")
            write_core(pid, descriptor, registers_of(pid))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
    except OSError as error:
        os.close(descriptor)
        raise CoreError(
            f"dumps.core(): the memory of the copy cannot be read ({error.strerror}). Let the kernel write cores:"
            " core_pattern 'core' and a hard limit above 0."
        ) from error
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _copied(pid: int) -> int:
    if pid < 0:
        raise CoreError(f"dumps.core(): the process cannot be copied ({os.strerror(-pid)}).")
    return pid


def _ended(pid: int, options: int) -> int:
    """The status of the child. One that neither ends nor stops in time is killed."""
    watch = os.pidfd_open(pid)
    try:
        if not options and not select.select([watch], [], [], SECONDS)[0]:
            os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, options)[1]
    finally:
        os.close(watch)


def registers_of(pid: int) -> list[tuple[str, int, bytes]]:
    """Notes of a stopped child's threads, for ``write_core``, that which stopped it first: the number of a thread even
    where its registers cannot be had."""
    notes = _registers_of_thread(pid)
    for thread in sorted(int(one.name) for one in Path(f"/proc/{pid}/task").iterdir()):
        if thread != pid and not lib.rf_snapshot_hold(thread):
            try:
                notes += _registers_of_thread(thread)
            finally:
                lib.rf_snapshot_release(thread)
    return notes


def _registers_of_thread(pid: int) -> list[tuple[str, int, bytes]]:
    general = _register_set(pid, 1)
    status = bytearray(112) + general + bytes(8)
    struct.pack_into("<H", status, 12, signal.SIGSTOP)
    struct.pack_into("<I", status, 32, pid)
    found = [("CORE", 1, bytes(status))]
    return found + [(owner, kind, content) for owner, kind in _KINDS if (content := _register_set(pid, kind))]


def _register_set(pid: int, kind: int) -> bytes:
    room = ffi.new("uint8_t[]", 1 << 14)
    size = lib.rf_snapshot_registers(pid, kind, room, len(room))
    return bytes(ffi.buffer(room, size)) if size > 0 else b""


def _parent() -> Path:
    """A file system in memory, when it has room."""
    try:
        space = os.statvfs(_IN_MEMORY)
        resident = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE")
        if space.f_bavail * space.f_frsize > _SPARE * resident and os.access(_IN_MEMORY, os.W_OK | os.X_OK):
            return _IN_MEMORY
    except (OSError, ValueError, IndexError):
        pass
    return Path(tempfile.gettempdir())
