"""The folders of a gate, held open by descriptors: whatever is renamed around them, they stay what they were."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import attrs

_SEALED = "sealed"
_SECONDS = 5.0
"""For another gate to end: one that was killed holds its locks until its scanner is gone as well."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def names_in(folder: int) -> list[str]:
    """All of a folder that is open. Raises OSError."""
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


class PlaceError(Exception):
    """A folder that cannot be used, or is another gate's. The message says which, why, and what to do."""


@attrs.frozen
class Places:
    """Descriptors: where dumps come from, leave by, or stay; the gate's own folder, and what it has sealed in there."""

    source: int
    released: int
    quarantined: int
    own: int
    sealed: int


@contextlib.contextmanager
def opened(source: Path, released: Path, quarantined: Path, own: Path) -> Iterator[Places]:
    """Nobody else is the gate of these folders meanwhile. Makes ``own`` where it is not there. Raises PlaceError."""
    with contextlib.ExitStack() as stack:
        named = (("--from", source), ("--to", released), ("--quarantine", quarantined))
        from_, to, kept = (_open(stack, option, path) for option, path in named)
        _apart(dict(zip((from_, to, kept), named, strict=True)))
        for descriptor, (option, path) in zip((from_, to, kept), named, strict=True):
            _writable(descriptor, option, path)
        private = _own(stack, own)
        _apart({private: ("--state", own), from_: named[0], to: named[1]})
        if _identity(private) == _identity(kept) or _identity(private) in _above(kept):
            raise PlaceError(f"--quarantine {quarantined}: it is, or lies in, the gate's own folder (--state {own})")
        _hold(from_, f"--from {source}")
        _hold(private, f"{own}")
        with contextlib.suppress(FileExistsError):
            os.mkdir(_SEALED, 0o700, dir_fd=private)
        sealed = os.open(_SEALED, _FOLDER | os.O_NOFOLLOW, dir_fd=private)
        stack.callback(os.close, sealed)
        yield Places(from_, to, kept, private, sealed)


def _open(stack: contextlib.ExitStack, option: str, path: Path) -> int:
    try:
        descriptor = os.open(path, _FOLDER)
    except OSError as error:
        raise PlaceError(f"{option} {path}: it is no folder that can be used ({error.strerror})") from None
    stack.callback(os.close, descriptor)
    return descriptor


def _apart(named: dict[int, tuple[str, Path]]) -> None:
    """None of them is another one, or lies in it."""
    for descriptor, (option, path) in reversed(named.items()):
        above = _above(descriptor)
        for other, (others, _) in named.items():
            if other != descriptor and (at := _identity(other)) in above:
                how = "is the folder" if above[0] == at else "lies in that"
                raise PlaceError(f"{option} {path}: it {how} of {others} as well, so nothing would be kept apart")


def apart_from(places: Places, option: str, path: Path) -> None:
    """A file that the gate writes for people is neither among dumps nor in the gate's own folder. Raises PlaceError."""
    named = {places.source: "--from", places.released: "--to", places.own: "the gate's own folder"}
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:  # it cannot be written there: that is said then
        folder = os.open(path.parent, _FOLDER)
        stack.callback(os.close, folder)
        above = _above(folder)
        for descriptor, what in named.items():
            if _identity(descriptor) in above:
                raise PlaceError(f"{option} {path}: it lies in {what}, and would be taken for its content")


def _identity(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def _above(folder: int) -> list[tuple[int, int]]:
    """The folder itself, and all in which it lies."""
    found = [_identity(folder)]
    with contextlib.ExitStack() as stack:
        while True:
            folder = os.open("..", _FOLDER, dir_fd=folder)
            stack.callback(os.close, folder)
            if _identity(folder) == found[-1]:
                return found
            found.append(_identity(folder))


def _writable(descriptor: int, option: str, path: Path) -> None:
    why = ""
    if os.fstatvfs(descriptor).f_flag & os.ST_RDONLY:
        why = os.strerror(errno.EROFS)
    elif not os.access(f"/proc/self/fd/{descriptor}", os.W_OK | os.X_OK):
        why = os.strerror(errno.EACCES)
    if why:
        raise PlaceError(f"{option} {path}: nothing can be put there, or removed ({why}), so nothing is taken")


def _own(stack: contextlib.ExitStack, path: Path) -> int:
    with contextlib.suppress(FileExistsError):
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            raise
        except OSError as error:
            raise PlaceError(f"{path}: the gate's own folder cannot be made ({error.strerror})") from None
    try:
        descriptor = os.open(path, _FOLDER | os.O_NOFOLLOW)
    except OSError as error:
        raise PlaceError(f"{path}: it cannot be the gate's own folder ({error.strerror})") from None
    stack.callback(os.close, descriptor)
    status = os.fstat(descriptor)
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise PlaceError(f"{path}: others can reach into it. The gate's own folder must be yours, with mode 0700")
    return descriptor


def _hold(descriptor: int, what: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise PlaceError(
                    f"{what}: another gate has it, and did not end within {_SECONDS:g} s. One folder has one gate"
                ) from None
        except OSError as error:
            raise PlaceError(f"{what}: it cannot be locked ({error.strerror})") from None
        time.sleep(0.05)
