"""How each process stands at a node, and who can be chosen there: from what was announced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from redactfuzz.check.order import ANYTHING, CHANGES, DUMP, TAKES, members
from redactfuzz.check.reading import ARMED, BLOCKED, PENDED, Access, Node, Step, Told

TIMED, STRIKE, IN_TURN = 8, 16, 128
"""Flags of what is announced: a wait that may end by its time; a crash that strikes others; a wait that ends in turn."""
_CRASH = tuple(Access(each, 0, 0, CHANGES, 0, 0) for each in (ANYTHING, DUMP))


class Process(NamedTuple):
    """One of them."""

    told: Told
    state: int
    """0: it has nothing to do."""
    past: int
    """1 + its last step, or that of another which struck it or made it be there."""
    causes: tuple[int, ...] = ()
    """Steps since by which it came to be able to go on, or to wait for what it waits for."""
    taken: int = 0
    """1 + the step that took away what it was about to do, and never did."""

    @property
    def would_take(self) -> tuple[Access, ...]:
        """What it waits for, as what it would do were it there."""
        access = self.told.access
        return () if access is None else (access._replace(mode=TAKES),)

    @property
    def would_touch(self) -> tuple[Access, ...]:
        """What it was about to do."""
        if self.told.state == ARMED:
            return _CRASH
        return () if self.told.access is None else (self.told.access,)


Standings = Mapping[int, Process]


def after(processes: Standings, before: Node, step: Step) -> dict[int, Process]:
    """How they stand behind a step from the node ``before``."""
    depth, node = step.depth, step.node
    found = dict(processes)
    for each in {step.by, step.on, *members(step.ends)}:
        if each in found:
            process = found[each]
            gone = each not in (step.by, step.on)
            found[each] = process._replace(state=0, taken=depth + 1) if gone else Process(process.told, 0, depth + 1)
    for told in node.told:
        old = found.get(told.process)
        if old is None or told.process == step.by:
            found[told.process] = Process(told, told.state, depth + 1)
        else:
            found[told.process] = Process(told, told.state, old.past, old.causes + _caused(old, told, depth))
    return {number: each if node.there >> number & 1 else _gone(each) for number, each in found.items()}


def _caused(old: Process, told: Told, depth: int) -> tuple[int, ...]:
    """The step, if the process goes on by it, or waits for something else."""
    if told.state != BLOCKED:
        return () if old.state == PENDED else (depth,)
    waits = old.state == BLOCKED and told.access and old.told.access and told.access.object == old.told.access.object
    return () if old.state not in (PENDED, BLOCKED) or waits else (depth,)


def _gone(process: Process) -> Process:
    return process if process.state == 0 else process._replace(state=0)


class Choices(NamedTuple):
    """Sets of processes."""

    pended: int
    blocked: int
    timed: int
    armed: int


def choices(processes: Standings) -> Choices:
    """Those who could go on, wait, wait with a limit, and crashes."""
    pended = blocked = timed = armed = 0
    for number, process in processes.items():
        if process.state == PENDED:
            pended |= 1 << number
        elif process.state == BLOCKED:
            blocked |= 1 << number
            timed |= bool(process.told.flags & TIMED) << number
        elif process.state == ARMED:
            armed |= 1 << number
    return Choices(pended, blocked, timed, armed)


def victims(processes: Standings, crash: int, there: Choices) -> int:
    """Whom a crash may strike; itself: it runs as a thread of its own."""
    own, told = 1 << crash, processes[crash].told
    if not told.flags & STRIKE:
        return own
    wanted = (told.access.object if told.access else 0) - 1
    if wanted < 0:
        return there.pended or there.blocked or own
    fixed = next((number for number, each in processes.items() if each.told.thread == wanted), None)
    if fixed is not None and (there.pended | there.blocked) >> fixed & 1:
        return 1 << fixed
    return own if fixed is not None or not there.pended else 0


def wrong(processes: Standings, node: Node) -> str:
    """What of the sets of a node does not follow from what was announced; empty: nothing."""
    there = choices(processes)
    if there.pended | there.blocked | there.armed != node.there:
        return "who is there is not who has announced something"
    in_turn = sum(1 << each for each in members(there.timed) if processes[each].told.flags & IN_TURN)
    may = there.pended | there.timed | there.armed
    must = there.pended | (there.timed & ~in_turn)
    for crash in members(there.armed):
        (may, must) = (may, must | 1 << crash) if victims(processes, crash, there) else (may & ~(1 << crash), must)
    if node.able & ~may or must & ~(node.able | node.unfair) or node.able & node.unfair:
        return "who can be chosen does not follow from what was announced"
    if node.unfair & ~(there.pended | there.timed):
        return "fairness leaves out who could not go on"
    if there.timed and not (node.able or node.unfair):
        return "nobody can be chosen, and a wait could end by its time"
    return ""
