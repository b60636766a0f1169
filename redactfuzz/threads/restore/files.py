"""A dump that is a file: its bytes as they are when it is handed over."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import weakref
from pathlib import Path
from typing import Any, NoReturn

from redactfuzz import workplace
from redactfuzz.model.outcome import Unreadable
from redactfuzz.threads import _hooks

LARGE = 64 << 20
"""Files above this many bytes are not read into memory: a copy of them is searched."""

_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}


class Copy(os.PathLike[str]):
    """What was in a file, in another one, which has no name and is gone with this."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as source, tempfile.TemporaryFile(dir=workplace.folder()) as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            self._descriptor = _hooks.own(os.dup(target.fileno()))
        weakref.finalize(self, _close, self._descriptor)

    def __fspath__(self) -> str:
        """Where it is, as long as this is."""
        return f"/proc/self/fd/{self._descriptor}"

    def __reduce__(self) -> NoReturn:
        raise TypeError("its descriptor is another file in another process")


def _close(descriptor: int) -> None:
    os.close(_hooks.disown(descriptor))


def kept_file(data: os.PathLike[Any]) -> Any:
    """Its bytes, unless nobody can change it; of a large one a copy.

    What is no file is said now, since the folder of an execution is gone when its dumps are searched.
    """
    if getattr(data, "settled", False):  # such as a core of our own: a copy of it would be in the next core
        return data
    path = Path(data)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = _KINDS.get(stat.S_IFMT(status.st_mode), "a device")
            return Unreadable(f"the path is {kind}, not a file")
        return path.read_bytes() if status.st_size <= LARGE else Copy(path)
    except OSError as error:
        return Unreadable(f"the file cannot be read ({error.strerror or type(error).__name__})")


def file_name(data: os.PathLike[Any], tmp: Path | None) -> str:
    """Its path, without that of ``tmp``, which is another one in each execution. Nothing of a core of our own."""
    if getattr(data, "settled", False):
        return ""
    path = Path(os.path.abspath(os.fsdecode(data)))  # noqa: PTH100  (links are part of the name)
    return str(path.relative_to(tmp) if tmp is not None and path.is_relative_to(tmp) else path)
