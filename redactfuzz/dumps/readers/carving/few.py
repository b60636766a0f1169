"""Many small streams put together, as the objects of a pack of Git: an image for each would cost more than it holds."""

from __future__ import annotations

import attrs

from redactfuzz.dumps.readers.image import Image, Member

_SINGLY = 256
"""That are images of their own, and are named one by one."""
_SMALL, _FULL = 4096, 64 << 10
_APART = b"\n" * 16
"""No form of a secret that one ends in goes on over it."""
_OWN = (b"{", b"[", b"\x7fELF", b"MDMP")
"""What a reader takes apart is an image of its own."""


@attrs.define
class Few:
    """Of one image, whose name is given."""

    name: str
    _seen: int = 0
    _first: int = 0
    _parts: list[bytes] = attrs.field(factory=list)
    _size: int = 0

    def takes(self, member: Member, one: Image) -> bool:
        """Whether it is put to the others: of what was found by a trial, and is small and plain."""
        if member.tried is None or one.size > _SMALL or one.data[:4].lstrip().startswith(_OWN):
            return False
        self._seen += 1
        if self._seen <= _SINGLY:
            return False
        self._first = self._first if self._parts else member.tried
        self._parts.append(bytes(one.data))
        self._size += one.size
        return True

    def image(self, *, last: bool = False) -> Image | None:
        """What was put together, when that is enough, or no more comes."""
        if not self._parts or (self._size < _FULL and not last):
            return None
        made = Image(f"{self.name}!small streams from {self._first:#x}", _APART.join(self._parts))
        self._parts, self._size = [], 0
        return made
