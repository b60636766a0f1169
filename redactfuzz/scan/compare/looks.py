"""What a dump looks like, in a few numbers: by these, those that are like none before are known, and known again."""

from __future__ import annotations

import mmap
import string
import zlib
from collections.abc import Iterable, Sequence

from redactfuzz.dumps.readers.region import Region

_WORDS = (string.ascii_letters + string.digits + "+/=_").encode()
_BLOCK, _BLOCKS = 16, 128
"""Bytes of a dump that one checksum covers, and how many of them there are of a large one."""


def shape(name: str, regions: Iterable[Region]) -> int:
    """Of one dump: its name, its structure, the lengths of its parts and what they hold but letters and digits."""
    return hash((name, *((region.path, *_shape(region.data)) for region in regions)))


def shape_of_all(shapes: Iterable[int]) -> int:
    """Of all dumps of an execution, in their order."""
    one, *more = shapes
    return hash((one, *more)) if more else one


def content(regions: Iterable[Region]) -> tuple[int, ...]:
    """A checksum of each block. So few that they cost less than the search does."""
    return _blocks([region.data for region in regions if isinstance(region.data, bytes)])


def _shape(data: bytes | mmap.mmap) -> tuple[int, int]:
    """Length, and all that is no letter or digit: a mask of as many characters is another shape than what it hides."""
    return len(data), zlib.crc32(data.translate(None, _WORDS)) if isinstance(data, bytes) else 0


def _blocks(parts: Sequence[bytes]) -> tuple[int, ...]:
    size = max(_BLOCK, -(-sum(map(len, parts)) // _BLOCKS))
    blocks = ((memoryview(part), start) for part in parts for start in range(0, len(part), size))
    return tuple(zlib.crc32(part[start : start + size]) for part, start in blocks)
