"""Files of a corpus as they are read and written: nothing outside of its folder, no link followed, nothing half there.

A file is written beside its place, brought to the disk, and renamed. Whoever is killed in the midst leaves a part,
whose name begins with a dot, and which nobody reads.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import attrs

LARGEST = 16 << 20
"""Bytes of an entry; a real one has thousands."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PART = re.compile(r"\.[0-9a-f]{16}\.part")
_OLD_SECONDS = 3600.0
"""A part that is older was left by somebody who was killed."""
_LINK = (errno.ELOOP, errno.ENOTDIR, errno.EMLINK)


@attrs.frozen
class Skipped:
    """What was not taken, and why."""

    path: str
    reason: str


class Refused(OSError):
    """What cannot be written where it was asked for. The message says why."""


@contextlib.contextmanager
def opened(folder: Path, *inside: str, make: bool = False) -> Iterator[int]:
    """A descriptor of a folder in ``folder``, which may itself be a link; those inside may not.

    Raises FileNotFoundError where it is not there, Refused where a link or a file lies in its place.
    """
    if make:
        folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in inside:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, dir_fd=descriptor)
            try:
                below = os.open(name, _FOLDER, dir_fd=descriptor)
            except OSError as error:
                if error.errno not in _LINK:
                    raise
                raise Refused(
                    error.errno, f"{folder.joinpath(*inside)}: {name} is a link or a file, and no folder"
                ) from None
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


def names(descriptor: int) -> list[str]:
    """What lies in an open folder, in order; nothing that begins with a dot."""
    return sorted(name for name in os.listdir(descriptor) if not name.startswith("."))


def folders(folder: Path) -> Iterator[str]:
    """Names of the folders in it that are no links."""
    with opened(folder) as descriptor:
        for name in names(descriptor):
            with contextlib.suppress(OSError):
                if stat.S_ISDIR(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode):
                    yield name


def text_in(descriptor: int, name: str) -> str | Skipped:
    """What a file in an open folder holds, or why it is not read."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=descriptor)
    except OSError as error:
        return Skipped(name, "it is a link" if error.errno in _LINK else f"it cannot be read ({error.strerror})")
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        return Skipped(name, "it is no file")
    try:
        with os.fdopen(file, "rb") as opened_file:
            data = opened_file.read(LARGEST + 1)
    except OSError as error:
        return Skipped(name, f"it cannot be read ({error.strerror})")
    if len(data) > LARGEST:
        return Skipped(name, "it is larger than any entry")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return Skipped(name, "it is not text")


def place(descriptor: int, name: str, text: str) -> bool:
    """Writes a file into an open folder; False where one of this name is there. Raises OSError.

    The folder itself is brought to the disk by ``settle``.
    """
    with contextlib.suppress(FileNotFoundError):
        os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        return False
    part = f".{secrets.token_hex(8)}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(part, flags, 0o644, dir_fd=descriptor)
    try:
        with os.fdopen(file, "w", encoding="utf-8") as opened_file:
            opened_file.write(text)
            opened_file.flush()
            os.fsync(file)
        os.rename(part, name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part, dir_fd=descriptor)
        raise
    return True


def settle(descriptor: int) -> None:
    """What was renamed and removed in an open folder is so on the disk; parts that somebody left are taken away."""
    for name in os.listdir(descriptor):
        if _PART.fullmatch(name):
            with contextlib.suppress(OSError):
                age = time.time() - os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mtime
                if age > _OLD_SECONDS:
                    os.unlink(name, dir_fd=descriptor)
    os.fsync(descriptor)
