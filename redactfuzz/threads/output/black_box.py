"""What an execution has shown so far, where it outlives its process: the parent makes it beforehand.

Executions in a child of their own use one, and runs with plain threads. Notes are copied into shared memory in one step
that keeps the interpreter lock, so that they cost a run no switch.
"""

from __future__ import annotations

import mmap
import os
import pickle
import secrets
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from redactfuzz.model.outcome import Dump, Problem, ProblemKind
from redactfuzz.threads import _hooks
from redactfuzz.threads.output.streams import NAMES
from redactfuzz.threads.output.written import Turn, parts

SINK = "sink"
FILES = (*NAMES, SINK)
_ROOM = 64 << 20
"""Bytes of notes; memory is taken as they come. Of what has no room it is only kept that it is lost."""
_SPARE = 4096
"""Of them, for that."""
_MARK = 8
_STATE = struct.Struct("=QQQ")
"""At the beginning: number of the run that runs, and how many have come back and were hits."""
_HEAD = struct.Struct("=8sQQ")
"""Before each note: whose it is, the number of its run, and its size."""


@attrs.define
class Left:
    """What a run had shown when its process ended."""

    number: int
    kinds: dict[str, Any] = attrs.field(factory=dict)
    fields: dict[str, Any] = attrs.field(factory=dict)
    """Of its Outcome."""
    dumps: list[Dump] = attrs.field(factory=list)
    file_names: list[Dump] = attrs.field(factory=list)
    turns: list[Turn] = attrs.field(factory=list)
    allowed: frozenset[str] = frozenset()
    """In what was written after the last turn."""
    ignored: frozenset[str] = frozenset()
    folder: str = ""
    """Its own, which nobody has removed."""
    sunk: bool = False
    """Whether it had a sink."""
    lost: list[str] = attrs.field(factory=list)
    """Fields of which something could not be kept."""
    ended: bool = False
    """It had come to its end before its process did: what it wrote by then is among ``dumps``."""

    @property
    def problem(self) -> Problem | None:
        """What of it could not be kept, and may have held a secret."""
        if not self.lost:
            return None
        what = f"of what was shown before a process died not all could be kept ({', '.join(sorted(set(self.lost)))})"
        remedy = f"Keep what one execution dumps below {_ROOM >> 20} MB, and files that it dumps small."
        return Problem(ProblemKind.UNREADABLE, what, "", remedy)

    def all_dumps(self, files: Mapping[str, bytes]) -> list[Dump]:
        """The dumps that were handed over, and what it had written to ``files``."""
        kept = [*self.dumps, *self.file_names]
        if self.ended:
            return kept
        names = [name for name in files if name not in self.ignored and (name != SINK or self.sunk)]
        turns = [*self.turns, ({}, self.allowed)]
        return [*kept, *(part for name in names if files[name] for part in parts(name, files[name], turns))]


class BlackBox:
    """Of one process at a time. Its parent and its children of fork have it as well, and only it writes."""

    def __init__(self, files: Iterable[str] = FILES) -> None:
        """``files``: names of those that are kept for it. Raises OSError where there is no room."""
        self._notes = mmap.mmap(-1, _ROOM)
        self._notes.madvise(mmap.MADV_DONTDUMP)  # a copy of ours is in no core
        self._files = {name: os.memfd_create(f"redactfuzz-{name}") for name in files}
        self._mark = secrets.token_bytes(_MARK)
        self._writer = 0
        self._run = 0

    def file(self, name: str) -> int:
        """A new descriptor of one of its files."""
        return os.dup(self._files[name])

    def begin(self, number: int) -> None:
        """A run begins, in this process."""
        self._writer, self._run = os.getpid(), number
        self._notes.seek(_STATE.size)
        _STATE.pack_into(self._notes, 0, number, *self.counted)

    def end(self) -> None:
        """The run has come back: what it has shown is known."""
        _STATE.pack_into(self._notes, 0, 0, *self.counted)

    def count(self, runs: int, hits: int) -> None:
        """So many runs of this process have come to be known."""
        _STATE.pack_into(self._notes, 0, self.running, runs, hits)

    @property
    def counted(self) -> tuple[int, int]:
        """Runs and hits by now."""
        _, runs, hits = _STATE.unpack_from(self._notes)
        return runs, hits

    @property
    def running(self) -> int:
        """Number of the run that has begun and not come back; 0: none."""
        number: int = _STATE.unpack_from(self._notes)[0]
        return number

    def note(self, name: str, value: Any) -> None:
        """Keeps what belongs to the field ``name`` of what is left: an item of one that holds several, else all of it.

        Any thread may do so, also in the handler of a signal in the middle of it.
        """
        if os.getpid() != self._writer:
            return
        # Python code of classes has no scheduling points then; nor is anything of the standard library called here.
        try:
            text = _hooks.quietly(pickle.dumps, ((name, value),))
        except Exception:  # it is of anybody's making
            text = None
        if text is None or self._notes.tell() + _HEAD.size + len(text) > _ROOM - _SPARE:
            text = pickle.dumps(("lost", name))
        if self._notes.tell() + _HEAD.size + len(text) <= _ROOM:
            self._notes.write(_HEAD.pack(self._mark, self._run, len(text)) + text)

    def left(self) -> Left | None:
        """What the run had shown that did not come back."""
        number = self.running
        if not number:
            return None
        left = Left(number)
        for name, value in self._noted(number):
            before = getattr(left, name)
            if isinstance(before, list):
                before.append(value)
            elif isinstance(before, dict):
                before.update(value)
            else:
                setattr(left, name, value)
        return left

    def written(self) -> dict[str, bytes]:
        """What is in its files."""
        return {name: os.pread(file, os.fstat(file).st_size, 0) for name, file in self._files.items()}

    def _noted(self, number: int) -> Iterator[tuple[str, Any]]:
        at = _STATE.size
        while at + _HEAD.size <= _ROOM:
            mark, run, size = _HEAD.unpack_from(self._notes, at)
            if (mark, run) != (self._mark, number):  # what an earlier run left behind the last one
                return
            at += _HEAD.size
            try:
                note = pickle.loads(self._notes[at : at + size])
            except Exception:  # the process died while it was written: it was cut short
                yield "lost", "dumps"
                return
            yield note
            at += size

    def close(self) -> None:
        """Nobody needs it any more."""
        self._notes.close()
        for file in self._files.values():
            os.close(file)
