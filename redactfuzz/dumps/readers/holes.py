"""Holes of sparse files: a core is full of them, and they are zeros that no search need read."""

from __future__ import annotations

import errno
import mmap
import os
from collections.abc import Iterator

_WORTH = 32 << 10
"""Bytes: a shorter hole costs less to read than to step over, though a map makes a page of every page of it."""
_MOST = 1 << 16
"""Stretches that are kept apart; what follows the last of them is taken as one."""


def filled(descriptor: int, size: int) -> tuple[tuple[int, int], ...]:
    """Stretches of an open file of `size` bytes outside of which every byte is zero, in order (lseek(2), SEEK_DATA).

    Each but one at the beginning starts a page early, so that a search that begins with it meets what zeros begin.
    Where the file system does not show holes the whole file is one stretch.
    """
    stretches: list[tuple[int, int]] = []
    for start, end in _data(descriptor, size):
        if stretches and start - stretches[-1][1] < _WORTH:
            start = stretches.pop()[0]
        stretches.append((max(0, start - mmap.PAGESIZE), end))
    return tuple(stretches)


def _data(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    at = 0
    try:
        for _ in range(_MOST):
            start = os.lseek(descriptor, at, os.SEEK_DATA)
            at = min(size, os.lseek(descriptor, start, os.SEEK_HOLE))
            if start >= size:
                return
            yield start, at
            if at >= size:
                return
    except OSError as error:
        if error.errno == errno.ENXIO:  # no data behind `at`
            return
    yield at, size
