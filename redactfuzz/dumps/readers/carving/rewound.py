"""A stream of bytes that is found elsewhere, and gone through from its beginning, as often as it is asked to."""

from __future__ import annotations

import io
from typing import Any


class Rewound(io.RawIOBase):
    """Whoever is one has ``read`` and ``_go_to``."""

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is, counted from the beginning."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """From the beginning alone. Raises UnsupportedOperation."""
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("from the beginning alone")
        self._go_to(offset)
        return offset

    def readinto(self, buffer: Any) -> int:
        """As every stream."""
        data = self.read(len(buffer)) or b""
        buffer[: len(data)] = data
        return len(data)

    def _go_to(self, offset: int) -> None:
        raise NotImplementedError
