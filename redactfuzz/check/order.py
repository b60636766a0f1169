"""What comes before what in an execution, and which of its steps race: happens-before of Mazurkiewicz traces.

Two steps are dependent when one process does both, when they touch the same and one of them changes it, when one of
them takes away or makes possible what the other one's process does. The order is the least that is transitive.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from redactfuzz.check.reading import Access

ANYTHING, DUMP = 0, 2**32 - 1
"""Objects: whatever threads can notice; what only a dump shows."""
LAST = 2**32 - 2**16
"""Of objects that are numbered as an execution meets them."""
LOOKS, CHANGES, TAKES = 0, 1, 2
NO_ROOM = 1


def conflict(a: Access, b: Access) -> bool:
    """Whether the order of the two matters."""
    if a.object == ANYTHING or b.object == ANYTHING:
        return a.object != DUMP and b.object != DUMP
    if a.object != b.object or a.mode == b.mode == LOOKS:
        return False
    return not a.size or not b.size or (a.offset < b.offset + b.size and b.offset < a.offset + a.size)


def may_conflict(a: Access, b: Access, named: int) -> bool:
    """The same of two executions that parted where ``named`` objects had a number: what was met since has any."""
    unlike = named < a.object <= LAST and named < b.object <= LAST
    return conflict(a, b._replace(object=a.object) if unlike else b)


def members(processes: int) -> Iterator[int]:
    """Those of a set."""
    while processes:
        yield (processes & -processes).bit_length() - 1
        processes &= processes - 1


Steps = Sequence[int]


class Event(NamedTuple):
    """A step that was done, or one that might have been, with its order."""

    by: int
    touched: tuple[Access, ...]
    clock: list[int]
    """Of each process 1 + the last step that is before this one, or is it."""
    before: tuple[int, ...]
    """On which it depends directly, but for those that come before others of them."""
    races: tuple[int, ...]
    """Nothing else orders these and it."""
    past: int
    """1 + the last step of its process, or that struck it."""


class Path:
    """The steps from the root to where we are."""

    def __init__(self) -> None:
        self.steps: list[Event] = []
        self._width = 0
        self._of: dict[int, list[int]] = {}
        self._at: dict[tuple[int, int, int], list[tuple[int, Access]]] = {}

    def push(self, event: Event) -> None:
        """One step further."""
        event.clock[event.by] = len(self.steps) + 1
        for access in event.touched:
            self._at.setdefault((access.object, event.by, access.mode == LOOKS), []).append((len(self.steps), access))
        self._of.setdefault(event.by, []).append(len(self.steps))
        self.steps.append(event)

    def cut(self, depth: int) -> None:
        """Back to the node behind so many steps."""
        while len(self.steps) > depth:
            self._of[(event := self.steps.pop()).by].pop()
            for key in ((access.object, event.by, access.mode == LOOKS) for access in event.touched):
                if self._at[key].pop() and not self._at[key]:
                    del self._at[key]

    def precedes(self, step: int, clock: Sequence[int]) -> bool:
        """Whether the step comes before whatever has this clock, or is it."""
        return (by := self.steps[step].by) < len(clock) and clock[by] > step

    def event(self, by: int, touched: tuple[Access, ...], past: int, causes: Steps, struck: Steps = ()) -> Event:
        """The order of what a process would do now.

        ``causes``: steps without which it could not. ``struck``: the last steps of those whose turn it takes away.
        """
        self._width = max(self._width, by + 1)
        ordered = {past - 1, *causes} - {-1}
        plain, contends = set(struck), set[int]()
        for access in touched:
            for step, earlier in self._conflicting(access):
                needs_room = access.mode == TAKES and ANYTHING not in (access.object, earlier.object)
                (contends if needs_room and earlier.mode != LOOKS else plain).add(step)
        clock, races = [0] * self._width, list[int]()
        self._join(clock, *ordered)
        for step in sorted(plain, reverse=True):
            if not self.precedes(step, clock):
                races.append(step)
                self._join(clock, step)
        self._join(clock, *contends)
        return Event(by, touched, clock, tuple(ordered | plain | contends), tuple(races), past)

    def initials(self, step: int, event: Event) -> int:
        """Who can come first when what does not depend on ``step`` is done in its place, and then the event."""
        clock, first = [0] * self._width, dict[int, int]()
        for by, done in self._of.items():
            start = bisect_right(done, step)
            end = bisect_right(done, 0, start, key=lambda number: self.precedes(step, self.steps[number].clock))
            for number, other in reversed([(each, self.steps[each]) for each in done[start:end]]):
                first[by] = done[start]
                if number in event.before or any(conflict(*each) for each in product(event.touched, other.touched)):
                    self._join(clock, number)
                    break
        clocks = {event.by: clock} | {by: self.steps[number].clock for by, number in first.items()}
        return sum(1 << by for by in clocks if not any(by != x and self.precedes(first[x], clocks[by]) for x in first))

    def rivals(self, event: Event, access: Access) -> Iterator[tuple[int, bool]]:
        """Steps that changed what the event takes by this access, and that its process had not seen, the latest first.

        Each with whether the event may have come in its place, for all that is known of the room there was.
        """
        past = self.steps[event.past - 1].clock if event.past else []
        for step, earlier in self._rows(access)[0]:
            if earlier.mode != LOOKS and conflict(earlier, access) and not self.precedes(step, past):
                yield step, earlier.room != NO_ROOM or bool(access.tries)

    def _conflicting(self, access: Access) -> Iterator[tuple[int, Access]]:
        """Those that come before others of them anyhow are left out."""
        last = -1 if access.object == DUMP else max((row[-1][0] for row in self._done(ANYTHING)), default=-1)
        if last >= 0 and access.object != ANYTHING:
            yield last, access._replace(object=ANYTHING)
        for row in self._rows(access):
            for step, earlier in row:
                if step < last:
                    break
                if conflict(earlier, access):
                    yield step, earlier
                    if access.mode != TAKES or (earlier.mode != LOOKS and _covers(earlier, access)):
                        break

    def _done(self, object: int, mode: int = CHANGES) -> list[list[tuple[int, Access]]]:
        """To an object, by each process: what changed it, and, unless this only looks as well, what looked at it."""
        keys = product((object,), self._of, (0, 1)[: 1 + (mode > LOOKS)])
        return [self._at[key] for key in keys if key in self._at]

    def _rows(self, access: Access) -> list[Iterator[tuple[int, Access]]]:
        """What was done to its object, the latest first: by each process for itself, or where it takes by all."""
        if access.object == ANYTHING:
            return [((n, e) for n in reversed(done) for e in self.steps[n].touched) for done in self._of.values()]
        rows = [reversed(done) for done in self._done(access.object, access.mode)]
        return [heapq.merge(*rows, key=lambda done: -done[0])] if access.mode == TAKES else rows

    def _join(self, clock: list[int], *steps: int) -> None:
        for process, at in (each for step in steps for each in enumerate(self.steps[step].clock)):
            if at > clock[process]:
                clock[process] = at


def _covers(earlier: Access, access: Access) -> bool:
    ends = access.offset + access.size <= earlier.offset + earlier.size
    return not earlier.size or (bool(access.size) and earlier.offset <= access.offset and ends)
