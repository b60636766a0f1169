"""Whether what came out of a place that only looks like a container, and then broke off, was hidden there."""

from __future__ import annotations

from collections.abc import Iterator

from redactfuzz.dumps.readers.image import Image

_BLOCK, _BLOCKS = 4096, 64
"""Bytes that are looked at together, and how many such blocks of what came out, evenly: a dump begins with a table, a
table with zeros, and what tells may come late.
"""
_SLICES = (16, 64)
"""Bytes of what is looked for; the longer ones where each character takes four."""
_NEAR = 64 << 10
"""Bytes in which what is not packed stands as it is."""
_KINDS = 8
"""Values of a byte: a run of one is no text, and random bytes look like one in some formats."""


def hides(image: Image, at: int, plain: Image, least: int) -> bool:
    """Whether what is at ``at`` gave ``least`` bytes and more, no mere runs, which do not stand there as they are."""
    if plain.size < least:
        return False
    return any(not _stands(image, at, offset, one) for size in _SLICES for offset, one in _several(plain, size))


def _several(plain: Image, size: int) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) of the first slice of each block that is no run: a picture, stored, stands there."""
    blocks = -(-plain.size // _BLOCK)
    for block in range(0, blocks, -(-blocks // _BLOCKS)):
        start = block * _BLOCK
        for offset in range(start, min(start + _BLOCK, plain.size) - size, size):
            one = plain.data[offset : offset + size]
            if len(set(one)) > _KINDS:
                yield offset, one
                break


def _stands(image: Image, at: int, offset: int, one: bytes) -> bool:
    """Whether it is near the beginning as it is, or where it would be if nothing were packed."""
    near = (at, max(at, at + offset - _NEAR))
    return any(image.data.find(one, start, start + 2 * _NEAR) >= 0 for start in near)
