"""Whether somebody has a file open for writing, and to keep them waiting for a moment (``fcntl(2)``, "Leases")."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import signal
from collections.abc import Iterator


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


@contextlib.contextmanager
def unwritten(descriptor: int) -> Iterator[bool]:
    """While it lasts nobody opens the file for writing: who tries waits (up to ``/proc/sys/fs/lease-break-time``).

    Gives False where somebody has it open already. Where the kernel does not tell, nobody waits, and it gives True.
    """
    writers = written_by_others(descriptor)
    if writers is False:
        with contextlib.suppress(OSError):  # opened since
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    try:
        yield not writers
    finally:
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def ignore_their_ends() -> None:
    """The kernel tells by a signal that somebody waits, which would end us."""
    signal.signal(signal.SIGIO, signal.SIG_IGN)
