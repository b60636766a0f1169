"""From a recorded execution to values that people read and repro files store: steps, schedule, label."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import CodeType
from typing import Any

from redactfuzz.model.plan import Plan
from redactfuzz.model.schedule import Granularity, Passed, Schedule, Site, Step, Steps
from redactfuzz.model.verdict import Label
from redactfuzz.schedule.engine import Act, Engine, RawDeviation, Record
from redactfuzz.schedule.naming import named, numbered, step_of
from redactfuzz.schedule.pairs import by_name, noted
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain.sites import Place, line_of_site, number_of, place_of, start_of, unknown

Seen = tuple[int, int, int, CodeType, int, int, int]
"""(step, thread, site, code, instruction, switchable, passed), from the C part."""

Early = tuple[int, float, bool]
"""(step, seconds, whether it was a sleep), from the C part."""

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


class Description:
    """One described execution: the trace of the core, what was seen at each point, the names of the threads.

    ``early``: the waits that ended while others could go on.
    """

    def __init__(
        self, trace: Sequence[Record], seen: Sequence[Seen], names: Sequence[str], early: Iterable[Early] = ()
    ) -> None:
        self._trace = trace
        self._seen = seen
        self._names = names
        points = [each for each in seen if not each[-1]]
        self._codes = {site: (code, index) for _, _, site, code, index, *_ in points}
        self._switchable = {(step, thread): bool(switchable) for step, thread, _, _, _, switchable, _ in points}
        """By point."""
        self._starts = {number_of(start_of(name).site): start_of(name) for name in names}
        self._places: dict[int, Place] = {}
        self._told: dict[tuple[str, int, str], Passed | None] = {}
        self._expiries = {
            step: {"expires": f"its {limit:,.6g} s {'sleep' if sleeps else 'wait'} ends"}
            for step, limit, sleeps in early
        }

    @cached_property
    def _passed(self) -> Mapping[tuple[int, int], list[Place]]:
        """Lines without a point by (step, thread), in the order in which they ran.

        The line on which the thread comes to its next point is not among them: it belongs to the next step.
        """
        found: dict[tuple[int, int], list[Place]] = defaultdict(list)
        latest: dict[int, list[Place]] = {}
        known: dict[tuple[int, int], Place] = {}
        for step, thread, _, code, index, _, passed in self._seen:
            if not (passed or latest.get(thread)):
                continue
            key = id(code), index  # a code object compares, and hashes, by all that is in it
            place = known[key] = known.get(key) or place_of(code, index)
            if passed:  # what runs after the choice of step n is n's, and there are n + 1 steps by then
                latest[thread] = found[step - 1, thread]
                latest[thread].append(place)
            elif (lines := latest.pop(thread, [])) and _line(lines[-1]) == _line(place):
                lines.pop()
        return found

    def name(self, thread: int) -> str:
        """A thread's name; empty for none."""
        return self._names[thread] if thread < len(self._names) else ""

    def place(self, site: int) -> Place:
        """Where a site lies."""
        if site not in self._places:
            if site in self._codes:
                self._places[site] = place_of(*self._codes[site])
            else:
                self._places[site] = self._starts.get(site) or unknown(site)
        return self._places[site]

    def steps(self, shown: slice = slice(None)) -> Steps:
        """The trace, step by step, or a part of it."""
        numbers: dict[tuple[Any, ...], int] = {}
        kinds: list[Step] = []
        order: list[int] = []
        indices = range(len(self._trace))[shown]
        for index in indices:
            record = self._trace[index]
            here = index, record.thread
            passed = self._passed.get(here, ())
            key = id(record), self._switchable.get(here), index if index in self._expiries else -1, *map(id, passed)
            if key not in numbers:
                numbers[key] = len(kinds)
                kinds.append(self._step(index, record))
            order.append(numbers[key])
        return Steps(tuple(kinds), tuple(order), indices.start)

    def _step(self, index: int, record: Record) -> Step:
        place = self.place(record.site)
        return step_of(
            index,
            record,
            self.name(record.thread),
            place,
            f"crash {self.name(record.trigger)!r}",
            switchable=self._switchable.get((index, record.thread), False),
            passed=tuple(self._lines(index, record.thread, place)),
            **self._expiries.get(index, {}),
        )

    def _lines(self, index: int, thread: int, place: Place) -> Iterator[Passed]:
        """Each line of a file that is there once, in the order in which they were first run."""
        lines = {_line(place)}
        for at in self._passed.get((index, thread), ()):
            if _line(at) not in lines and (line := self._passed_at(at)) is not None:
                lines.add(_line(at))
                yield line

    def _passed_at(self, place: Place) -> Passed | None:
        """A line of a file that is there. It is looked up once: a loop passes few lines some 100,000 times."""
        key = (*_line(place), place.function)
        if key not in self._told:
            there = place.source and Path(place.file).is_file()
            self._told[key] = Passed(place.file, place.line, place.source, place.function) if there else None
        return self._told[key]

    def schedule(
        self, granularity: Granularity, deviations: Sequence[RawDeviation], plan: Plan, aside: tuple[str, ...]
    ) -> Schedule:
        """The deviations by name. At call granularity when every site of theirs is a call or an entry.

        ``aside`` is that of the execution: see Schedule.
        """
        portable = granularity is Granularity.CALLS
        language = "" if portable else PYTHON
        names = named(deviations, self.name, lambda site: self.place(site).site)
        around: dict[str, Any] = plan.otherwise
        return Schedule(granularity, names, language, focus=plan.focused, aside=aside, **around)

    def pairs(self, engine: Engine) -> frozenset[tuple[str, str]]:
        """Which places met over memory, where the execution noted it: see Outcome."""
        found = noted(engine)
        wanted = {site for writer, other, _ in found for site in (writer, other)}
        lines: dict[int, str] = {}
        ran = {id(code): code for _, _, _, code, *_ in self._seen} if wanted else {}
        for code in ran.values():
            there = ((index, site) for index, site in enumerate(_hooks.sites(code)) if site in wanted)
            lines.update((site, line_of_site(code, index)) for index, site in there)
        return by_name(found, lambda site: lines.get(site) or str(self.place(site).site))

    def label(self, anywhere: frozenset[str]) -> Label:
        """Whether the interpreter can switch wherever the schedule does. ``anywhere``: triggers that need no switch."""
        for index, record in enumerate(self._trace):
            if not record.preemption:
                continue
            if record.action is Act.FIRE and self.name(record.trigger) in anywhere:
                continue
            if not self._switchable.get((index, record.from_thread), True):
                return Label.FINER
        return Label.REACHABLE


def _line(place: Place) -> tuple[str, int]:
    return place.file, place.line


_FIRST_EXPECTED = 0xF000
"""Numbers from here on stand for threads that are not started yet; no thread has them."""


def raw_deviations(schedule: Schedule, main: str, expected: dict[str, int]) -> list[RawDeviation]:
    """The deviations by number, for the core, before any thread but ``main`` (number 0) is there.

    The others, and crashes, get numbers in their place, in ``expected``: the core learns when they appear.
    """

    def number(name: str) -> int:
        return 0 if name == main else expected.setdefault(name, _FIRST_EXPECTED + len(expected))

    return numbered(schedule.deviations, number, lambda site: number_of(site) if site != Site("", "", "") else 0)
