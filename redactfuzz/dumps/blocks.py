"""A file read through one small buffer: what is looked at once need not be mapped page by page."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator

from redactfuzz.dumps.image import Image

_BLOCK = 512 << 10
"""Bytes read at once: they are still in the second-level cache when they are looked at."""
_ALIGNED = 8


def blocks(image: Image, start: int, end: int, reach: int) -> Iterator[tuple[int, int, memoryview | None]]:
    """The bytes from ``start`` to before ``end`` of an image in blocks: (start, end, its bytes and ``reach`` more).

    A block begins at a multiple of 8, a little before ``start`` perhaps. Its bytes are there until the next one is
    asked for; None where they must be looked at in the image itself, because it is no file or has become shorter. Of a
    hole a map makes pages, one by one; reading makes none.
    """
    descriptor = image.descriptor if image.of is None and isinstance(image.data, mmap.mmap) else None
    if descriptor is None:
        yield start, end, None
        return
    with mmap.mmap(-1, _BLOCK + mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_DONTDUMP)  # it holds secrets, and they are not the program's
        with memoryview(memory) as buffer:
            for first in range(start - start % _ALIGNED, end, _BLOCK):
                last = min(first + _BLOCK, end)
                size = min(last + reach, image.size) - first
                with buffer[:size] as block:
                    whole = _read(descriptor, block, first)
                    yield first, last, block if whole else None


def _read(descriptor: int, block: memoryview, start: int) -> bool:
    try:
        return os.preadv(descriptor, [block], start) == len(block)
    except OSError:  # the map says so in its own way
        return False
