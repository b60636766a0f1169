"""Where a run keeps files for the time being: a folder of its own, which is gone with its last process.

Dumps and cores in it hold secrets, and who runs us may be killed at any moment. So nobody's end is relied on: a shell,
which no signal of the terminal reaches, waits until the last process that holds the other end of a pipe is gone, and
removes the folder. Where there is no shell either, the next run sweeps: a folder whose lock is free is nobody's.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import secrets
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

PREFIX = "redactfuzz-"
MARK = "REDACTFUZZ_SLICE"
"""In the environment of all that a slice of a night starts, and that ends with it: but for the shell that waits."""
_LOCK = "lock"
_OURS = b"the lock of a run of redactfuzz\n"
"""In it: a folder that only bears such a name is somebody's."""
_JANITOR = 'exec 3<&0; (trap "" HUP INT QUIT TERM; cat <&3 >/dev/null; rm -rf -- "$0") &'
_SECONDS = 10
"""For the shell to start."""

_made: dict[Path, Path] = {}
_held: list[int] = []
"""Descriptors of locks and pipes: open as long as a process of this run is there."""


def folder(parent: Path | None = None) -> Path:
    """That of this run below ``parent`` (default: the temporary folder); children made by fork have the same.

    Raises OSError when it cannot be made.
    """
    parent = parent or Path(tempfile.gettempdir())
    known = next((own for own in _made.values() if own in parent.parents), None) or _made.get(parent)
    if known is None or not known.is_dir():
        _sweep(parent)
        known = _made[parent] = _new(parent)
    return known


def made() -> tuple[Path, ...]:
    """Those of this run so far."""
    return tuple(_made.values())


def fresh(parent: Path | None = None) -> Path:
    """An empty folder in that of this run. Raises OSError when it cannot be made."""
    return Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder(parent)))


def write(path: Path, text: str, flags: int = os.O_TRUNC) -> None:
    """Writes a file of ours that nobody else reads; a link that somebody has put in its place is not followed.

    ``flags``: os.O_APPEND adds to it. Raises OSError.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | flags, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def prepare() -> None:
    """Makes it before an execution begins, in which no shell should be started. Who needs it then says if it cannot."""
    with contextlib.suppress(OSError):
        folder()


def _new(parent: Path) -> Path:
    made = parent / f"{PREFIX}{secrets.token_hex(8)}"
    # Whoever removes it is there before it is: we may be killed at any moment.
    reader, writer = os.pipe()
    with contextlib.suppress(OSError, subprocess.SubprocessError):  # no shell: the next run sweeps
        subprocess.run(
            ["/bin/sh", "-c", _JANITOR, str(made)],
            stdin=reader,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={name: value for name, value in os.environ.items() if name != MARK},
            start_new_session=True,
            check=False,
            timeout=_SECONDS,
        )
    os.close(reader)
    try:
        made.mkdir(mode=0o700)
        # Under its name only when it is held: else somebody who sweeps would find it free.
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(made / f"{_LOCK}.new", flags, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, _OURS)
        (made / f"{_LOCK}.new").rename(made / _LOCK)
    except BaseException:
        os.close(writer)  # and the shell removes what there is
        raise
    _held.extend((descriptor, writer))
    atexit.register(_remove, made, os.getpid())
    return made


def _remove(made: Path, maker: int) -> None:
    if os.getpid() == maker:
        shutil.rmtree(made, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """What runs left that nobody could clear up behind, as where the machine stopped."""
    for path in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            status = path.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and _is_free(path / _LOCK):
                shutil.rmtree(path, ignore_errors=True)


def _is_free(lock: Path) -> bool:
    """Raises OSError when there is no lock."""
    descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.read(descriptor, len(_OURS) + 1) == _OURS
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
