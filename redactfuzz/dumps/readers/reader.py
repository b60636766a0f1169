"""From what a crash handler returned to regions that can be searched. What cannot be read is said, never dropped."""

from __future__ import annotations

from typing import Any

from redactfuzz.dumps.readers.region import Nature, Reading, Region, Unread
from redactfuzz.dumps.readers.texts.jsonable import read_jsonable
from redactfuzz.model.outcome import Unreadable


def read(data: Any) -> Reading:
    """Bytes, text or anything that JSON can hold. Files are opened by ``opening.images``."""
    if isinstance(data, str):
        return Reading((Region(data.encode("utf-8", "surrogatepass"), Nature.BYTES),))
    if isinstance(data, bytes | bytearray | memoryview):
        return Reading((Region(bytes(data), Nature.BYTES),))
    if isinstance(data, Unreadable):
        return Reading(unread=(Unread(data.reason),))
    return read_jsonable(data)
