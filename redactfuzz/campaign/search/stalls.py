"""Before which looks at a clock the machine stalls: a proof goes through all sets of them."""

from __future__ import annotations

MOST = 6
"""Looks of an execution, of which all sets are gone through; each one more doubles them."""


def sets_of(looks: int) -> tuple[int, ...]:
    """All sets of so many looks but the empty one, as ``Stage.stalls_at`` has them. None where there are too many."""
    return (0, *range(1, 2**looks - 1)) if 0 < looks <= MOST else ()
