"""What a campaign counted, for statistics over many of them."""

from __future__ import annotations

import attrs

from redactfuzz.model.plan import Policy
from redactfuzz.model.schedule import Granularity

DRAWN = (Policy.RANDOM, Policy.PCT, Policy.POS, Policy.SURW)
"""Strategies that draw each schedule as if there had been no other: only of these a chance can be told."""


@attrs.frozen
class Explored:
    """What one stage of a search has done."""

    strategy: str
    granularity: Granularity
    executions: int
    exhausted: bool
    estimate: float
    """Of all that there are for it; 0: unknown."""
    otherwise: bool = False
    """The machine stalls, sets are turned, a second crash strikes, or each is the first of a process."""

    parts: int = 0
    """Of a whole space that others share: how many there are, of which one was gone through here."""

    @property
    def drawn(self) -> bool:
        """Whether its executions are independent of one another."""
        return self.strategy in {policy.name.lower() for policy in DRAWN}

    @property
    def part(self) -> float | None:
        """Of the classes of schedules, which a reduction goes through; None where it is no reduction."""
        if self.strategy != Policy.DPOR.name.lower() or self.otherwise or self.parts:
            return None
        return 1.0 if self.exhausted else min(self.executions / self.estimate, 0.99) if self.estimate else 0.0


@attrs.frozen
class Kept:
    """What a campaign did with the seeds of a corpus."""

    ran: int = 0
    """Seeds that were run first,"""
    stale: int = 0
    """of which so many could not be followed any more."""
    added: int = 0
    """Seeds that are new, since they covered something that none did."""
    left: int = 0
    """Seeds that were not run, as those of another interpreter, and those for which there was no time."""
    trouble: str = ""
    """Why the corpus could not be read, or not all be kept in it."""


@attrs.frozen
class Species:
    """What executions that were drawn independently have shown: kinds of behaviour, by what their dumps look like."""

    drawn: int = 0
    kinds: int = 0
    once: int = 0
    """Kinds that only one execution showed."""
