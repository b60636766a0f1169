"""An image as a stream of bytes, read once from its beginning to its end: what was read is released behind."""

from __future__ import annotations

import io
from typing import Any

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
