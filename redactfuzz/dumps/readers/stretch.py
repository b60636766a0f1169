"""A part of a stream, as a stream: a member of an archive."""

from __future__ import annotations

import io
from typing import IO, Any

from redactfuzz.dumps.readers.image import Damaged


class Stretch(io.RawIOBase):
    """One member. Gives what is there of it, and then Damaged where it is cut off."""

    def __init__(self, stream: IO[bytes], start: int, size: int) -> None:
        self._stream = stream
        self._at = start
        self._end = start + size

    def readable(self) -> bool:
        """It is all that it is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As many bytes as fit."""
        wanted = min(len(buffer), self._end - self._at)
        if wanted <= 0:
            return 0
        self._stream.seek(self._at)
        data = self._stream.read(wanted)
        if not data:
            raise Damaged(
                f"the member is cut off at byte {self._at} of the archive, {self._end - self._at} are missing"
            )
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
