"""What was measured of a finding: how likely it is along its schedule, its nearest clean one, what else there is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

from redactfuzz.model.schedule import Schedule, Step

ASSUMED = (
    "Each continuation is a random walk, independent of the others; intervals at 95 % are Wilson's, and say nothing of "
    "schedules that are not drawn so."
)
"""What is said beside these numbers."""
_Z = 1.959963984540054
"""Of the normal distribution: 95 % lie within so many standard deviations."""


@attrs.frozen
class Likelihood:
    """Of ``runs`` executions that followed the schedule for ``step`` steps, and then chance, so many showed it."""

    step: int
    shown: int
    runs: int
    strayed: int = 0
    """Further ones left the schedule before, and do not count."""

    @property
    def part(self) -> float:
        """As a number from 0 to 1."""
        return self.shown / self.runs if self.runs else 0.0

    @property
    def always(self) -> bool:
        """All of them did."""
        return 0 < self.runs == self.shown

    @property
    def interval(self) -> tuple[float, float]:
        """In which the chance lies, at 95 % (Wilson, JASA 1927)."""
        if not self.runs:
            return 0.0, 1.0
        n, p, z = self.runs, self.part, _Z
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(middle - half, 0.0), min(middle + half, 1.0)


@attrs.frozen
class NoReturn:
    """The point of no return: the first step from which on every continuation that is known showed the finding."""

    step: int
    """Of so many steps the last one settled it. 0: it comes about whatever is done."""
    runs: int
    """Walks from there, or from the first step behind it that was measured. All of them showed it."""
    before: int
    """The last step before it from which some continuation is known that did not; -1: there is none."""
    at: Step | None = None
    """The step that settled it, or the last one of those among which it is."""

    @property
    def exact(self) -> bool:
        """Nothing lies between the two."""
        return self.before == self.step - 1


@attrs.frozen
class Neighbour:
    """The nearest clean schedule: its execution came to its end, made its dump, and showed nothing."""

    schedule: Schedule
    common: int
    """Steps that it shares with that of the finding, before they part."""
    preemptions: int
    among: int
    """Clean executions of which it is the nearest."""
    shows: Step | None = None
    """What the schedule of the finding does where they part; None: it has come to its end."""
    clean: Step | None = None
    """What this one does there."""


@attrs.frozen
class Remaining:
    """What was still found when the race window of a finding was left out."""

    executions: int
    dropped: int
    """Of them showed the finding through its own window."""
    window: tuple[str, ...] = ()
    """Functions in which the window begins and ends; none: it needs no race, so that nothing can be left out."""
    others: tuple[str, ...] = ()
    """Other causes, a sentence each."""
    undecided: int = 0
    """Executions that showed something, of which nobody looked for the cause."""


@attrs.frozen
class Measurement:
    """The last word on one finding, but for its report. What was not measured is None, or empty."""

    steps: int
    """Of its schedule."""
    along: tuple[Likelihood, ...] = ()
    """By step."""
    no_return: NoReturn | None = None
    nearest: Neighbour | None = None
    remaining: Remaining | None = None
    executions: int = 0
    """That all of it took."""
    notes: tuple[str, ...] = ()
    """Why something is missing."""


def no_return(along: Sequence[Likelihood], steps: Sequence[Step], common: int = -1) -> NoReturn | None:
    """Out of what was measured, by step; None where not even the whole schedule showed it each time.

    ``common``: a clean execution is known that goes with the schedule for so many steps, which no walk may have met.
    """
    known = [each for each in along if each.runs]
    before = max([common, *(each.step for each in known if not each.always)])
    found = next((each for each in known if each.step > before), None)
    if found is None:
        return None
    step = common + 1 if before == common >= 0 else found.step
    at = next((each for each in steps if each.index == step - 1), None)
    return NoReturn(step, found.runs, before, at)
