"""What the lists of a file may name in sum: a file can say again and again where one list lies, or let them overlap.

Lists of an honest file lie apart, and hold together no more bytes than the file has. Where a file says more, the work
would be the product of how many lists it has and how long they are.
"""

from __future__ import annotations

import attrs


@attrs.define
class Room:
    """``size``: bytes of the file. ``most``: entries that are named, however large it is."""

    size: int
    most: int

    def takes(self, size: int) -> bool:
        """Whether an entry of so many bytes has room still, which it takes up then."""
        if size > self.size or not self.most:
            return False
        self.size -= size
        self.most -= 1
        return True
