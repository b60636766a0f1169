"""Text and logs, and whatever no other reader knows: the bytes are all there is."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image, Layout, View

_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r\f\x1b")


def looks_like_text(head: bytes) -> bool:
    """Whether bytes are text of one byte a character, or utf-8: no NUL and next to no other control character."""
    if b"\0" in head:
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls * 50 <= len(head)


@attrs.frozen
class Text:
    """Lines."""

    name: str = "text"
    lines: bool = True

    def recognises(self, head: bytes, size: int) -> bool:
        """See ``looks_like_text``."""
        return looks_like_text(head)

    def layout(self, image: Image) -> Layout:
        """Places in it are given by line."""
        return Layout(self.name)

    def views(self, image: Image) -> Iterator[View]:
        """What the raw bytes do not show, the unescaped layers of the search do."""
        return iter(())


@attrs.frozen
class Raw:
    """Bytes of no known format: raw memory, a file of a database, a dump of a device."""

    name: str = "raw bytes"
    lines: bool = False

    def recognises(self, head: bytes, size: int) -> bool:
        """The last one in the list: it takes everything."""
        return True

    def layout(self, image: Image) -> Layout:
        """Nothing is named."""
        return Layout(self.name)

    def views(self, image: Image) -> Iterator[View]:
        """Nothing is apart."""
        return iter(())
