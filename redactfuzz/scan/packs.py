"""What is looked for together, with the matchers that look for it. Those of secrets that repeat are kept."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.secret import Shape, Source
from redactfuzz.scan.derived import derived_sources
from redactfuzz.scan.matcher import Matcher, Planted

_KEPT = 8
"""Matchers that this process keeps: two keys of which each has two values are looked for alone and together."""

Owner = tuple[Canary, bool]
"""Whose a source is, and whether that canary is one of an execution before."""


@attrs.define
class Matchers:
    """Sources, and two matchers of them, each planted when it is first needed.

    Where several threads are to search, that is before they start: who searches a matcher while it is planted finds
    nothing, or never ends.
    """

    thorough: bool
    planted: list[Planted] = attrs.field(factory=list)
    extra: list[Planted] = attrs.field(factory=list)
    """What follows from the canaries, and programs keep beside them: looked for in images only. After ``planted``."""
    _derives: list[tuple[Canary, int]] = attrs.field(factory=list)
    """From what the extra ones follow, and their group."""
    _sparse: Matcher = attrs.field(factory=Matcher)
    _sparse_is_planted: bool = False
    _dense: Matcher | None = None
    _dense_is_planted: bool = False

    def plant(self, owners: Sequence[Owner]) -> list[Owner]:
        """Look for these and no others. Returns whose each source is."""
        self.planted.clear()
        self._derives.clear()
        of_each: list[Owner] = []
        for canary, stale in owners:
            group = len(of_each)
            if not stale:
                self._derives.append((canary, group))
            for source in canary.sources():
                self.planted.append(Planted(source, group, stale, not self.thorough))
                of_each.append((canary, stale))
        self._sparse_is_planted = self._dense_is_planted = False
        return of_each

    def clear(self) -> None:
        """Wipe what was derived from the sources."""
        self._sparse.clear()
        self._sparse_is_planted = True  # with nothing
        if self._dense is not None:
            self._dense.clear()
            self._dense_is_planted = False

    def sparse(self) -> Matcher:
        """A matcher that reads at every offset."""
        if not self._sparse_is_planted:
            self._sparse.plant(self.planted)
            self._sparse_is_planted = True
        return self._sparse

    def dense(self) -> Matcher:
        """The same sources, and what follows from them, in a matcher that may read at a stride."""
        if self._dense is None:
            self._dense = Matcher(dense=True)
        if not self._dense_is_planted:
            self.extra[:] = self._derived()
            self._dense.plant([*self.planted, *self.extra])
            self._dense_is_planted = True
        return self._dense

    def _derived(self) -> list[Planted]:
        """Of bytes as they lie in memory, unless it is to be thorough; it is numbers that have several layouts."""
        return [
            Planted(source, group, source.shape is Shape.BYTES and not self.thorough, not self.thorough)
            for canary, group in self._derives
            for source in derived_sources(canary)
        ]

    def at(self, index: int) -> Planted:
        """What a hit's number stands for."""
        own = len(self.planted)
        return self.planted[index] if index < own else self.extra[index - own]


@attrs.define
class Pack:
    """What is looked for, and whose it is."""

    matchers: Matchers
    owners: list[Owner] = attrs.field(factory=list)
    """Of each planted source."""

    def plant(self, owners: Sequence[Owner]) -> None:
        """Look for these and no others."""
        self.owners = self.matchers.plant(owners)

    def owner(self, index: int) -> Owner:
        """Whose a hit is."""
        return self.owners[index if index < len(self.owners) else self.matchers.at(index).group]

    def source(self, index: int) -> Source:
        """What was hit."""
        return self.matchers.at(index).source


_kept: dict[tuple[tuple[str, bytes], ...], Matchers] = {}
"""The one that was used last is the last."""


def repeating(canaries: Sequence[Canary]) -> Pack:
    """Looks in what executions leave for canaries of which every execution has the same.

    An index of thousands of windows takes longer to build than a dump takes to search, so it is built once in a
    process, and children that are forked afterwards have it. The owners are the canaries of this execution, which know
    whether they are allowed.
    """
    key = tuple((canary.name, canary.sources()[0].secret.data) for canary in canaries)
    matchers = _kept.pop(key, None)
    if matchers is not None:
        pack = Pack(matchers, [(canary, False) for canary in canaries for _ in canary.sources()])
    else:
        pack = Pack(Matchers(thorough=False))
        pack.plant([(canary, False) for canary in canaries])
        if len(_kept) >= _KEPT:
            del _kept[next(iter(_kept))]
    _kept[key] = pack.matchers
    return pack
