"""Whether what came out of a place that only looks like a container, and then broke off, was hidden there."""

from __future__ import annotations

from redactfuzz.dumps.readers.image import Image

_SAMPLE = 4096
_SLICE = 16
_NEAR = 64 << 10
"""Bytes in which what is not packed stands as it is."""
_KINDS = 8
"""Values of a byte: a run of one is no text, and random bytes look like one in some formats."""


def hides(image: Image, at: int, plain: Image, least: int) -> bool:
    """Whether what is at ``at`` gave ``least`` bytes and more, no mere runs, which do not stand there as they are."""
    sample = plain.data[:_SAMPLE]
    if plain.size < least or len(set(sample)) < _KINDS:
        return False
    slices = (sample[at : at + _SLICE] for at in range(0, len(sample) - _SLICE, _SLICE))
    several = [one for one in slices if len(set(one)) > _KINDS]
    return any(image.data.find(one, at, at + _NEAR) < 0 for one in several[:_KINDS])
