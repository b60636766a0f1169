"""From what a crash handler returned to regions that can be searched. What cannot be read is said, never dropped."""

from __future__ import annotations

import mmap
import os
import stat
from typing import Any

from redactfuzz.dumps.jsonable import read_jsonable
from redactfuzz.dumps.region import Nature, Reading, Region, Unread
from redactfuzz.model.outcome import Unreadable


def read(data: Any) -> Reading:
    """Bytes, text, a path (the file's contents) or anything that JSON can hold."""
    if isinstance(data, str):
        return Reading((Region(data.encode("utf-8", "surrogatepass"), Nature.BYTES),))
    if isinstance(data, bytes | bytearray | memoryview):
        return Reading((Region(bytes(data), Nature.BYTES),))
    if isinstance(data, os.PathLike):
        return _read_file(data)
    if isinstance(data, Unreadable):
        return Reading(unread=(Unread(data.reason),))
    return read_jsonable(data)


def _read_file(path: os.PathLike[Any]) -> Reading:
    try:
        # Before opening, because opening a FIFO waits for its writer.
        mode = os.stat(path).st_mode  # noqa: PTH116 - any path-like object, not only pathlib's
        if not stat.S_ISREG(mode):
            return Reading(unread=(Unread(f"the path is {_KINDS.get(stat.S_IFMT(mode), 'a device')}, not a file"),))
        with open(path, "rb") as file:  # noqa: PTH123
            if os.fstat(file.fileno()).st_size == 0:
                return Reading((Region(b"", Nature.BYTES),))
            return Reading((Region(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), Nature.BYTES),))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        return Reading(unread=(Unread(f"the file cannot be read ({reason})"),))


_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
