"""Small programs, run either by the exploration core or by brute force.

A program is a tuple of threads and a tuple of triggers; a thread is a tuple of operations. The machine below knows
what they do; ``brute`` lists every schedule by the rules of ``explore.h``, written down a second time in Python.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz._core._engine import lib
from redactfuzz.schedule.engine import NO_THREAD, Act, Engine, State

Move = tuple[str, int, int]
"""(``step`` | ``expire`` | ``fire``, thread, trigger)."""


class EventKind(enum.IntEnum):
    """What a thread is about to do; see ``rf_kind`` in ``choices/event.h``."""

    START = 0
    READ = lib.RF_READ
    WRITE = lib.RF_WRITE
    RMW = lib.RF_RMW
    ACQUIRE = lib.RF_ACQUIRE
    RELEASE = lib.RF_RELEASE
    WAIT = lib.RF_WAIT
    SIGNAL = lib.RF_SIGNAL
    SPAWN = lib.RF_SPAWN
    JOIN = lib.RF_JOIN
    END = lib.RF_END
    OPAQUE = lib.RF_OPAQUE
    CRASH = lib.RF_CRASH


class Flag(enum.IntFlag):
    """How it does it; see ``rf_event_flags`` in ``choices/event.h``."""

    NONE = 0
    YIELD = lib.RF_YIELD
    VISIBLE = lib.RF_VISIBLE
    LOOP = lib.RF_LOOP
    TIMED = lib.RF_TIMED
    STRIKE = lib.RF_STRIKE
    LOCAL = lib.RF_LOCAL
    IN_TURN = lib.RF_IN_TURN


KINDS = {
    "load": EventKind.READ,
    "store": EventKind.WRITE,
    "set": EventKind.WRITE,
    "lock": EventKind.ACQUIRE,
    "unlock": EventKind.RELEASE,
    "wait": EventKind.WAIT,
    "signal": EventKind.SIGNAL,
    "spawn": EventKind.SPAWN,
    "sleep": EventKind.START,
    "local": EventKind.WRITE,
    "own": EventKind.WRITE,
    "dump": EventKind.READ,
}
FLAGS = {"sleep": Flag.YIELD, "local": Flag.VISIBLE, "own": Flag.VISIBLE | Flag.LOCAL}
NAMES = {Act.STEP: "step", Act.EXPIRE: "expire", Act.FIRE: "fire"}


@attrs.frozen
class Op:
    """One operation.

    ``load v`` into a register; ``store v`` register + ``value``; ``set v`` to ``value``; ``lock``; ``unlock``;
    ``wait v`` until it was signalled, with the deadline ``value`` (0: for ever); ``signal v``; ``sleep``; ``spawn``
    thread ``value``; ``local``; ``own``, at which nobody else may go on in its place; ``dump`` all variables.
    """

    name: str
    var: int = 0
    value: int = 0


@attrs.frozen
class Trigger:
    handler: tuple[Op, ...]
    strike: bool = False
    victim: int = -1


@attrs.frozen
class Program:
    threads: tuple[tuple[Op, ...], ...]
    triggers: tuple[Trigger, ...] = ()
    started: int = 1_000
    """Threads below this number exist from the start, the others are spawned."""


class Machine:
    """The state of one execution. Thread numbers: the threads, then the triggers."""

    def __init__(self, program: Program) -> None:
        self.program = program
        count = len(program.threads)
        self.code: list[tuple[tuple[int, Op], ...]] = [
            tuple((1000 * (t + 1) + i, op) for i, op in enumerate(ops)) for t, ops in enumerate(program.threads)
        ]
        self.code += [() for _ in program.triggers]
        self.alive = [t < program.started for t in range(count)] + [False] * len(program.triggers)
        self.armed = set(range(count, count + len(program.triggers)))
        self.expired = [False] * len(self.code)
        self.vars: dict[int, int] = {}
        self.regs = [0] * len(self.code)
        self.held: dict[int, int] = {}
        self.signalled: set[int] = set()
        self.dumps: list[tuple[tuple[int, int], ...]] = []

    def next_op(self, thread: int) -> tuple[int, Op] | None:
        return self.code[thread][0] if self.alive[thread] and self.code[thread] else None

    def blocked(self, thread: int) -> bool:
        found = self.next_op(thread)
        if found is None or self.expired[thread]:
            return False
        op = found[1]
        if op.name == "lock":
            return op.var in self.held
        return op.name == "wait" and op.var not in self.signalled

    def timed(self, thread: int) -> bool:
        found = self.next_op(thread)
        return found is not None and found[1].name == "wait" and found[1].value > 0 and self.blocked(thread)

    def enabled(self, thread: int) -> bool:
        return self.next_op(thread) is not None and not self.blocked(thread)

    def victims(self, trigger: int) -> list[int]:
        spec = self.program.triggers[trigger - len(self.program.threads)]
        everyone = range(len(self.code))
        if not spec.strike:
            return [trigger]
        if spec.victim >= 0:
            if self.next_op(spec.victim):
                return [spec.victim]
            met = self.program.threads[spec.victim] and self.alive[spec.victim]
            # One that has ended cannot be struck any more, one that is yet to come is waited for.
            return [trigger] if met or not any(self.enabled(t) for t in everyone) else []
        going = [t for t in everyone if self.enabled(t)]
        waiting = [t for t in everyone if self.blocked(t)]
        return going or waiting or [trigger]

    def do(self, move: Move) -> None:
        name, thread, trigger = move
        if name == "fire":
            self.armed.discard(trigger)
            spec = self.program.triggers[trigger - len(self.program.threads)]
            handler = tuple((1000 * (trigger + 1) + i, op) for i, op in enumerate(spec.handler))
            self.code[thread] = handler + (self.code[thread] if thread != trigger else ())
            self.alive[thread] = True
            return
        found = self.next_op(thread)
        assert found is not None
        op = found[1]
        self.code[thread] = self.code[thread][1:]
        if name == "expire":
            self.regs[thread] = -1
            return
        if op.name == "load":
            self.regs[thread] = self.vars.get(op.var, 0)
        elif op.name == "store":
            self.vars[op.var] = self.regs[thread] + op.value
        elif op.name == "set":
            self.vars[op.var] = op.value
        elif op.name == "lock":
            self.held[op.var] = thread
        elif op.name == "unlock":
            self.held.pop(op.var, None)
        elif op.name == "signal":
            self.signalled.add(op.var)
        elif op.name == "spawn":
            self.alive[op.value] = True
        elif op.name == "dump":
            self.dumps.append(tuple(sorted(self.vars.items())))

    def outcome(self) -> tuple[object, ...]:
        stuck = any(self.blocked(t) for t in range(len(self.code)))
        return (tuple(sorted(self.vars.items())), tuple(self.dumps), tuple(self.regs), stuck)


@attrs.frozen
class Run:
    """One schedule: the moves, the cost of each, and what came out."""

    moves: tuple[Move, ...]
    preempting: tuple[bool, ...]
    outcome: tuple[Any, ...]

    @property
    def preemptions(self) -> int:
        return sum(self.preempting)

    def cost(self, strike: bool) -> int:
        """Preemptions, one crash being free with ``strike``."""
        free = any(p and m[0] == "fire" for p, m in zip(self.preempting, self.moves, strict=True))
        return self.preemptions - int(strike and free)


# -- by the exploration core


def sync(engine: Engine, machine: Machine, told: dict[int, object], last: int = NO_THREAD) -> dict[str, int]:
    """Tells the core what changed, but what ``last`` does next, if it can go on: that is given back."""
    kept: dict[str, int] = {}
    for trigger in machine.armed:
        if trigger not in told:
            spec = machine.program.triggers[trigger - len(machine.program.threads)]
            flags = Flag.STRIKE if spec.strike else 0
            engine.pend(trigger, site=trigger, kind=EventKind.CRASH, object=spec.victim + 1, flags=flags)
            told[trigger] = "armed"
    for thread in range(len(machine.code)):
        found = machine.next_op(thread)
        if found is None:
            if thread not in machine.armed:
                told.pop(thread, None)
            continue
        site, op = found
        blocked = machine.blocked(thread)
        if told.get(thread) == (site, blocked):
            continue
        told[thread] = (site, blocked)
        flags = FLAGS.get(op.name, Flag.NONE)
        if op.name == "wait" and op.value:
            flags |= Flag.TIMED
        arguments = {"site": site, "kind": KINDS[op.name], "object": op.var + 1, "flags": flags, "deadline": op.value}
        if blocked:
            engine.block(thread, **arguments)
        elif thread == last:
            kept = arguments
        else:
            engine.pend(thread, **arguments)
    return kept


def run(
    engine: Engine, program: Program, stop_after: int = 1_000_000, *, dies: bool = False, steps: bool = False
) -> Run:
    """One execution, already begun; checks that only what is possible is chosen.

    ``dies``: a crash ends it at once. ``steps``: as runtimes do it, pend and choose are one call where they can be.
    """
    machine = Machine(program)
    told: dict[int, object] = {}
    moves: list[Move] = []
    preempting: list[bool] = []
    kept = sync(engine, machine, told)
    while len(moves) < stop_after:
        choice = engine.step(moves[-1][1], **kept) if kept else engine.choose()
        if choice.action in (Act.NOTHING, Act.STOP):
            break
        move = (NAMES[choice.action], choice.thread, choice.trigger)
        check(machine, move)
        moves.append(move)
        preempting.append(choice.preempts)
        told.pop(choice.thread, None)
        machine.do(move)
        if dies and move[0] == "fire":
            break
        kept = sync(engine, machine, told, move[1] if steps else NO_THREAD)
    engine.end()
    return Run(tuple(moves), tuple(preempting), machine.outcome())


def check(machine: Machine, move: Move) -> None:
    name, thread, trigger = move
    if name == "step":
        assert machine.enabled(thread), f"{move}: not enabled"
    elif name == "expire":
        assert machine.timed(thread), f"{move}: no timed wait"
    else:
        assert trigger in machine.armed, f"{move}: not armed"
        assert thread in machine.victims(trigger), f"{move}: no such victim"


def explore(engine: Engine, program: Program, limit: int = 1_000_000) -> list[Run]:
    """Executions until the core has no more, or ``limit``."""
    runs = []
    while len(runs) < limit and engine.begin():
        runs.append(run(engine, program))
        assert engine.status.state in (State.ALL_ENDED, State.DEADLOCK), engine.status
    return runs


# -- by brute force


def brute(program: Program, limit: int = 1_000_000) -> list[Run] | None:
    """Every schedule there is, or None when there are more than ``limit``."""
    found: list[Run] = []
    for item in _walk(program, [], []):
        found.append(item)
        if len(found) > limit:
            return None
    return found


def _walk(program: Program, moves: list[Move], preempting: list[bool]) -> Iterator[Run]:
    machine = Machine(program)
    current = NO_THREAD
    owes = False
    for move in moves:
        machine.do(move)
        owes = move[0] == "expire"
        current = move[1]
    options = possible(machine, current, owes)
    if not options:
        yield Run(tuple(moves), tuple(preempting), machine.outcome())
    for move, cost in options:
        yield from _walk(program, [*moves, move], [*preempting, cost])


def possible(machine: Machine, current: int, owes: bool) -> list[tuple[Move, bool]]:
    """Every move that can be made, and whether it preempts."""
    everyone = range(len(machine.code))
    going = [t for t in everyone if machine.enabled(t)]
    goes_on = False
    if current != NO_THREAD and machine.enabled(current):
        found = machine.next_op(current)
        assert found is not None
        goes_on = found[1].name != "sleep" and not owes
        if goes_on and found[1].name == "own":
            fires = [(("fire", v, trigger), True) for trigger in machine.armed for v in machine.victims(trigger)]
            return [(("step", current, 0), False), *fires]
    options: list[tuple[Move, bool]] = [(("step", t, 0), goes_on and t != current) for t in going]
    options += [(("expire", t, 0), goes_on) for t in everyone if machine.timed(t)]
    options += [(("fire", v, trigger), bool(going)) for trigger in machine.armed for v in machine.victims(trigger)]
    return options
