"""Another order of the steps of an execution, by chance, which their dependence allows: it leads to the same states."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import attrs

from redactfuzz.check.order import ANYTHING, CHANGES, Path, members
from redactfuzz.check.reading import Step
from redactfuzz.check.standing import Process, after
from redactfuzz.rerun.leaves import Leaf, new_in


@attrs.frozen
class _Order:
    """What comes before what."""

    clocks: tuple[Sequence[int], ...]
    """Of each step: of each process 1 + the last step that comes before it."""
    fixed: frozenset[int]
    """Steps that keep their place among all others."""
    births: frozenset[int]
    """Steps behind which there is a new process: among themselves. Numbers of threads follow from their order."""


def linearised(leaf: Leaf, chance: Random) -> tuple[int, ...]:
    """Indices of its steps in an order that is drawn among those that happens-before allows.

    How long a process goes on is drawn as well: an order that hands over at each step alone would meet few windows.
    """
    order, steps = _order_of(leaf), leaf.steps
    own: dict[int, list[int]] = {}
    for index, step in enumerate(steps):
        own.setdefault(step.by, []).append(index)
    left = {process: iter(indices) for process, indices in own.items()}
    ahead = {process: next(indices) for process, indices in left.items()}
    done: dict[int, int] = {}
    found: list[int] = []
    fixed, births = sorted(order.fixed), sorted(order.births)
    stays, last = chance.random(), -1
    while ahead:
        ready = [
            index
            for process, index in ahead.items()
            if (not fixed or index < fixed[0] or (index == fixed[0] and len(found) == index))
            and (not births or index not in order.births or index == births[0])
            and all(done.get(by, 0) >= at for by, at in enumerate(order.clocks[index]) if by != process)
        ]
        index = chance.choice(ready)
        if last >= 0 and ahead.get(last) in ready and chance.random() < stays:
            index = ahead[last]
        by = last = steps[index].by
        found.append(index)
        done[by] = index + 1
        for kept in (fixed, births):
            if kept and kept[0] == index:
                kept.pop(0)
        ahead[by] = next(left[by], -1)
        if ahead[by] < 0:
            del ahead[by]
    return tuple(found)


def _order_of(leaf: Leaf) -> _Order:
    path, processes = Path(), {each.process: Process(each, each.state, 0) for each in leaf.root.told}
    known, births, fixed = set(processes), set[int](), set[int]()
    for index, step in enumerate(leaf.steps):
        process = processes[step.by]
        struck = [at for each in members(step.ends) for at in _turn(processes[each])]
        path.push(path.event(step.by, step.touched, process.past, process.causes, struck))
        processes = after(processes, step)
        if new_in(step, known):
            births.add(index)
        if _is_everything(step) or step.node.leaf == "over":
            fixed.add(index)
    return _Order(tuple(event.clock for event in path.steps), frozenset(fixed), frozenset(births))


def _turn(process: Process) -> list[int]:
    """Behind which a step comes that takes away its turn."""
    return [each for each in (process.past - 1, *process.causes) if each >= 0]


def _is_everything(step: Step) -> bool:
    return any(access.object == ANYTHING and access.mode == CHANGES for access in step.touched)
