"""Memory that is adjacent by address and apart in the file: a secret that lies across the border is in neither part."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from redactfuzz.dumps.image import Span, View

REACH = 4096
"""Bytes on either side: longer than any form that is looked for in one piece."""


def seams(memory: Iterable[Span]) -> Iterator[View]:
    """A view of each border between two spans of memory; spans without an address have none."""
    spans = sorted((span for span in memory if span.address is not None), key=lambda span: span.address or 0)
    for low, high in itertools.pairwise(spans):
        border = (low.address or 0) + low.end - low.start
        if border == high.address and low.end != high.start:
            pieces = ((max(low.start, low.end - REACH), low.end), (high.start, min(high.end, high.start + REACH)))
            yield View(f"memory across {border:#x}", pieces)
