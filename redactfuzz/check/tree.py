"""The tree itself: that no class of schedules is missing in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import attrs

from redactfuzz.check.order import Event, Path, conflict, members
from redactfuzz.check.reading import BLOCKED, EXPIRE, FIRE, PENDED, Access, Node, Rejected, Step
from redactfuzz.check.standing import Process, after, choices, victims, wrong

_ASKED = 4096


class Explored(NamedTuple):
    """What a process did from a node: its step is asleep there from then on."""

    touched: tuple[Access, ...]
    ends: int


@attrs.define
class Place:
    """A node on the way to where we are."""

    node: Node
    processes: dict[int, Process]
    asleep: dict[int, Explored]
    explored: dict[int, Explored] = attrs.field(factory=dict)
    struck: int = 0
    """Victims of the crash that was explored last."""
    asked: dict[int, int] = attrs.field(factory=dict)
    """Sets of processes of which one must be explored from here, each with the line that asks for it."""

    @property
    def known(self) -> int:
        """Those that were explored from here, or need not be."""
        return sum(1 << each for each in {*self.asleep, *self.explored})


@attrs.define
class Tree:
    """What was read of it so far. ``line`` is the number of the line at hand."""

    line: int = 0
    executions: int = 0
    repeated: int = 0
    steps: int = 0
    _places: list[Place] = attrs.field(factory=list)
    _path: Path = attrs.field(factory=Path)

    def root(self, node: Node) -> None:
        """The first node. Raises Rejected, as all do."""
        if self._places:
            raise self._rejected("a second root")
        processes = {each.process: Process(each, each.state, 0) for each in node.told}
        self._enter(node, {number: each for number, each in processes.items() if node.there >> number & 1}, {})

    def step(self, step: Step) -> None:
        """Goes back to where it starts from, and on with it."""
        if step.depth >= len(self._places):
            raise self._rejected(f"a step from behind {step.depth} steps, where only {len(self._places) - 1} were done")
        while len(self._places) > step.depth + 1:
            self._leave()
        self._path.cut(step.depth)
        self.steps += 1
        place = self._places[-1]
        if place.node.leaf:
            raise self._rejected("a step from where the execution had ended")
        self._allowed(place, step)
        processes = after(place.processes, place.node, step)
        event = self._event(place, step)
        self._ask(event)
        self._undone_by(place, step, processes)
        asleep = self._still_asleep(place, step, processes)
        before = place.explored.get(step.by, Explored((), 0))
        place.explored[step.by] = Explored(before.touched + step.touched, before.ends | step.ends)
        self._path.push(event)
        self._enter(step.node, processes, asleep)
        if step.node.leaf:
            self._end(place, step)

    def end(self) -> None:
        """There is no more of it."""
        if not self._places:
            raise self._rejected("there is no tree")
        while self._places:
            self._leave()

    # -- nodes

    def _enter(self, node: Node, processes: dict[int, Process], asleep: dict[int, Explored]) -> None:
        if why := wrong(processes, node):
            raise self._rejected(why)
        place = Place(node, processes, asleep)
        if node.leaf in ("", "asleep") and node.asleep != place.known:
            raise self._rejected(f"asleep are {_names(place.known)}, not {_names(node.asleep)}")
        if node.leaf == "end" and node.able:
            raise self._rejected(f"it ends where {_names(node.able)} can go on")
        if node.leaf == "asleep" and (not node.able or node.able & ~node.asleep):
            raise self._rejected(f"it is left where {_names(node.able & ~node.asleep)} can go on, and is awake")
        self._places.append(place)

    def _leave(self) -> None:
        place = self._places.pop()
        if place.node.leaf:
            return
        if not place.explored and not self._places and not place.node.there:
            self.executions = 1  # there was nothing to do
        elif not place.explored:
            raise self._rejected(f"nothing was explored from behind {len(self._places)} steps")
        self._all_struck(place)
        for wanted, line in place.asked.items():
            if not wanted & place.known:
                what = f"after {len(self._places)} steps one of {_names(wanted)} must be explored as well"
                raise self._rejected(f"{what}, for the race of line {line:,}: it was not")

    def _allowed(self, place: Place, step: Step) -> None:
        """The choice, by what is known of its node."""
        own = 1 << step.by
        if not place.node.able & own:
            raise self._rejected(f"process {step.by} could not be chosen")
        if step.by in place.asleep:
            raise self._rejected(f"process {step.by} is asleep")
        how = {PENDED: 1, BLOCKED: EXPIRE}.get(place.processes[step.by].state, FIRE)
        if step.how != how or (how != FIRE and step.on != step.by):
            raise self._rejected(f"process {step.by} stood otherwise")
        again = next(reversed(place.explored), None) == step.by
        if step.by in place.explored and not (again and how == FIRE):
            raise self._rejected(f"process {step.by} was explored from there before")
        if not again:
            self._all_struck(place)
            place.struck = 0
        if how == FIRE:
            may = victims(place.processes, step.by, choices(place.processes))
            if not may & ~place.struck & 1 << step.on:
                raise self._rejected(f"it strikes process {step.on}, which it cannot, or did before")
            place.struck |= 1 << step.on
        gone = place.node.there & ~step.node.there & ~own
        rest = step.ends & ~(1 << step.on if step.on != step.by else 0)
        if gone & ~step.ends or rest & (step.node.there | ~place.node.there) or step.ends & own:
            raise self._rejected("who is gone is not whom it ends")
        if step.on != step.by and not step.ends >> step.on & 1:
            raise self._rejected("whom it strikes is not ended by it")

    def _all_struck(self, place: Place) -> None:
        crash = next(reversed(place.explored), None)
        if crash is None or not place.struck:
            return
        left = victims(place.processes, crash, choices(place.processes)) & ~place.struck
        if left:
            raise self._rejected(f"crash {crash} was not explored as one that strikes {_names(left)}")

    # -- races

    def _event(self, place: Place, step: Step) -> Event:
        ends = [place.processes[each] for each in members(step.ends)]
        struck = [cause for each in ends for cause in (each.past - 1, *each.causes) if cause >= 0]
        process = place.processes[step.by]
        return self._path.event(step.by, step.touched, process.past, process.causes, struck)

    def _ask(self, event: Event) -> None:
        """For each race of it: that the other order was explored as well."""
        for step in event.races:
            self._want(step, self._path.initials(step, event), event.by)
        for step, could in self._path.rivals(event):
            if could:
                self._want(step, self._path.initials(step, event), event.by)
            if event.past <= step and self._places[step].processes[event.by].state == PENDED:
                break  # it could have come there; what was before that is a matter of that order

    def _want(self, step: int, first: int, by: int) -> None:
        place = self._places[step]
        can = first & (place.node.able | place.known)
        if not can:
            if first & place.node.unfair or first & ~(1 << by):
                raise self._rejected(f"after {step} steps {_names(first)} could go on, and could not be chosen")
            return  # it could not go on there: there is no other order
        if not can & place.known and can not in place.asked:
            if len(place.asked) == _ASKED:
                raise self._rejected("more races than can be kept")
            place.asked[can] = self.line

    def _undone_by(self, place: Place, step: Step, processes: Mapping[int, Process]) -> None:
        """Whom the step keeps from what they could have done at its node, and who waited in vain until it."""
        before, behind = choices(place.processes), choices(processes)
        kept = step.ends | (before.pended & ~behind.pended) | (before.timed & ~behind.timed)
        for process in members(kept & place.node.able & ~(1 << step.by) & ~place.known):
            place.asked.setdefault(1 << process, self.line)
        waited = {step.by} if step.how == EXPIRE else set(members(step.ends & before.blocked))
        for each in waited:
            self._contend(each, place.processes[each])

    def _contend(self, number: int, process: Process) -> None:
        event = self._path.event(number, process.would_take, process.past, process.causes)
        self._ask(event)

    def _end(self, last: Place, step: Step) -> None:
        """What was never done in an execution could have been, had it come before what kept it from it."""
        node, processes = step.node, self._places[-1].processes
        self.executions += 1
        self.repeated += node.leaf == "asleep"
        if node.outcome:
            raise self._rejected("a secret came out in this execution, or it met a bug")
        if node.leaf == "over":
            if not any(access.object == 0 and access.mode for access in step.touched):
                raise self._rejected("what ends the execution for all has not touched everything")
            for process in members(node.able & last.node.able & ~(1 << step.by) & ~last.known):
                last.asked.setdefault(1 << process, self.line)
        for number, process in processes.items():
            if process.state == BLOCKED:
                self._contend(number, process)
            elif process.taken:
                struck = (
                    [each.past - 1 for each in processes.values() if each.past] if len(process.would_touch) > 1 else []
                )
                event = self._path.event(number, process.would_touch, process.past, process.causes, struck)
                self._want(process.taken - 1, self._path.initials(process.taken - 1, event), number)

    def _still_asleep(self, place: Place, step: Step, processes: Mapping[int, Process]) -> dict[int, Explored]:
        """Those of its node with whose step it has nothing to do."""
        mine = step.ends | 1 << step.by
        return {
            process: slept
            for process, slept in {**place.asleep, **place.explored}.items()
            if process != step.by
            and not (slept.ends & mine or step.ends >> process & 1)
            and step.depth not in processes[process].causes
            and not any(conflict(one, other) for one in slept.touched for other in step.touched)
        }

    def _rejected(self, why: str) -> Rejected:
        return Rejected(self.line, why)


def _names(processes: int) -> str:
    return ", ".join(f"process {each}" for each in members(processes)) or "nobody"
