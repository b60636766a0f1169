"""A core that comes through a pipe, as the kernel sends it (``core(5)``): into the folder that a gate empties.

It lies there under a name that no gate takes, locked, until all of it has come. One whose receiver was killed is
given a name by the next gate that looks: what there is of it is a dump as well.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import select
import stat
import time
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.gate.names import OWN, arrived_name, numbers
from redactfuzz.gate.placing import rename_free, rename_new

_ARRIVING, _BEGINS = f"{OWN}arriving-", f"{OWN}begins-"
"""Of one that is locked as long as it comes, and of one that is not locked yet, and empty."""
CUT = ".cut"
"""After the name of a core of which a part has come."""
_BLOCK = 1 << 20


@attrs.frozen
class Arrived:
    """``cut``: why not all of it; empty where it is whole."""

    name: str
    size: int
    cut: str = ""


@attrs.frozen
class ArrivalLimits:
    """Bytes of a core, seconds for all of it, and seconds in which nothing comes."""

    size: int = 64 << 30
    seconds: float = 3600.0
    silence: float = 60.0


def receive(stream: int, folder: int, words: Sequence[str], limits: ArrivalLimits) -> Arrived:
    """Copies a stream to a new file in the folder (descriptors). ``words``: what the kernel says of the process.

    What has come when something ends it (a limit, a full disk) stays, as a core that is cut. Raises OSError where
    no file can be made.
    """
    random = secrets.token_hex(4)
    begins, hidden = f"{_BEGINS}{random}", f"{_ARRIVING}{random}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(begins, flags, 0o600, dir_fd=folder)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        rename_new(folder, begins, hidden)
        size, cut = _copied(stream, file, limits)
        os.fsync(file)
        name = rename_free(folder, hidden, numbers(arrived_name(words, random) + (CUT if cut else "")))
        os.fsync(folder)
    finally:
        os.close(file)
    return Arrived(name, size, cut)


def adopt(folder: int, names: Sequence[str]) -> Iterator[str]:
    """Gives names to cores whose receiver is gone: those of which nobody holds the lock."""
    for name in names:
        if not name.startswith(_ARRIVING):
            continue
        with contextlib.suppress(OSError):  # it still arrives, or has just got its name
            if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                continue  # not one of ours
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                given = arrived_name((), name.removeprefix(_ARRIVING)[:32]) + CUT
                yield rename_free(folder, name, numbers(given))
            finally:
                os.close(file)


def _copied(stream: int, file: int, limits: ArrivalLimits) -> tuple[int, str]:
    deadline, size = time.monotonic() + limits.seconds, 0
    ready = select.poll()
    ready.register(stream, select.POLLIN)
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return size, f"it was still coming after {limits.seconds:g} s"
        if not ready.poll(min(left, limits.silence) * 1000):
            return size, f"nothing came for {min(left, limits.silence):.0f} s"
        block = os.read(stream, _BLOCK)
        if not block:
            return size, ""
        room = limits.size - size
        try:
            written = _put(file, block[:room])
        except OSError as error:
            return size, f"it could not be written ({error.strerror})"
        size += written
        if len(block) > room:
            return size, f"it has more than {limits.size:,} bytes (--max-size)"


def _put(file: int, block: bytes) -> int:
    done = 0
    while done < len(block):
        done += os.write(file, block[done:])
    return done
