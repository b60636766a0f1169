"""Events of a night, by what they are about: each page asks for them in this order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from redactfuzz.model.finding import Report
from redactfuzz.model.night import (
    Alarm,
    FindingMeasured,
    FindingMet,
    NightEnded,
    NightEvent,
    NightStarted,
    Resumed,
    SliceBegan,
    SliceEnded,
    TargetListed,
)


@attrs.frozen
class Told:
    """One night. Events of a later version, and lines that could not be read, are missing in it."""

    number: int
    events: tuple[NightEvent, ...] = attrs.field(repr=False)
    started: NightStarted | None = None
    ended: NightEnded | None = None
    resumed: int = 0
    listed: dict[str, TargetListed] = attrs.field(factory=dict)
    began: dict[int, SliceBegan] = attrs.field(factory=dict)
    slices: dict[str, list[SliceEnded]] = attrs.field(factory=dict)
    """By title, in the order in which they ended."""
    met: dict[str, list[FindingMet]] = attrs.field(factory=dict)
    """By key, in the order in which they were met."""
    measured: dict[str, FindingMeasured] = attrs.field(factory=dict)
    """By key."""
    alarms: tuple[Alarm, ...] = ()

    @classmethod
    def of(cls, number: int, events: Iterable[NightEvent]) -> Told:
        """Sorts them."""
        all_of_them = tuple(events)
        alarms: dict[Alarm, None] = {}
        made = cls(number, all_of_them)
        started = ended = None
        resumed = 0
        for event in all_of_them:
            match event:
                case NightStarted():
                    started = started or event
                case NightEnded():
                    ended = event
                case Resumed():
                    resumed, ended = resumed + 1, None
                case TargetListed():
                    made.listed[event.title] = event
                    made.slices.pop(event.title, None)  # of code that has changed since
                case SliceBegan() if event.number:  # no replay
                    made.began[event.number] = event
                case SliceEnded():
                    made.slices.setdefault(event.title, []).append(event)
                case FindingMet():
                    made.met.setdefault(event.key, []).append(event)
                case FindingMeasured():
                    made.measured[event.key] = event
                case Alarm():
                    alarms[event] = None
        return attrs.evolve(made, started=started, ended=ended, resumed=resumed, alarms=tuple(alarms))

    @property
    def titles(self) -> tuple[str, ...]:
        """All that belong to it, in the order in which they were listed."""
        others = [*self.slices, *(each[0].title for each in self.met.values())]
        return tuple(dict.fromkeys([*self.listed, *others]))

    def reports(self, title: str) -> list[Report]:
        """What its slices came to, in their order; of those that were interrupted only where there are no others."""
        found = [each.report for each in self.slices.get(title, []) if each.report is not None]
        return [each for each in found if not each.interrupted] or found


def last_of(nights: Sequence[Told], title: str) -> Report | None:
    """The last report of a scenario in the nights before, which are given in their order."""
    return next((found[-1] for night in reversed(nights) if (found := night.reports(title))), None)
