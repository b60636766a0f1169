"""The file that stands for a dump written piece by piece."""

from __future__ import annotations

import io
import os
import tempfile
from typing import Any


class Sink(io.FileIO):
    """A real unbuffered file. ``write`` takes bytes, and text as utf-8, so that a log handler can use it."""

    def __init__(self) -> None:
        descriptor, path = tempfile.mkstemp(prefix="redactfuzz-sink-")
        os.unlink(path)  # noqa: PTH108  (it has no name from here on, so nothing is left behind)
        super().__init__(descriptor, "r+b")

    def write(self, data: Any, /) -> int:
        """Writes at the end of the file."""
        return super().write(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)

    def empty(self) -> None:
        """Forgets what was written."""
        self.seek(0)
        self.truncate(0)

    def content(self) -> bytes:
        """All of it, by whatever way it came there."""
        return os.pread(self.fileno(), os.fstat(self.fileno()).st_size, 0)
