"""Memory that is adjacent by address and apart in the file: a secret that lies across the border is in neither part."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable, Iterator

from redactfuzz.dumps.readers.image import View

REACH = 4096
"""Bytes on either side: longer than any form that is looked for in one piece."""


def seams(memory: Iterable[tuple[int, int, int]]) -> Iterator[View]:
    """A view of each border between two stretches of memory, each (start, end, address of the first byte)."""
    for (start, end, address), (after, last, border) in itertools.pairwise(sorted(memory, key=operator.itemgetter(2))):
        if address + end - start == border and end != after:
            pieces = ((max(start, end - REACH), end), (after, min(last, after + REACH)))
            yield View(f"memory across {border:#x}", pieces)
