"""The Python face of the exploration core: one execution after the other, one choice after the other."""

from __future__ import annotations

import enum
import functools
import mmap
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.plan import Stage, StageReport
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule.sized import GRANULARITIES, sized

NO_THREAD = 0xFFFF
"""``current`` before the first choice of an execution."""

_RECORD = struct.Struct("=QQHHHBB")
"""An ``rf_record``, in one pass over the memory: a trace may have 200,000 of them."""
_DEVIATION = int(lib.RF_REC_DEVIATION)
_PREEMPTION = int(lib.RF_REC_PREEMPTION)
_KIND_SHIFT = int(lib.RF_REC_KIND_SHIFT)
_NONE = 2**32 - 1


class Act(enum.IntEnum):
    """What was chosen; see ``rf_action`` in ``choices/types.h``."""

    NOTHING = lib.RF_NOTHING
    STEP = lib.RF_STEP
    EXPIRE = lib.RF_EXPIRE
    FIRE = lib.RF_FIRE
    STOP = lib.RF_STOP


class State(enum.IntEnum):
    """The state of an execution; see ``rf_state`` in ``choices/types.h``."""

    RUNNING = lib.RF_RUNNING
    ALL_ENDED = lib.RF_ALL_ENDED
    DEADLOCK = lib.RF_DEADLOCK
    STEP_LIMIT = lib.RF_STEP_LIMIT
    DIVERGED = lib.RF_DIVERGED
    TOO_MANY = lib.RF_TOO_MANY


STATES = {int(state): state.name.lower().replace("_", " ") for state in State}
"""For a sentence, by number."""


@attrs.frozen
class Choice:
    """One choice: ``action`` of ``thread``. ``trigger`` is meant for FIRE only."""

    action: Act
    thread: int
    trigger: int
    preempts: bool


@attrs.frozen
class Record:
    """One recorded choice. Sites are 64-bit hashes; ``from_thread`` is the current thread before the choice."""

    action: Act
    thread: int
    site: int
    from_thread: int
    from_site: int
    trigger: int
    kind: int
    deviation: bool
    preemption: bool


@attrs.frozen
class RawDeviation:
    """When ``thread`` is current and is at ``site`` for the ``nth`` time (1-based), do ``action`` to ``target``."""

    thread: int
    site: int
    nth: int
    action: Act
    target: int
    trigger: int = 0


@attrs.frozen
class Status:
    """The status of the execution in progress, or of the last one."""

    execution: int
    trace_hash: int
    steps: int
    step: int
    preemptions: int
    switches: int
    stage: int
    granularity: Granularity
    state: State
    pending_deviations: int


class Engine:
    """Owns the block of one exploration.

    ``threads`` counts threads and crash triggers together (at most 65535), ``steps`` the choices of one execution,
    ``frontier`` the bytes for open schedules of all enumerating stages together, ``replay`` deviations of a replay.
    By default the block is anonymous shared memory, so that what a forked child does is seen here. A ``memory`` that
    is given must be zeroed and aligned to 64 bytes.

    Raises ``ValueError`` when a stage or a limit makes no sense.
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        seed: int,
        *,
        threads: int = 64,
        steps: int = 200_000,
        frontier: int = 64 << 20,
        replay: int = 4096,
        memory: memoryview | mmap.mmap | None = None,
    ) -> None:
        raw, limits, self.size = sized(stages, threads, steps, frontier, replay)
        self._made_with = raw, len(stages), limits
        self._memory = memory
        if self._memory is None:
            self._memory = mmap.mmap(-1, self.size)
            self._memory.madvise(mmap.MADV_DONTDUMP)  # tens of megabytes, none of them the program's
        self._buffer: Any = ffi.from_buffer(self._memory, require_writable=True)
        if len(self._buffer) < self.size:
            raise ValueError(f"exploration core: the memory holds {len(self._buffer)} bytes, {self.size} are needed.")
        if lib.rf_init(self._buffer, raw, len(stages), limits, seed & 0xFFFF_FFFF_FFFF_FFFF) != 0:
            raise ValueError("exploration core: the memory is not aligned to 64 bytes. Use an mmap.")
        self._core: Any = ffi.cast("rf_core *", self._buffer)
        self._event: Any = ffi.new("rf_event *")
        self._met: set[int] = set()
        self._count: Any = ffi.new("uint32_t *")
        self.stages = tuple(stages)

    @property
    def address(self) -> int:
        """The ``rf_core *``, for code in C that works on the same block."""
        return int(ffi.cast("uintptr_t", self._core))

    @property
    def intact(self) -> bool:
        """Whether the block can be followed: False where another process that shares it wrote over its layout."""
        return bool(lib.rf_intact(self._core, *self._made_with))

    def begin(self) -> bool:
        """Start the next execution; False when every stage is exhausted or has met its limit."""
        return bool(lib.rf_begin(self._core))

    def pend(
        self,
        thread: int,
        *,
        site: int = 0,
        kind: int = 0,
        object: int = 0,
        offset: int = 0,
        flags: int = 0,
        deadline: int = 0,
    ) -> None:
        """Announce that ``thread`` is enabled and will do this next. A trigger's kind is CRASH."""
        lib.rf_pend(self._core, thread, self._fill(site, kind, object, offset, flags, deadline))

    def block(
        self,
        thread: int,
        *,
        site: int = 0,
        kind: int = 0,
        object: int = 0,
        offset: int = 0,
        flags: int = 0,
        deadline: int = 0,
    ) -> None:
        """Announce that ``thread`` cannot go on until it is pended again. With TIMED it may expire."""
        lib.rf_block(self._core, thread, object, self._fill(site, kind, object, offset, flags, deadline))

    def step(
        self,
        thread: int,
        *,
        site: int = 0,
        kind: int = 0,
        object: int = 0,
        offset: int = 0,
        flags: int = 0,
        deadline: int = 0,
    ) -> Choice:
        """``pend`` followed by ``choose`` for the thread that just ran."""
        return _choice(lib.rf_step(self._core, thread, self._fill(site, kind, object, offset, flags, deadline)))

    def choose(self) -> Choice:
        """What happens next. NOTHING: nobody can go on; STOP: see ``status.state``."""
        return _choice(lib.rf_choose(self._core))

    def touch(
        self,
        thread: int,
        *,
        site: int = 0,
        kind: int = 0,
        object: int = 0,
        offset: int = 0,
        size: int = 0,
        flags: int = 0,
        room: int = 0,
    ) -> None:
        """Report what the step really did; ``room`` is an ``rf_room`` of ``choices/event.h``."""
        event = self._fill(site, kind, object, offset, flags, 0)
        event.size, event.room = size, room
        lib.rf_touch(self._core, thread, event)
        event.size = event.room = 0

    def end(self, outcome: int = 0) -> None:
        """End the execution, at any point."""
        lib.rf_end(self._core, outcome)

    @property
    def status(self) -> Status:
        """The status of the execution in progress, or of the last one.

        What a reduction explores after the death of the process is in none of its counts, and no replay does it.
        """
        raw = lib.rf_get_status(self._core)
        until = lib.rf_death(self._core) or raw
        return Status(
            execution=raw.execution,
            trace_hash=until.trace_hash,
            steps=until.steps,
            step=raw.step,
            preemptions=until.preemptions,
            switches=until.switches,
            stage=raw.stage,
            granularity=GRANULARITIES[raw.granularity],
            state=State(raw.state),
            pending_deviations=raw.pending_deviations,
        )

    @property
    def granularity(self) -> Granularity:
        """That of the execution in progress: ``status`` without the rest, for once an execution."""
        index: int = lib.rf_get_status(self._core).granularity
        return GRANULARITIES[index]

    @property
    def profiles(self) -> bool:
        """Whether the execution in progress is to mark where the secret moves."""
        return bool(lib.rf_get_status(self._core).profiles)

    def trace(self) -> list[Record]:
        """Every choice of the execution so far."""
        return [_record(raw) for raw in self._raw_trace()]

    def comes_to_new(self) -> bool:
        """Whether the execution came to a place where none was before of which this was asked."""
        records = lib.rf_trace(self._core, self._count)
        words = memoryview(ffi.buffer(records, self._count[0] * _RECORD.size)).cast("Q")
        sites = words[:: _RECORD.size // words.itemsize]  # the first field of each
        if self._met.issuperset(sites):
            return False
        self._met.update(sites)
        return True

    def deviations(self) -> list[RawDeviation]:
        """What of the trace deviates from the default order, as ``replay`` takes it."""
        passed: Counter[tuple[int, int]] = Counter()
        found = []
        for _, from_site, from_thread, thread, trigger, action, flags in self._raw_trace():
            key = (from_thread, from_site)
            passed[key] += 1
            if flags & _DEVIATION:
                found.append(RawDeviation(*key, passed[key], Act(action), thread, trigger))
        return found

    def _raw_trace(self) -> Iterator[tuple[int, ...]]:
        records = lib.rf_trace(self._core, self._count)
        return _RECORD.iter_unpack(ffi.buffer(records, self._count[0] * _RECORD.size))

    def replay(self, deviations: Sequence[RawDeviation]) -> None:
        """Set what the REPLAY stages run. Raises ``ValueError`` when there are more than the block has room for."""
        raw = ffi.new("rf_deviation[]", [attrs.asdict(deviation) for deviation in deviations])
        if lib.rf_replay(self._core, raw, len(deviations)) != 0:
            raise ValueError(f"exploration core: no room for {len(deviations)} deviations; raise `replay` (Engine).")

    def report(self, stage: int) -> StageReport:
        """What stage number ``stage`` has done."""
        raw = lib.rf_report(self._core, stage)
        return StageReport(
            raw.executions,
            raw.estimate,
            bool(raw.exhausted),
            bool(raw.truncated),
            bool(raw.cut),
            raw.preempted,
            repeated=raw.repeated,
            known=raw.known,
            same=raw.same,
        )

    def displaced(self) -> tuple[frozenset[int], frozenset[int]]:
        """Numbers of threads that could be displaced in the executions so far, and of those that were."""
        return self._displaced(done=False), self._displaced(done=True)

    def _displaced(self, *, done: bool) -> frozenset[int]:
        found, thread = [], -1
        while (thread := lib.rf_displaced(self._core, done, thread + 1)) != _NONE:
            found.append(thread)
        return frozenset(found)

    def _fill(self, site: int, kind: int, obj: int, offset: int, flags: int, deadline: int) -> Any:
        event = self._event
        event.site = site
        event.kind = kind
        event.object = obj
        event.offset = offset
        event.flags = flags
        event.deadline = deadline
        return event


def size_of(stages: Sequence[Stage], *, threads: int, steps: int, frontier: int, replay: int) -> int:
    """Bytes of the block that an Engine of these stages and limits works in. Raises ``ValueError`` as it does."""
    return sized(stages, threads, steps, frontier, replay)[2]


def _choice(raw: Any) -> Choice:
    return Choice(Act(raw.action), raw.thread, raw.trigger, bool(raw.preempts))


@functools.lru_cache(maxsize=4096)  # a loop makes the same choice some 100,000 times
def _record(raw: tuple[int, ...]) -> Record:
    site, from_site, from_thread, thread, trigger, action, flags = raw
    return Record(
        action=Act(action),
        thread=thread,
        site=site,
        from_thread=from_thread,
        from_site=from_site,
        trigger=trigger,
        kind=flags >> _KIND_SHIFT,
        deviation=bool(flags & _DEVIATION),
        preemption=bool(flags & _PREEMPTION),
    )
