"""What comes before what in an execution, and which of its steps race: happens-before of Mazurkiewicz traces.

Two steps are dependent when one process does both, when they touch the same and one of them changes it, when one of
them takes away or makes possible what the other one's process does. The order is the least that is transitive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
        self._at: dict[int, list[tuple[int, Access]]] = {}
        self._changed: dict[int, list[tuple[int, Access]]] = {}
        """Those of them that do not only look: looks alone would be gone through again for each that follows."""

    def push(self, event: Event) -> None:
        """One step further."""
        event.clock[event.by] = len(self.steps) + 1
        for access in event.touched:
            for kept in (self._at, self._changed)[: 1 + (access.mode != LOOKS)]:
                kept.setdefault(access.object, []).append((len(self.steps), access))
        self.steps.append(event)

    def cut(self, depth: int) -> None:
        """Back to the node behind so many steps."""
        while len(self.steps) > depth:
            for access in self.steps.pop().touched:
                for kept in (self._at, self._changed)[: 1 + (access.mode != LOOKS)]:
                    if kept[access.object].pop() and not kept[access.object]:
                        del kept[access.object]

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
        clock = [0] * self._width
        for step in ordered:
            self._join(clock, step)
        races = []
        for step in sorted(plain, reverse=True):
            if not self.precedes(step, clock):
                races.append(step)
            self._join(clock, step)
        for step in contends:
            self._join(clock, step)
        return Event(by, touched, clock, tuple(ordered | plain | contends), tuple(races), past)

    def initials(self, step: int, event: Event) -> int:
        """Who can come first when what does not depend on ``step`` is done in its place, and then the event."""
        clock, found = [0] * self._width, 0
        first: dict[int, int] = {}
        for number in range(step + 1, len(self.steps)):
            other = self.steps[number]
            if self.precedes(step, other.clock):
                continue
            if number in event.before or any(conflict(one, each) for one in event.touched for each in other.touched):
                self._join(clock, number)
            if other.by in first:
                continue
            found |= (not any(other.clock[process] > at for process, at in first.items())) << other.by
            first[other.by] = number
        last = event.by not in first and not any(clock[process] > at for process, at in first.items())
        return found | last << event.by

    def rivals(self, event: Event, access: Access) -> Iterator[tuple[int, bool]]:
        """Steps that changed what the event takes by this access, and that its process had not seen, the latest first.

        Each with whether the event may have come in its place, for all that is known of the room there was.
        """
        past = self.steps[event.past - 1].clock if event.past else []
        for step, earlier in reversed(self._changed.get(access.object, ())):
            if conflict(earlier, access) and not self.precedes(step, past):
                yield step, earlier.room != NO_ROOM or bool(access.tries)

    def _conflicting(self, access: Access) -> Iterator[tuple[int, Access]]:
        """Latest first. Those that come before others of them anyhow are left out."""
        last = self._at.get(ANYTHING, [(-1, access)])[-1][0]
        if access.object == ANYTHING:
            for step in range(len(self.steps) - 1, max(last, 0) - 1, -1):
                yield from ((step, each) for each in self.steps[step].touched if conflict(each, access))
            return
        if last >= 0 and access.object != DUMP:
            yield last, access._replace(object=ANYTHING)
        for step, earlier in reversed((self._changed if access.mode == LOOKS else self._at).get(access.object, ())):
            if step < last and access.object != DUMP:
                return
            if conflict(earlier, access):
                yield step, earlier
                if earlier.mode != LOOKS and _covers(earlier, access):
                    return

    def _join(self, clock: list[int], step: int) -> None:
        for process, at in enumerate(self.steps[step].clock):
            if at > clock[process]:
                clock[process] = at


def _covers(earlier: Access, access: Access) -> bool:
    ends = access.offset + access.size <= earlier.offset + earlier.size
    return not earlier.size or (bool(access.size) and earlier.offset <= access.offset and ends)
