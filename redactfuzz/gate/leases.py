"""Whether somebody has a file open for writing, and to keep them waiting for a moment (``fcntl(2)``, "Leases")."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import signal
from collections.abc import Iterator

import attrs


def written_by_others(descriptor: int) -> bool | None:
    """Whether anybody has the file open for writing, or mapped so. None where the kernel does not tell us: the file is
    another user's, or its file system knows no leases.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN else None
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


@attrs.frozen
class Hold:
    """``alone``: nobody had the file open for writing. ``leased``: nobody can open it so, as long as this lasts."""

    descriptor: int
    alone: bool
    leased: bool

    @property
    def awaited(self) -> bool:
        """Whether somebody waits to open it for writing, who found it by the name that it had before."""
        return self.leased and fcntl.fcntl(self.descriptor, fcntl.F_GETLEASE) != fcntl.F_RDLCK


@contextlib.contextmanager
def unwritten(descriptor: int) -> Iterator[Hold]:
    """While it lasts nobody opens the file for writing: who tries waits (up to ``/proc/sys/fs/lease-break-time``).

    Where the kernel does not tell who has it open, nobody waits.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        hold = Hold(descriptor, alone=True, leased=True)
    except OSError as error:
        hold = Hold(descriptor, alone=error.errno != errno.EAGAIN, leased=False)
    try:
        yield hold
    finally:
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def ignore_their_ends() -> None:
    """The kernel tells by a signal that somebody waits, which would end us."""
    signal.signal(signal.SIGIO, signal.SIG_IGN)
