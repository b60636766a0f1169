"""Small streams, which are gathered to be searched together: session cookies in a log, objects in a pack of Git."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.formats import reader_of
from redactfuzz.dumps.readers.image import Image

_SMALL, _FULL = 4096, 64 << 10
_MOST = 250
"""Fewer than the keys of one kind that a detector lists: where each stream holds one, all of them are named."""
_OWN = (b"\x7fELF", b"MDMP")
"""Memory: what is in it has addresses."""


@attrs.define
class Few:
    """Gathers those of one image, by the format that each is read as.

    ``small``: bytes of the largest that waits for others; ``enough``: of those that are searched together.
    """

    small: int = _SMALL
    enough: int = _FULL
    _waiting: dict[str, list[Image]] = attrs.field(factory=dict)
    _sizes: dict[str, int] = attrs.field(factory=dict)

    def takes(self, one: Image) -> bool:
        """Whether it waits for others now."""
        if one.size > self.small or one.data[:4].startswith(_OWN):
            return False
        name = reader_of(one).name
        self._waiting.setdefault(name, []).append(one)
        self._sizes[name] = self._sizes.get(name, 0) + one.size
        return True

    def full(self, *, last: bool = False) -> Iterator[list[Image]]:
        """Those that are enough, or all where no more come."""
        for name, waiting in [*self._waiting.items()]:
            if last or len(waiting) >= _MOST or self._sizes[name] >= self.enough:
                del self._waiting[name], self._sizes[name]
                yield waiting
