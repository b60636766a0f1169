"""A stretch of bytes of a dump that is searched as one, with where it comes from."""

from __future__ import annotations

import enum
import mmap

import attrs

Path = tuple[str | int, ...]
"""Of a value in a JSON-able object: keys and indices."""


class Nature(enum.Enum):
    """What a region is made of, which decides how a place in it is shown to a person."""

    BYTES = "bytes"
    """Text or binary, whichever it turns out to be."""
    JSON = "json"
    """A JSON-able object, serialised by us."""


@attrs.frozen(repr=False, eq=False)
class Region:
    """Bytes of a dump. Offsets count from its start; `path` is set when it is one value inside a JSON-able object."""

    data: bytes | mmap.mmap
    nature: Nature
    path: Path | None = None

    def __repr__(self) -> str:
        return f"<Region: {len(self.data)} bytes of {self.nature.value}>"


@attrs.frozen
class Unread:
    """A part of a dump that could not be searched, and why. ``path`` says which part, inside a JSON-able object."""

    reason: str
    path: Path = ()


@attrs.frozen
class Reading:
    """All that could be read of one dump, and what could not."""

    regions: tuple[Region, ...] = ()
    unread: tuple[Unread, ...] = ()
