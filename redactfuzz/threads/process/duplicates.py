"""Descriptors that lead where stdout or stderr does: loggers and faulthandler often hold a duplicate of their own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Collection, Iterator

_NULL = os.makedev(1, 3)
_STANDARD = range(3)

originals: set[int] = set()
"""What 1 and 2 were before our own command line or a test runner led them elsewhere, as descriptors."""
reserved: set[int] = set()
"""Descriptors through which we ourselves say something while executions run."""


def descriptors() -> set[int]:
    """All that are open. Raises OSError where there is none left to look with."""
    folder = os.open("/proc/self/fd", os.O_RDONLY | os.O_DIRECTORY)
    try:
        return {int(name) for name in os.listdir(folder)} - {folder}  # noqa: PTH208  (numbers, no paths)
    finally:
        os.close(folder)


def duplicates(number: int, but: Collection[int]) -> Iterator[int]:
    """Those above 2 that are the same open file, or that of one of ``originals``."""
    like = {one: status for one in {number, *(originals - set(but))} if (status := _writable(one)) is not None}
    if not like:
        return
    for found in descriptors():
        mine = None if found in _STANDARD or found in but or found in reserved else _writable(found)
        if mine is not None and any(mine == other and _is_same(found, one) for one, other in like.items()):
            yield found


def _writable(number: int) -> tuple[int, int, int, int] | None:
    with contextlib.suppress(OSError):
        flags, status = fcntl.fcntl(number, fcntl.F_GETFL), os.fstat(number)
        if flags & os.O_ACCMODE != os.O_RDONLY:
            return status.st_dev, status.st_ino, status.st_rdev if stat.S_ISCHR(status.st_mode) else 0, flags
    return None


def _is_same(one: int, other: int) -> bool:
    """Two that lead to one file with the same flags. What is opened apart from it matters for the null device alone:
    anybody may have opened that, for something else. Flags belong to what was opened, and all duplicates share them.
    """
    if os.fstat(one).st_rdev != _NULL:
        return True
    flags = fcntl.fcntl(one, fcntl.F_GETFL)
    fcntl.fcntl(one, fcntl.F_SETFL, flags ^ os.O_APPEND)
    try:
        return fcntl.fcntl(other, fcntl.F_GETFL) != flags
    finally:
        fcntl.fcntl(one, fcntl.F_SETFL, flags)
