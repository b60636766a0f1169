"""What an execution has covered: which places met over memory, and where canary bytes lay."""

from __future__ import annotations

from collections.abc import Iterable

import attrs


@attrs.frozen
class Coverage:
    """Of one schedule, or of several together. Two schedules that differ in neither set are alike for the corpus."""

    pairs: frozenset[tuple[str, str]] = frozenset()
    """(where memory was written, where another thread came to it); see ``Outcome.pairs``."""
    shown: frozenset[str] = frozenset()
    """``CANARY: PLACE`` for each canary that lay in a dump: who wrote it last, or where in the dump it was."""

    def adds(self, known: Coverage) -> bool:
        """Whether it has something that ``known`` has not."""
        return not (self.pairs <= known.pairs and self.shown <= known.shown)

    def __or__(self, other: Coverage) -> Coverage:
        """Of both."""
        return Coverage(self.pairs | other.pairs, self.shown | other.shown)

    def __len__(self) -> int:
        """How much there is, of either."""
        return len(self.pairs) + len(self.shown)


def union(each: Iterable[Coverage]) -> Coverage:
    """Of all together, in one pass."""
    pairs: set[tuple[str, str]] = set()
    shown: set[str] = set()
    for one in each:
        pairs |= one.pairs
        shown |= one.shown
    return Coverage(frozenset(pairs), frozenset(shown))
