"""A file that is written beside its place. What processes that were killed have left of theirs goes with the next."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path
from typing import IO


def of(target: Path) -> Path:
    """Where this process writes what is to be ``target``."""
    return target.with_name(f".{target.name}.{os.getpid()}")


def opened(target: Path) -> IO[bytes]:
    """The same, open and empty, and locked as long as its process lives: by that strays are known. Raises OSError."""
    clear(target)
    file = of(target).open("wb")
    with contextlib.suppress(OSError):  # a file system without locks has strays, and no less
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def nameless() -> IO[bytes]:
    """One that has no place. Raises OSError."""
    return tempfile.TemporaryFile()


def clear(target: Path) -> None:
    """Removes what nobody writes any more, as far as it can."""
    begins = f".{target.name}."
    strays: list[Path] = []
    with contextlib.suppress(OSError):
        strays = list(target.parent.iterdir())
    for stray in strays:
        if not (stray.name.startswith(begins) and stray.name.removeprefix(begins).isdecimal()):
            continue
        with contextlib.suppress(OSError), stray.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stray.unlink()
