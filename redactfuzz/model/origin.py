"""Whose code a file holds: what a reader can change comes first where not everything can be shown."""

from __future__ import annotations

import enum
import functools
import re


class Origin(enum.IntEnum):
    """The nearest first."""

    OWN = 0
    PACKAGE = 1
    STANDARD = 2


_PACKAGES = re.compile(r"/(site|dist)-packages/")
_STANDARD = re.compile(r"/lib/python3\.\d+/|^<frozen ")


@functools.lru_cache(maxsize=1024)
def origin_of(file: str) -> Origin:
    """Of a path, as code objects have it."""
    if _PACKAGES.search(file):
        return Origin.PACKAGE
    return Origin.STANDARD if _STANDARD.search(file) else Origin.OWN
