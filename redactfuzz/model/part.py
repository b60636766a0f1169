"""A part of a whole space, which several go through together: other machines, or other slices of a night."""

from __future__ import annotations

import attrs

MOST = 64
"""Parts of a space at most. A power of two, as the number of parts is: part i of n is the parts i and i + n of 2n."""
PIECES, SWIFT_PIECES = 512, 4096
"""Into which a space falls at least, see ``_core/choices/pieces.h``: each is of one part, whatever their number.

Of each piece of the others one execution is run, which is what sharing costs. With more pieces the parts are more like
one another; the second is for programs, of which an execution takes microseconds.
"""


@attrs.frozen
class Part:
    """One of them."""

    number: int
    """From 1."""
    of: int
    known: str = ""
    """Once it was gone through: a hash of what the search went by. Parts with other ones do not make up a whole."""

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def residues(self) -> frozenset[int]:
        """Of the finest parts that there are, those that it has."""
        return frozenset(range(self.number - 1, MOST, self.of))


def is_allowed(number: int, of: int) -> bool:
    """Whether there is such a part."""
    return 1 <= number <= of <= MOST and of & (of - 1) == 0
