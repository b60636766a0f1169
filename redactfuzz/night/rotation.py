"""Which scenario has the next turn: where something new is still to be expected, and none is left without.

Time goes by expected new behaviour a second, through a softmax, as in the choice between arms of a bandit (Sutton,
Barto, Reinforcement Learning, section 2.8). One turn in five goes to whoever had least time: what seems exhausted is
looked at all the same.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Collection, Sequence

import attrs

from redactfuzz.model.finding import Report
from redactfuzz.model.part import Part
from redactfuzz.model.verdict import Verdict
from redactfuzz.night import estimates
from redactfuzz.night.asked import SLICE
from redactfuzz.night.parts import Parts

_FLOOR = 0.2
"""Share of the turns that go to whoever had least time."""
_TEMPERATURE = 0.25
"""Of the softmax over yields, the best of which is 1: it has 55 times the weight of one that yields nothing."""
_KEPT = 0.5
"""Weight of what was known before beside what the last slice showed."""
_FEW, _OPENING = 500, 3
"""Executions that each scenario has before any has another turn, and in how many slices at most."""
DEATHS = 5
"""Slices in a row that gave no report, after which a scenario gets its floor no more."""
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
    executions: int = 0
    value: float | None = None
    """Expected new behaviours a second; None: not known yet, and as good as the best."""
    quiet: int = 0
    """Slices in a row that came to a verdict and showed nothing new."""
    mute: int = 0
    """Slices in a row that came to no verdict."""
    kinds: int = 0
    done: str = ""
    """Why it needs no more: it is proved."""
    deaths: int = 0
    """Slices in a row that gave no report."""
    leaks: int = 0
    """Slices that ended with a leak,"""
    met: Counter[str] = attrs.field(factory=Counter)
    """and how many of them met each cause."""
    parts: Parts = attrs.field(factory=lambda: Parts(SLICE))

    @property
    def stable(self) -> bool:
        """Nothing new for long enough, or no verdict for so long that none is to be expected."""
        return bool(self.done) or self.quiet >= _STABLE or self.mute >= DEATHS

    @property
    def opens(self) -> bool:
        """It is hardly explored yet: a slow one makes few executions in a slice."""
        few = self.slices < _OPENING and self.executions < _FEW
        return not self.slices or (few and not self.leaks and not self.deaths)

    def plan(self) -> str:
        """The strategy of its next slice: the portfolio first, then chance."""
        return "default" if self.opens else RANDOMISED[(self.slices - 1) % len(RANDOMISED)]

    def part(self, *, runs: bool) -> Part | None:
        """What its next slice goes through of the whole space; every other one explores by chance, as leaks are met so.

        ``runs``: one of its slices does already. None: nothing.
        """
        return self.parts.next() if runs or (not self.opens and self.slices % 2) else None

    def took(
        self,
        seconds: float,
        report: Report | None,
        *,
        added: int,
        found: int,
        causes: Collection[str] = (),
        lost: bool = False,
    ) -> None:
        """Takes in what a slice showed.

        ``added``: entries of the corpus; ``found``: findings that were new; ``causes``: keys of all that it met;
        ``lost``: that it has no report is nothing of its own.
        """
        self.seconds += seconds
        self.slices += 1
        if report is None:
            self.deaths += not lost
            self.mute += 1
            self.quiet = 0
            self.value = _KEPT * (self.value or 0.0)
            return
        self.deaths = 0
        self.executions += report.executions
        more = max(report.species.kinds - self.kinds, 0)
        self.kinds = max(self.kinds, report.species.kinds)
        shown = (added + found + more) / max(seconds, 1e-3)
        chance = estimates.unseen(report.species)
        if report.verdict is Verdict.LEAK and report.first_leak_execution is not None:  # by the search itself
            self._expect(self._another(causes, added) / max(seconds, 1e-3))
        elif chance is not None:
            self._expect(max(chance * report.executions_per_s, shown))
        elif shown:  # nothing was drawn of which a chance could be told
            self._expect(shown)
        said = report.verdict.passed or report.verdict in (Verdict.LEAK, Verdict.BUG)
        self.mute = 0 if said else self.mute + 1
        self.quiet = 0 if not said or added or found or (more and self.slices > 1) else self.quiet + 1

    def _expect(self, value: float) -> None:
        self.value = value if self.value is None else _KEPT * self.value + (1 - _KEPT) * value

    def _another(self, causes: Collection[str], added: int) -> float:
        """New behaviours of the next slice, where this one ended at a leak, as the next will.

        What it showed until then says how early the leak lies: in so few executions each kind is seen once, and as
        good as any would be who leaks at once. What counts is the chance of another cause, by Good and Turing as well:
        the part of such slices whose cause no other slice met. While there is but one cause that says nothing.
        """
        self.leaks += 1
        self.met.update(causes)
        once = sum(times == 1 for times in self.met.values()) if len(self.met) > 1 else 0
        return max(once / self.leaks, float(added))


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
        opening = [each for each in left if each.opens] if self.adaptive else left
        if opening:
            return min(opening, key=lambda each: each.slices)
        if self.random.random() < _FLOOR:
            return min(left, key=lambda each: each.seconds)
        best = max(each.value or 0.0 for each in left) or 1.0
        values = [best if each.value is None else each.value for each in left]
        weights = [math.exp(value / best / _TEMPERATURE) for value in values]
        return self.random.choices(left, weights)[0]

    @property
    def over(self) -> bool:
        """Everything is proved."""
        return all(each.done for each in self.standings)

    @property
    def stable(self) -> bool:
        """Nothing is to be expected of any."""
        return all(each.stable for each in self.standings)
