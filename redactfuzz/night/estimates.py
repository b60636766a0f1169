"""What may be said of schedules that nobody ran, and what it takes for granted."""

from __future__ import annotations

from redactfuzz.model.counted import Explored, Species

ASSUMED = (
    "Chances hold for schedules that are drawn as this strategy draws them, independently of one another, and for "
    "the secrets, the machine and the inputs of the runs. They say nothing of a schedule that the strategy hardly "
    "ever draws."
)
"""What a page says beside each of these numbers."""
_RULE = 3.0
"""-ln(0.05), rounded up: (1 - p)^n = 0.05."""


def unseen(species: Species) -> float | None:
    """Chance that the next execution shows a kind that none has shown; None where none was drawn.

    Good-Turing: as often as kinds were seen once (Good, The population frequencies of species, Biometrika 1953). With
    so few that none was seen once it is not zero: at most 3/n then, by ``bound``.
    """
    if not species.drawn:
        return None
    return species.once / species.drawn


def bound(clean: int) -> float | None:
    """Chance of a leak in a drawn schedule at most, at 95 %, where ``clean`` of them were drawn and none leaked.

    The rule of three (Hanley, Lippman-Hand, JAMA 1983). None where none was drawn.
    """
    return min(_RULE / clean, 1.0) if clean > 0 else None


def drawn(stages: tuple[Explored, ...]) -> int:
    """How many executions of a campaign were drawn independently, on the usual machine."""
    return sum(stage.executions for stage in stages if stage.drawn and not stage.otherwise)


def proved(stages: tuple[Explored, ...]) -> float | None:
    """Part of the classes of schedules that a reduction went through; None where none was begun."""
    parts = [stage.part for stage in stages if stage.part is not None]
    return max(parts, default=None)
