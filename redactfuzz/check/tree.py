"""The tree itself: that no class of schedules is missing in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import attrs

from redactfuzz.check.order import ANYTHING, TAKES, Event, Path, may_conflict, members
from redactfuzz.check.reading import ARMED, BLOCKED, EXPIRE, FIRE, PENDED, STEP, Access, Node, Step, ensure
from redactfuzz.check.standing import Choices, Process, after, choices, strange, victims, wrong

_ASKED = 4096
_HOW = {PENDED: STEP, BLOCKED: EXPIRE, ARMED: FIRE}


class Slept(NamedTuple):
    """What a process did from a node, where it is asleep from then on."""

    touched: tuple[Access, ...]
    ends: int
    named: int
    """Of that node."""


@attrs.define
class Place:
    """A node on the way to where we are."""

    node: Node
    processes: dict[int, Process]
    asleep: dict[int, Slept]
    there: Choices
    explored: dict[int, Slept] = attrs.field(factory=dict)
    struck: int = 0
    """By the crash that was explored last."""
    asked: dict[int, int] = attrs.field(factory=dict)
    """Sets of processes of which one must be explored from here, each with the line that asks for it."""

    @property
    def known(self) -> int:
        """Those that were explored from here, or need not be."""
        return sum(1 << each for each in {*self.asleep, *self.explored})

    @property
    def unstruck(self) -> int:
        """Whom the crash that was explored last may strike, and has not."""
        crash = next(reversed(self.explored), -1)
        return victims(self.processes, crash, self.there) & ~self.struck if self.struck else 0


@attrs.define
class Tree:
    """What was read of it so far. ``line`` is the number of the line at hand."""

    line: int = 0
    header: dict[str, Any] = attrs.field(factory=dict)
    executions: int = 0
    repeated: int = 0
    steps: int = 0
    _places: list[Place] = attrs.field(factory=list)
    """From the root to where we are."""
    _path: Path = attrs.field(factory=Path)

    def root(self, node: Node) -> None:
        """The first node. Raises Rejected, as all do."""
        self._ensure(not (self._places or node.leaf), "there is another root, or it is a leaf")
        self._places.append(self._place(node, {each.process: Process(each, each.state, 0) for each in node.told}, {}))

    def step(self, step: Step) -> None:
        """Goes back to where it starts from, and on with it."""
        while len(self._places) > step.depth + 1:
            self._leave()
        goes_on = len(self._places) > step.depth and not self._places[-1].node.leaf
        self._ensure(goes_on, f"nothing goes on behind {step.depth} steps")
        self._path.cut(step.depth)
        place = self._places[-1]
        self._choose(place, step)
        self._ensure(not (why := strange(step, place.processes)), why)
        process, processes = place.processes[step.by], after(place.processes, step)
        struck = _turns(place.processes[each] for each in members(step.ends))
        event = self._path.event(step.by, step.touched, process.past, process.causes, struck)
        self._ask(event)
        for each in members(step.ends & place.there.blocked | (step.how == EXPIRE) << step.by):
            self._contend(each, place.processes[each])
        reached = self._place(step.node, processes, self._still_asleep(place, step, processes))
        kept = step.ends | ~(step.node.able | step.node.unfair) | place.there.timed & ~reached.there.timed
        kept |= step.node.able if step.node.leaf == "over" else 0  # it ended for all
        touched, ends, named = place.explored.get(step.by, Slept((), 0, place.node.named))
        place.explored[step.by] = Slept(touched + step.touched, ends | step.ends, named)
        for each in members(kept & place.node.able & ~place.known):
            place.asked.setdefault(1 << each, self.line)
        self._path.push(event)
        self._places.append(reached)
        self.steps += 1
        if step.node.leaf:
            self._end(step, processes)

    def end(self) -> None:
        """There is no more of it."""
        self._ensure(self._places, "it has no root")
        while self._places:
            self._leave()

    # -- nodes

    def _place(self, node: Node, processes: dict[int, Process], asleep: dict[int, Slept]) -> Place:
        place = Place(node, processes, asleep, choices(processes))
        self._ensure(not (why := wrong(processes, place.there, node)), why)
        right = node.leaf in ("end", "over") or node.asleep == place.known
        self._ensure(right, f"asleep are {_names(place.known)}, and not {_names(node.asleep)}")
        awake = node.able & ~(node.asleep if node.leaf == "asleep" else 0)
        self._ensure(node.leaf in ("", "over") or not awake, f"it is left where {_names(awake)} can go on, awake")
        return place

    def _leave(self) -> None:
        place = self._places.pop()
        self._ensure(place.explored or place.node.leaf, f"nothing was explored from behind {len(self._places)} steps")
        self._ensure(not place.unstruck, f"a crash was not explored as one that strikes {_names(place.unstruck)}")
        for wanted, line in place.asked.items():
            what = f"from behind {len(self._places)} steps one of {_names(wanted)} was to be explored as well"
            self._ensure(wanted & place.known, f"{what}, because of line {line:,}: none was")

    def _choose(self, place: Place, step: Step) -> None:
        """Whether it could be done, by what is known of its node."""
        own, on, crashes = 1 << step.by, 1 << step.on, step.how == FIRE
        again = crashes and next(reversed(place.explored), None) == step.by
        could = place.node.able & own and step.how == _HOW[place.processes[step.by].state]
        self._ensure(could, f"process {step.by} could not be chosen, or not so")
        new = step.by not in place.asleep and (again or step.by not in place.explored)
        self._ensure(new, f"process {step.by} is asleep there, or was explored before")
        self._ensure(again or not place.unstruck, f"no crash was explored that strikes {_names(place.unstruck)}")
        place.struck = place.struck if again else 0
        may = victims(place.processes, step.by, place.there) & ~place.struck if crashes else own
        self._ensure(on & may, f"it strikes process {step.on}, which it cannot, or did before")
        place.struck |= on if crashes else 0
        self._ensure(step.ends == (on | place.node.there & ~step.node.there) & ~own, "who is gone is not whom it ends")

    def _still_asleep(self, place: Place, step: Step, processes: dict[int, Process]) -> dict[int, Slept]:
        """Those of its node with whose step it has nothing to do."""
        mine = step.ends | 1 << step.by
        return {
            process: slept
            for process, slept in (place.asleep | place.explored).items()
            if not (slept.ends & mine or mine >> process & 1)
            and not any(step.depth in processes[each].causes for each in members(slept.ends | 1 << process))
            and not any(may_conflict(one, other, slept.named) for one in slept.touched for other in step.touched)
        }

    # -- races

    def _ask(self, event: Event) -> None:
        """For each race of it: that the other order was explored as well."""
        for step in event.races:
            self._want(step, event)
        for access in (each for each in event.touched if each.mode == TAKES and each.object != ANYTHING):
            for step, could in self._path.rivals(event, access):
                if could:
                    self._want(step, event)
                if event.past <= step and self._places[step].there.pended >> event.by & 1:
                    break  # it could have come there; what was before that is a matter of that order

    def _want(self, step: int, event: Event) -> None:
        """The event before the step: one of those that come first then must have been explored from its node."""
        place, first = self._places[step], self._path.initials(step, event)
        can = first & (place.node.able | place.known)
        left_out = not can and first & (place.node.unfair | ~(1 << event.by))
        self._ensure(not left_out, f"behind {step} steps {_names(first)} could go on, and could not be chosen")
        if can and not can & place.known:  # else it could not go on there: there is no other order
            place.asked.setdefault(can, self.line)
        self._ensure(len(place.asked) <= _ASKED, "it has more races than can be kept")

    def _contend(self, number: int, process: Process) -> None:
        """For what it has waited for in vain."""
        self._ask(self._path.event(number, process.would_touch(), process.past, process.causes))

    def _end(self, step: Step, processes: dict[int, Process]) -> None:
        """What was never done in an execution could have been, had it come before what kept it from it."""
        self.executions += 1
        self.repeated += step.node.leaf == "asleep"
        self._ensure(not step.node.outcome, "a secret came out in this execution, or it met a bug")
        everything = any(access.object == ANYTHING and access.mode for access in step.touched)
        self._ensure(step.node.leaf != "over" or everything, "what ends it for all has not touched everything")
        for number, process in processes.items():
            if process.state == BLOCKED:
                self._contend(number, process)
            elif process.taken:
                struck = _turns(processes.values()) if process.told.state == ARMED else ()
                event = self._path.event(number, process.would_touch(), process.past, process.causes, struck)
                self._want(process.taken - 1, event)

    def _ensure(self, holds: object, why: str) -> None:
        ensure(self.line, holds, why)


def _turns(processes: Iterable[Process]) -> tuple[int, ...]:
    """Behind which a step comes that takes away their turn."""
    return tuple(each for process in processes for each in (process.past - 1, *process.causes) if each >= 0)


def _names(processes: int) -> str:
    return ", ".join(f"process {each}" for each in members(processes)) or "nobody"
