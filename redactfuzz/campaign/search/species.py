"""Kinds of behaviour among the executions of a campaign that were drawn independently of one another."""

from __future__ import annotations

from collections import Counter

import attrs

from redactfuzz.model.counted import DRAWN, Species
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Stage

_MOST = 100_000
"""Kinds that are kept apart."""


@attrs.define(eq=False)
class Met:
    """By what the dumps of a clean execution look like, and how it ended."""

    _seen: Counter[int] = attrs.field(factory=Counter)
    _drawn: int = 0

    def take(self, outcome: Outcome, stage: Stage) -> None:
        """Takes in an execution, where its stage draws."""
        if stage.policy not in DRAWN or not stage.usual:
            return
        self._drawn += 1
        kind = hash((outcome.inspection.shape, outcome.state, outcome.dumps))
        if kind in self._seen or len(self._seen) < _MOST:
            self._seen[kind] += 1

    @property
    def counted(self) -> Species:
        """What is known by now."""
        return Species(self._drawn, len(self._seen), sum(1 for times in self._seen.values() if times == 1))
