"""Descriptors 1 and 2 that the program under test has led elsewhere, as a daemon does with its log.

What is written there is what it writes to stdout and stderr.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from redactfuzz.model.outcome import ProblemKind, Unreadable
from redactfuzz.threads.restore.files import LARGE

File = tuple[int, int]
"""Device and inode."""
_TOO_LARGE = Unreadable(f"more than {LARGE >> 20} MB are in the file that it was led to")
_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder"}


def leads_to(number: int) -> File | None:
    """What a descriptor leads to; None for one that is closed."""
    try:
        status = os.fstat(number)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def redirected(number: int, name: str, ours: Collection[File | None], problem: Callable[..., None]) -> Any:
    """What is in the file that ``number`` leads to now, if none of ``ours``. What cannot be read is a problem."""
    if (there := leads_to(number)) is None or there in ours:
        return b""
    status = os.fstat(number)
    if stat.S_ISREG(status.st_mode):
        return _TOO_LARGE if status.st_size > LARGE else _content(number)
    if status.st_rdev != Path(os.devnull).stat().st_rdev:
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "a device")
        what = f"{name} was led to {kind}: what was written there was not searched"
        problem(ProblemKind.INCOMPLETE, what, "", "Lead it to a file, or leave it as it is.", fatal=False)
    return b""


def _content(number: int) -> Any:
    try:
        return Path(f"/proc/self/fd/{number}").read_bytes()  # it may be open for writing only, or have no name any more
    except OSError as error:
        return Unreadable(f"the file that it was led to cannot be read ({error.strerror or type(error).__name__})")
