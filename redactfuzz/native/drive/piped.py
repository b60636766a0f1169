"""What a driver writes beside its events, as long as it lives: read by a thread, so that it never waits for us long."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

_PIECE = 1 << 20


class Piped:
    """A pipe for drivers. ``descriptor`` is their end; ``close`` it when they have ended."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        """``take`` is called with each piece, in a thread of its own, and raises nothing."""
        self._out, self.descriptor = os.pipe()
        self._take = take
        self._thread = threading.Thread(target=self._read, name="redactfuzz-proof", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Comes back when all was taken. No driver may have its end any more."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
            self._thread.join()
            os.close(self._out)

    def _read(self) -> None:
        while piece := os.read(self._out, _PIECE):
            self._take(piece)
