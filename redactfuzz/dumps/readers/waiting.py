"""Streams that have nothing to give for the time being: that is not their end."""

from __future__ import annotations

import io
import os
import select
import time
from collections.abc import Callable
from typing import IO

from redactfuzz.dumps.readers.image import Damaged

_PAUSES, _FIRST, _LONGEST = 20, 0.001, 1.0
"""How often in a row something may be promised that does not come, and seconds of the pauses between: each is twice
as long as the one before. In all that is ten seconds.
"""
_READY = select.POLLIN | select.POLLPRI
_NOTHING = "the rest cannot be read: nothing more comes for the time being"


def reader(stream: IO[bytes], *, waits: bool) -> Callable[[int], bytes]:
    """What reads up to so many bytes of a stream, and none at its end alone. What stands before damage is not lost.

    Whoever shares a pipe may have made it one that does not block: its buffer then gives nothing both at the end and
    where nothing has come yet, and only the descriptor tells which. ``waits``: more is waited for. Raises Damaged
    where it is not, or where the kernel says again and again that something is there which is not.
    """
    read: Callable[[int], bytes | None] = getattr(stream, "read1", stream.read)
    raw = getattr(stream, "raw", stream)
    if not isinstance(raw, io.FileIO) or os.get_blocking(raw.fileno()):
        return lambda size: read(size) or b""

    def patient(size: int) -> bytes:
        pauses, pause = 0, 0.0
        # What the buffer holds comes first: it is empty where it gives nothing.
        block = read(size) or raw.read(size)
        while block is None:
            if not waits or pauses == _PAUSES:
                raise Damaged(_NOTHING)
            _wait(raw.fileno())
            time.sleep(pause)
            pauses, pause = pauses + 1, min(_LONGEST, max(_FIRST, 2 * pause))
            block = raw.read(size)
        return block

    return patient


def _wait(descriptor: int) -> None:
    """Until there is something, or the end."""
    waiting = select.poll()
    waiting.register(descriptor, _READY)
    waiting.poll()
