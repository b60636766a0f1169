"""The file that stands for a dump written piece by piece."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import weakref
from typing import Any

from redactfuzz import workplace
from redactfuzz.threads import _hooks


class Sink(io.FileIO):
    """A real unbuffered file. ``write`` takes bytes, and text as utf-8, so that a log handler can use it.

    What is in it stays when it is closed, as that of any file does.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        """``descriptor``: of a file without a name, which is the sink's from now on; None makes one."""
        if descriptor is None:
            descriptor, path = tempfile.mkstemp(prefix="sink-", dir=workplace.folder())
            os.unlink(path)  # noqa: PTH108  (it has no name from here on, so nothing is left behind)
        super().__init__(descriptor, "r+b")
        self._kept = _hooks.own(os.dup(descriptor))
        self._forget = weakref.finalize(self, _close, self._kept)

    def write(self, data: Any, /) -> int:
        """Writes at the end of the file."""
        return super().write(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)

    def empty(self) -> None:
        """Forgets what was written."""
        self.seek(0)
        self.truncate(0)

    def end(self) -> None:
        """Nobody needs it any more."""
        self.close()
        self._forget()

    def content(self) -> bytes:
        """All of it, by whatever way it came there."""
        try:
            return os.pread(self._kept, os.fstat(self._kept).st_size, 0)
        except OSError:  # somebody has closed every descriptor that there was
            return b""


def _close(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.close(_hooks.disown(descriptor))
