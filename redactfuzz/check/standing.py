"""How each process stands at a node, and who can be chosen there: from what was announced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from redactfuzz.check.order import ANYTHING, CHANGES, DUMP, TAKES, members
from redactfuzz.check.reading import ARMED, BLOCKED, EXPIRE, FIRE, PENDED, Access, Node, Step, Told

TIMED, STRIKE, IN_TURN = 8, 16, 128
"""Flags of what is announced: a wait that may end by its time; a crash that strikes others; a wait that ends in turn,
when nobody else can go on."""
_UNKNOWN, _DUMPED = (Access(each, 0, 0, CHANGES, 0, 0) for each in (ANYTHING, DUMP))


class Process(NamedTuple):
    """One of them."""

    told: Told
    state: int
    past: int
    """1 + its last step, or that of another which struck it or made it be there."""
    causes: tuple[int, ...] = ()
    """Steps since by which it came to be able to go on, or to wait for what it waits for."""
    taken: int = 0
    """1 + the step that took away what it was about to do, and never did."""

    def would_touch(self) -> tuple[Access, ...]:
        """What it waits for it would take. Of what it was about to do, and never did, nobody knows what it touches."""
        if self.state != BLOCKED:
            return (_UNKNOWN, _DUMPED) if self.told.state == ARMED else (_UNKNOWN,)
        return (self.told.access._replace(mode=TAKES),) if self.told.access is not None else (_UNKNOWN,)


def after(processes: Mapping[int, Process], step: Step) -> dict[int, Process]:
    """How they stand behind a step."""
    depth, there = step.depth, step.node.there
    found = dict(processes)
    for each in members(step.ends | 1 << step.by | 1 << step.on):
        if each in found:
            old = found[each]
            struck = each in (step.by, step.on)
            found[each] = Process(old.told, 0, depth + 1) if struck else old._replace(state=0, taken=depth + 1)
    for told in step.node.told:
        before = found.get(told.process)
        if before is None or told.process == step.by:
            found[told.process] = Process(told, told.state, depth + 1)
        else:
            causes = (*before.causes, depth) if _causes(before, told) else before.causes
            found[told.process] = Process(told, told.state, before.past, causes)
    return {number: each if there >> number & 1 else each._replace(state=0) for number, each in found.items()}


def _causes(old: Process, told: Told) -> bool:
    """Whether who announces this could not go on, or waits for something else from now on."""
    if told.state != BLOCKED or old.state != BLOCKED:
        return old.state != PENDED if told.state != BLOCKED else old.state == PENDED
    return told.access is None or old.told.access is None or told.access.object != old.told.access.object


def strange(step: Step, processes: Mapping[int, Process]) -> str:
    """What in it contradicts what was announced before; empty: nothing."""
    for told in step.node.told:
        if told.process in processes and processes[told.process].told.thread != told.thread:
            return f"process {told.process} is another thread than before"
    changed, (_, _, _, flags, wanted) = {e.object for e in step.touched if e.mode == CHANGES}, processes[step.by].told
    if step.how == FIRE and (wanted is not None or flags & STRIKE):  # it finds everything, and what only a dump shows
        return "" if {ANYTHING, DUMP} <= changed else "a crash has not touched everything"
    if wanted is None or (ANYTHING in changed and wanted.object != DUMP):
        return ""
    mode = CHANGES if step.how == EXPIRE else wanted.mode
    same = 3 if wanted.size else 1  # what was announced as a whole may be a part
    found = any(each[:same] == wanted[:same] and each.mode == mode for each in step.touched)
    return "" if found else f"process {step.by} has not touched what it announced"


class Choices(NamedTuple):
    """Sets of processes: those who could go on, wait, wait with a limit, are crashes; those whose wait ends in turn."""

    pended: int
    blocked: int
    timed: int
    armed: int
    in_turn: int


def choices(processes: Mapping[int, Process]) -> Choices:
    """Of all of them."""
    found = [0] * len(Choices._fields)
    for number, process in processes.items():
        waits, flags = process.state == BLOCKED, process.told.flags
        timed = waits and flags & TIMED
        holds = process.state == PENDED, waits, timed, process.state == ARMED, timed and flags & IN_TURN
        found = [each | bool(one) << number for each, one in zip(found, holds, strict=True)]
    return Choices(*found)


def victims(processes: Mapping[int, Process], crash: int, there: Choices) -> int:
    """Whom a crash may strike; itself: it runs as a thread of its own."""
    own, told = 1 << crash, processes[crash].told
    wanted = (told.access.object if told.access else 0) - 1
    if not told.flags & STRIKE:
        return own
    if wanted < 0:
        return there.pended or there.blocked or own
    fixed = sum(1 << number for number, each in processes.items() if each.told.thread == wanted)
    return fixed & (there.pended | there.blocked) or (own if fixed or not there.pended else 0)


def wrong(processes: Mapping[int, Process], there: Choices, node: Node) -> str:
    """What of the sets of a node does not follow from what was announced; empty: nothing."""
    armed = sum(1 << crash for crash in members(there.armed) if victims(processes, crash, there))
    may = there.pended | there.timed | armed
    if there.pended | there.blocked | there.armed != node.there:
        return "who is there is not who has announced something"
    if node.able & ~may or (may & ~there.in_turn) & ~(node.able | node.unfair) or node.able & node.unfair:
        return "who can be chosen does not follow from what was announced"
    if node.unfair & ~(there.pended | there.timed) or (may and not node.able | node.unfair):
        return "nobody can be chosen, or fairness leaves out who could not go on"
    return ""
