"""An image, or a part of a stream, as a stream of bytes. Of an image what was read is released behind."""

from __future__ import annotations

import io
from typing import IO, Any

from redactfuzz.dumps.readers.image import Damaged, Image

_KEPT = 8 << 20
_MOST = 16 << 20
"""Bytes of one read: who asks for more believes a length that an archive states."""


class ImageStream(io.RawIOBase):
    """May be sought."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._at = 0
        self._released = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As every stream."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._image.size}[whence])
        self._released = min(self._released, self._at)
        return self._at

    def tell(self) -> int:
        """As every stream."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes. Raises Damaged for more than any structure of a format has."""
        if size > _MOST and self._image.size - self._at > _MOST:
            raise Damaged(f"a structure of {size:,} bytes is said to lie at byte {self._at}")
        data = self._image.data[self._at : self._image.size if size < 0 else self._at + size]
        self._at += len(data)
        if self._at - self._released >= _KEPT:
            self._image.release(self._released, self._at)
            self._released = self._at
        return data

    def readinto(self, buffer: Any) -> int:
        """As every stream."""
        data = self.read(min(len(buffer), _MOST))
        buffer[: len(data)] = data
        return len(data)


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
