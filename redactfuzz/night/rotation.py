"""Which scenario has the next turn: where something new is still to be expected, and none is left without.

Time goes by expected new behaviour a second, through a softmax, as in the choice between arms of a bandit (Sutton,
Barto, Reinforcement Learning, section 2.8). One turn in five goes to whoever had least time: what seems exhausted is
looked at all the same.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Sequence

import attrs

from redactfuzz.model.finding import Report
from redactfuzz.night import estimates

_FLOOR = 0.2
"""Share of the turns that go to whoever had least time."""
_TEMPERATURE = 0.25
"""Of the softmax over yields, the best of which is 1: it has 55 times the weight of one that yields nothing."""
_KEPT = 0.5
"""Weight of what was known before beside what the last slice showed."""
_STABLE = 3
"""Slices in a row that showed nothing new, after which a scenario counts as stable."""
RANDOMISED = ("pos", "surw", "random", "pct")
"""Strategies of the slices that follow the first, in turn."""


@attrs.define(eq=False)
class Standing:
    """What is known of one scenario tonight."""

    title: str
    seconds: float = 0.0
    slices: int = 0
    value: float = 1.0
    """Expected new behaviours a second. Before it is known: as good as the best."""
    quiet: int = 0
    """Slices in a row that showed nothing new."""
    kinds: int = 0
    done: str = ""
    """Why it needs no more: it is proved."""
    deaths: int = 0
    """Slices in a row that gave no report."""

    @property
    def stable(self) -> bool:
        """Nothing new for long enough."""
        return bool(self.done) or self.quiet >= _STABLE

    def plan(self) -> str:
        """The strategy of its next slice: the portfolio first, then chance."""
        return "default" if self.slices == 0 else RANDOMISED[(self.slices - 1) % len(RANDOMISED)]

    def took(self, seconds: float, report: Report | None, *, added: int, found: int) -> None:
        """Takes in what a slice showed. ``added``: entries of the corpus; ``found``: findings that were new."""
        self.seconds += seconds
        self.slices += 1
        if report is None:
            self.deaths += 1
            self.quiet += 1
            self.value *= _KEPT
            return
        self.deaths = 0
        more = max(report.species.kinds - self.kinds, 0)
        self.kinds = max(self.kinds, report.species.kinds)
        chance = estimates.unseen(report.species) or 0.0
        shown = (added + found + more) / max(seconds, 1e-3)
        expected = max(chance * report.executions_per_s, shown)
        self.value = expected if self.slices == 1 else _KEPT * self.value + (1 - _KEPT) * expected
        self.quiet = 0 if added or found or (more and self.slices > 1) else self.quiet + 1


@attrs.define(eq=False)
class Rotation:
    """All of them."""

    standings: Sequence[Standing]
    random: random.Random
    adaptive: bool = True
    """False: each in its turn."""

    def next(self, running: Collection[str] = ()) -> Standing | None:
        """Whose turn it is; of those in ``running`` none. None: nobody is left."""
        left = [each for each in self.standings if not each.done and each.title not in running]
        if not left:
            return None
        fresh = next((each for each in left if not each.slices), None)
        if fresh is not None:
            return fresh
        if not self.adaptive:
            return min(left, key=lambda each: each.slices)
        if self.random.random() < _FLOOR:
            return min(left, key=lambda each: each.seconds)
        best = max(each.value for each in left)
        weights = [math.exp(each.value / best / _TEMPERATURE) if best > 0 else 1.0 for each in left]
        return self.random.choices(left, weights)[0]

    @property
    def over(self) -> bool:
        """Everything is proved."""
        return all(each.done for each in self.standings)

    @property
    def stable(self) -> bool:
        """Nothing is to be expected of any."""
        return all(each.stable for each in self.standings)
