"""Executions after the search that vary something other than the schedule.

They vary the random values; whether the machine stalls, if clocks are read; whether a second crash strikes the handler
of the first; whether the scenario has run in the process before, if one execution leaves something for the next; and
whether secrets hold bytes at which code stops. Each variation gets a part of the budget.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from redactfuzz.campaign.search import floor, needed, subsets, whole
from redactfuzz.campaign.search.cold import Cold
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.search.stops import Stops
from redactfuzz.campaign.session.covered import Covered
from redactfuzz.campaign.session.spec import FOREVER
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.plan import Stage
from redactfuzz.schedule import portfolio

_TURNED = 250
"""Most executions with sets of text in reverse order."""
_DOUBLE, _MOST_DOUBLE = 8, 5_000
"""One in `_DOUBLE` executions, and at most `_MOST_DOUBLE`, have a second crash in the handler of the first."""
_TIME, _SLOWER = 0.25, 2
"""Share of the time kept for all variations, and how many times as long as others their executions may take."""


@attrs.define(eq=False)
class Variations:
    """The variations of one campaign."""

    exploration: Exploration
    chances: int = 0
    """Executions kept for sequential orders with other random values; as many are kept for other schedules."""
    drawn_orders: int = 0
    """Executions kept for sets whose elements come in a random order."""
    parts: dict[str, int] = attrs.field(factory=dict)
    """Executions kept for each variation of a whole execution, by the field of Stage that names it."""
    _cold_seconds: float = 0.0
    cold: Cold = attrs.field(init=False)
    stops: Stops = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Nothing is kept yet."""
        self.stops = Stops(self.exploration)
        self.cold = Cold(self.exploration)

    def keep(self, *, hopeless: bool) -> None:
        """Keeps a part of the budget, by what the sequential orders have shown."""
        found, session = self.exploration, self.exploration.session
        found.kept = self.chances = self.drawn_orders = self.cold.few = self.stops.each = 0
        self._cold_seconds = found.spared = 0.0
        self.parts = {}
        if hopeless:
            return
        self.chances = portfolio.chances(found.remaining) if session.drew_chance else 0
        spare = max(found.remaining - floor.LEAST, 0)
        part = portfolio.chances(spare)
        parts = {
            "stalls": part,
            "turned": min(part, _TURNED),
            "double": min(spare // _DOUBLE, _MOST_DOUBLE),
        }
        self.parts = {what: parts[what] for what in self._possible()}
        self.drawn_orders = min(part, _TURNED) if found.large_sets else 0
        apart = self.cold.keep(part)
        here = 2 * self.chances + self.drawn_orders + sum(self.parts.values()) + self.stops.keep()
        found.kept = here + apart
        self._cold_seconds = found.spared
        found.spared += self._seconds(here)

    def _seconds(self, executions: int) -> float:
        """To keep for so many: where the time is what ends the search, nothing that comes after it would be run."""
        found, left = self.exploration, self.exploration.session.deadline.left
        each = found.seconds / max(found.executions, 1)
        return min(_TIME * left, _SLOWER * each * executions) if left < FOREVER else 0.0

    def run(self) -> Iterator[CampaignEvent]:
        """All of them, until something is found."""
        found = self.exploration
        found.kept, found.spared = 0, self._cold_seconds
        yield from self.stops.run(self._bound)
        yield from self._by_chance()
        if self.drawn_orders and not found.settled:
            yield from found.run(portfolio.drawn(self._bound), self.drawn_orders, canary_number=None)
        left = self.cold.few + sum(self.parts.values())
        for what in self._possible():
            least = self.parts.get(what, 0)
            left -= least
            if not found.settled:
                yield from self._otherwise(what, least, left)
        if False in needed.processes(found):
            yield from self._crossed(cold=False)
        if not found.settled and self.cold.few:
            yield from self.cold.run(self._bound)
            for what in self._possible():
                if self._proved(cold=True) and not found.settled:
                    yield from self._otherwise(what, 0, 0, cold=True)
            yield from self._crossed(cold=True)

    @property
    def _bound(self) -> int | None:
        """Of preemptions; none where only sequential orders were asked for."""
        found = self.exploration
        return found.session.limits.preemptions if floor.displaces(found.main) else 0

    def _by_chance(self) -> Iterator[CampaignEvent]:
        """Sequential orders, then any schedules, each with another outcome of what is drawn."""
        found, few = self.exploration, self.chances
        until, ran = found.executions + few, few
        while ran and found.executions < until and not found.settled:
            ran = (yield from found.run(portfolio.opening(), until - found.executions, canary_number=None)).executions
        if few and not found.settled:
            yield from found.run(portfolio.by_chance(self._bound), few, canary_number=None)

    def _possible(self) -> Iterator[str]:
        """What can be otherwise in the whole of an execution, by the field of Stage that says so."""
        found = self.exploration
        if any(found.looks.values()):
            yield "stalls"
        if found.sets:
            yield "turned"
        if len(found.crashes) > 1:
            yield "double"

    def _otherwise(self, what: str, least: int, left: int, *, cold: bool = False) -> Iterator[CampaignEvent]:
        """All that was proved once more, so that it still is. ``left``: what the others need of the budget."""
        found = self.exploration
        proved = self._proved(cold=cold) if cold in needed.processes(found) else ()
        few = max(least, found.remaining - left) if proved else least
        # A second crash is no part of what is claimed of a scenario that has one.
        counts = what != "double" or not found.session.target.record.terms.crashes_once
        beyond, done = counts and whole.goes_beyond(found, proved), set[int]()
        while (few > 0 or beyond) and not found.settled:
            # Where a machine stalls there may be more looks at a clock than before.
            ways = [way for way in self._subsets(what, cold=cold, all_of_them=bool(proved)) if way not in done]
            if not ways:
                break
            done.add(ways[0])
            stages = portfolio.otherwise(what, self._bound, proved, at=ways[0])
            if beyond:
                yield from whole.beyond(found, stages)
            else:
                few -= (yield from found.run(stages, few if proved else -(-few // len(ways)))).executions

    def _subsets(self, what: str, *, cold: bool, all_of_them: bool) -> tuple[int, ...]:
        """Of what is otherwise, as the field of Stage has them: all, or a few."""
        found = self.exploration
        if what == "turned":
            return (subsets.of(found.sets) if all_of_them else ()) or subsets.single(found.sets)
        if what != "stalls":
            return (0,)
        looks = found.looks[cold]
        return (subsets.of_looks(looks) if all_of_them else ()) or subsets.single_looks(looks)

    def _crossed(self, *, cold: bool) -> Iterator[CampaignEvent]:
        """What was proved with several things otherwise at once, as far as all of it can be."""
        found, spaces = self.exploration, tuple(Covered.space_of(stage) for stage in self._proved(cold=cold))
        while not found.settled:
            done = {c.space: c.report.exhausted for c in found.covered}
            ways = [way for space in spaces for way in needed.ways(space, found) if way.cold is cold]
            left = next((way for way in ways if way not in done), None)
            if left is None or not all(done.get(way, True) for way in ways):
                return
            if whole.goes_beyond(found, (left,)):
                yield from whole.beyond(found, (left,))
            elif found.remaining > 0:
                yield from found.run((left,), found.remaining)
            else:
                return

    def _proved(self, *, cold: bool) -> tuple[Stage, ...]:
        """What was gone through to its end, on the usual machine."""
        asked = self.exploration.session.limits.preemptions
        return tuple(c.stage for c in self.exploration.covered if c.proves(asked, cold=cold))
