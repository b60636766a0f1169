"""The floor of a pass: what a search must have explored before its finding nothing means anything.

Seconds end a search only after its floor, because the speed of a machine says nothing about the code under test. A pass
needs a completed bound as well: every schedule with at most one preemption between calls.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from redactfuzz.campaign.session.covered import Covered
from redactfuzz.model.plan import Policy, Stage, StageReport

LEAST = 50
"""Executions beyond the sequential orders, or all that there are."""
TASTE = 8
"""Executions in which a stage that had no turn yet comes to displace threads."""
_CHANCE = Stage(Policy.POS, limit=TASTE)
"""Displaces whoever can be displaced, however many there are."""


@attrs.frozen
class Debt:
    """What of the floor is missing."""

    stages: tuple[Stage, ...] = ()
    """Of the lowest bound, in which no thread was displaced yet."""
    threads: frozenset[int] = frozenset()
    """Numbers of threads that could be displaced, and never were."""
    executions: int = 0
    """Missing to LEAST."""
    bound: int | None = None
    """Preemptions that no schedule may have more of, where the user asked for that."""

    def __bool__(self) -> bool:
        return bool(self.stages or self.threads or self.executions)

    def __str__(self) -> str:
        parts = [f"{self.executions} executions more"] if self.executions else []
        if self.stages:
            levels = " and ".join(dict.fromkeys(str(stage.granularity) for stage in self.stages))
            parts.append(f"one preemption at granularity {levels}")
        if self.threads:
            parts.append(f"a preemption of each thread ({len(self.threads)} had none)")
        return "; ".join(parts)

    @property
    def batch(self) -> tuple[Stage, ...]:
        """The stages that pay it, side by side."""
        owed = tuple(attrs.evolve(stage, share=1, after=-1, limit=TASTE) for stage in self.stages)
        chance = _CHANCE if self.bound is None else Stage(Policy.BOUNDED, bound=self.bound, limit=TASTE)
        return (*owed, chance) if self.threads or not owed else owed


def lowest(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """The enumerations with the lowest bound that lets a thread be displaced; empty where none was asked for.

    One that is beside the search of a whole space has no turn where that is small.
    """
    chosen = [stage for stage in stages if stage.policy is Policy.BOUNDED and not stage.beside]
    bounded = [stage for stage in chosen if stage.bound > 0 and not stage.strike]
    least = min((stage.bound for stage in bounded), default=0)
    return tuple(stage for stage in bounded if stage.bound == least)


def find_open_enumeration(stages: Sequence[Stage], covered: Sequence[Covered]) -> Covered | None:
    """Return the enumeration with one preemption between calls, or None if it or one with a higher bound has ended."""
    bounded = [c for c in covered if c.stage.policy is Policy.BOUNDED and c.stage.usual and not c.stage.strike]
    if any(c.stage.bound > 0 and c.report.exhausted for c in bounded):
        return None
    owed = {Covered.space_of(stage) for stage in lowest(stages)[:1]}
    return next((c for c in bounded if c.space in owed), None)


def displaces(stages: Sequence[Stage]) -> bool:
    """Whether the stages displace threads at all: the user may have asked for sequential orders alone."""
    return any(stage.policy is not Policy.BOUNDED or stage.bound > 0 for stage in stages)


def served(report: StageReport | None) -> bool:
    """Whether a stage has displaced a thread, or has nobody to displace."""
    return report is not None and (report.preempted > 0 or report.exhausted)


def reserve(stages: Sequence[Stage], executions: int) -> int:
    """Executions that a budget keeps for the floor."""
    return min(TASTE * len(lowest(stages)), executions // 4)
