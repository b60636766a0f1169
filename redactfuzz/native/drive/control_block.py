"""The control block: what the driver is to do, and what it counts meanwhile. Its layout is ``runtime/state/plan.h``."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from redactfuzz.model.canary.secret import THRESHOLD_BITS
from redactfuzz.model.plan import Counters
from redactfuzz.native._plan import ffi, lib
from redactfuzz.native.compile.shared import Shared
from redactfuzz.native.drive.numbers import ORACLES, Reality

CRASHES = ("none", "kill")
"""Beside names of signals: no crash, and an outside dumper that stops everything."""
NO_DUMP = "dump"
"""An oracle of its own: an execution that ends without any dump is a bug."""
ANYBODY = 0xFFFF_FFFF
AT_END = 2**64 - 1
"""In place of an offset: where a thread ends."""
REDACTORS = int(dict(ffi.typeof("rfn_plan").fields)["redactor"].type.length)
HELD = {
    int(lib.RFN_HOLDS_FILES): "files outside of its folder (no Landlock)",
    int(lib.RFN_HOLDS_SIGNALS): "signals to other processes (no Landlock of version 6)",
    int(lib.RFN_HOLDS_CALLS): "modes, owners and times of files (no seccomp filter)",
}
"""What a driver is kept from, and why it may not be, by bit."""


@attrs.frozen
class Lift:
    """Something that keeps memory out of a core, and the library calls that ask for it."""

    bit: int
    calls: frozenset[str]


LIFTS: Mapping[str, Lift] = {
    "MADV_DONTDUMP": Lift(int(lib.RFN_LIFT_ADVICE), frozenset({"madvise", "posix_madvise"})),
    "memfd_secret": Lift(int(lib.RFN_LIFT_SECRET), frozenset({"syscall", "memfd_secret"})),
    "a process that leaves no core": Lift(
        int(lib.RFN_LIFT_CORE), frozenset({"prctl", "setrlimit", "setrlimit64", "prlimit", "prlimit64"})
    ),
}

REFUSALS = "calls that are not carried out"
"""Another thing to be lifted, which hides nothing: what fails here alone seems to succeed."""
_LIFTED = {**{name: lift.bit for name, lift in LIFTS.items()}, REFUSALS: int(lib.RFN_LIFT_REFUSAL)}


@attrs.frozen
class Strike:
    """Where a thread of the plain build is struck: the ``nth`` time (1-based) that it comes to an instruction."""

    offset: int
    nth: int = 1
    thread: int = ANYBODY


@attrs.frozen
class DriverConfig:
    """What the driver is to do; see ``rfn_plan``."""

    crash: str = "SIGSEGV"
    forked: bool = False
    bypass: bool = False
    lift: tuple[str, ...] = ()
    crash_last: bool = False
    every: bool = False
    real: int = Reality.IN_LOOP
    plain: bool = False
    trace: bool = False
    vectors: bool = True
    oracles: frozenset[str] = frozenset(ORACLES)
    step_limit: int = 200_000
    executions: int = 2**62
    seconds: float = 3600.0
    least: int = 1
    patience: float = 1e9
    redactors: Sequence[int] = ()
    canaries: int = 0
    sources: int = 0
    unlike: bool = False
    crashes: int = 2
    image: int = 0
    """Descriptor that the image of each execution is kept in; 0: none."""
    leaking: bool = False
    after_leak: int = 0
    strike: Strike | None = None
    cores: int = 0
    """Descriptor of the folder in which the kernel writes cores; 0: it writes them to ``folder``."""
    folder: int = 0
    """Descriptor of the folder in which the program may write and in which it dies; 0: none."""
    proof: int = 0
    """Descriptor to which the record of each execution goes; 0: none."""
    compares: bool = False
    """After each execution the driver checks that all of its own state was put back."""


class ControlBlock:
    """The block that holds both."""

    def __init__(self) -> None:
        self.shared = Shared("control", ffi.sizeof("rfn_control_block"))
        self._memory: Any = ffi.from_buffer(self.shared.memory, require_writable=True)
        self._control_block: Any = ffi.cast("rfn_control_block *", self._memory)
        self._plan = b""

    def configure(self, config: DriverConfig) -> None:
        """Writes the plan, and counts from 0."""
        ffi.memmove(self._control_block, bytes(ffi.sizeof("rfn_control_block")), ffi.sizeof("rfn_control_block"))
        plan = self._control_block.plan
        plan.version = lib.RFN_PLAN_VERSION
        plan.crash, plan.signal = _crash(config.crash)
        plan.isolation = lib.RFN_FORKED if config.forked else lib.RFN_IN_PLACE
        for name in ("bypass", "crash_last", "every", "real", "plain", "trace", "vectors", "leaking", "unlike"):
            setattr(plan, name, int(getattr(config, name)))
        for name in ("executions", "seconds", "least", "patience", "after_leak"):
            setattr(plan, name, getattr(config, name))
        for name in ("step_limit", "canaries", "sources", "crashes", "image", "cores", "folder", "proof"):
            setattr(plan, name, getattr(config, name))
        plan.compares = int(config.compares)
        plan.lift = sum(_LIFTED[name] for name in config.lift)
        plan.no_dump_is_bug = int(NO_DUMP in config.oracles)
        plan.oracles = sum(1 << bit for name, bit in ORACLES.items() if name in config.oracles)
        plan.threshold = THRESHOLD_BITS
        plan.redactors = min(len(config.redactors), REDACTORS)
        for index, offset in enumerate(config.redactors[:REDACTORS]):
            plan.redactor[index] = offset
        if config.strike is not None:
            plan.strike_at = attrs.asdict(config.strike)
        self._plan = bytes(ffi.buffer(ffi.addressof(plan)))

    @property
    def intact(self) -> bool:
        """Whether the plan is still as ``configure`` and ``draw`` wrote it: False once the program wrote over it."""
        return bytes(ffi.buffer(ffi.addressof(self._control_block.plan))) == self._plan

    def draw(self, chance: int) -> None:
        """Which random numbers the next execution draws; 0: those of every other."""
        self._control_block.plan.chance = chance
        self._plan = bytes(ffi.buffer(ffi.addressof(self._control_block.plan)))

    def strikes(self, child: int, moment: int, *, rotates: bool = False) -> None:
        """Where the next execution strikes children of fork; ``child`` 0: as the driver chooses, see ``rfn_twins``."""
        twins = self._control_block.twins
        twins.asked.child, twins.asked.at, twins.rotates = child, moment, int(rotates)

    @property
    def loose(self) -> tuple[str, ...]:
        """What this kernel did not keep the driver from."""
        return tuple(what for bit, what in HELD.items() if not self._control_block.counters.held & bit)

    @property
    def moment(self) -> tuple[int, int]:
        """The child, and where, that was to be struck; else where one leaked that is not struck there in each."""
        twins = self._control_block.twins
        one = twins.asked if twins.asked.child else twins.leaked
        return (int(one.child), int(one.at)) if one.child else (0, 0)

    @property
    def beat(self) -> int:
        """Grows while the driver moves."""
        return int(self._control_block.counters.beat)

    @property
    def execution(self) -> int:
        """Number of the execution that runs, or was the last."""
        return int(self._control_block.counters.execution)

    @property
    def thread(self) -> int:
        """Number of the thread that runs."""
        return int(self._control_block.counters.thread)

    def counters(self, names: Sequence[str], seconds: float) -> Counters:
        """What was counted so far. ``names`` are those of the canaries, in order."""
        raw = self._control_block.counters
        bits = int(raw.counted)
        counted: Any = frozenset([name for index, name in enumerate(names) if bits >> index & 1])
        return Counters(
            executions=raw.executions,
            seconds=seconds,
            steps=raw.steps,
            switches=raw.switches,
            leaks=raw.leaks,
            bugs=raw.bugs,
            dumps=raw.dumps,
            dropped=raw.dropped,
            redactions=raw.redactions,
            struck=raw.struck,
            calls=raw.calls,
            counted=counted,
        )

    def close(self) -> None:
        """Gives its descriptor back."""
        self.shared.close()


def _crash(name: str) -> tuple[int, int]:
    """(rfn_crash_mode, signal)."""
    if name in CRASHES:
        return (int(lib.RFN_CRASH_KILL) if name == "kill" else int(lib.RFN_CRASH_NONE)), 0
    return int(lib.RFN_CRASH_SIGNAL), int(signal.Signals[name])
