"""Which code gave up the interpreter lock in the middle of a call, and what a second look at that call may show.

The C part sees the release itself (release.c), too late to say what the call was handed: its arguments may be gone by
then. So the place is remembered, and when it is met again the arguments are looked at before the call begins.
"""

from __future__ import annotations

import enum
import gc
import itertools
from collections import deque
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import BuiltinFunctionType, FrameType, MethodDescriptorType
from typing import Any

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.outcome import Problem, ProblemKind
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain import opaque, operands
from redactfuzz.threads.explain.masking import holds_canary
from redactfuzz.threads.restore.memory import cannot_change

_LOOKED_AT = 256
"""Objects that are looked at behind one argument."""
_TRANSFORMING = ("zlib", "_bz2", "_lzma", "_zstd")
_FOREIGN = ("_ctypes", "_cffi_backend")
_HELD: tuple[type, ...] = (
    *(list, tuple, dict, set, frozenset, deque, map, filter, zip, enumerate, reversed),
    *(kind for kind in vars(itertools).values() if isinstance(kind, type)),
    *(type(iter(kind())) for kind in (list, tuple, dict, set, deque)),
)
"""Containers and iterators of C code."""
_REMEDY = "Wipe or copy with Python code or a builtin that keeps the lock, or hand over bytes, which nobody can change."
_CHANGING = tuple(kind for kind in _HELD if kind not in (tuple, frozenset))


class Does(enum.StrEnum):
    """What code does with the lock given up, as far as it follows from whose it is."""

    READS = "reads"
    """The interpreter and its library: they read what they are handed, or write into a buffer of the caller's."""
    TRANSFORMS = "makes other data of it"
    WRITES = "may write any memory"
    """A foreign function, or a module that is not the interpreter's."""


_sites: dict[int, Does] = {}
"""At which C code has given up the lock, in this process."""


def sites() -> Mapping[int, Does]:
    """The places that are known by now."""
    return _sites


def learn(found: Mapping[int, Does]) -> None:
    """Adds places, as one process found them for another."""
    if found.keys() - _sites.keys():
        _sites.update(found)
        _hooks.set_releasing_sites(tuple(_sites))


@lru_cache(256)
def whose(file: str) -> tuple[str, Does]:
    """The name of the code in an object, and what it does. An empty name is the interpreter's."""
    if not file:
        return "the interpreter", Does.READS
    name = Path(file).name.partition(".")[0]
    if name in _TRANSFORMING:
        return name, Does.TRANSFORMS
    ours = Path(file).parent.name == "lib-dynload" and name not in _FOREIGN
    return name, Does.READS if ours else Does.WRITES


def seen(
    thread: str, frame: FrameType, file: str | None, redacting: bool, site: int, canaries: Mapping[str, Canary]
) -> Problem:
    """What a release means that was just seen, and remembers its place.

    ``file``: the object that the code lies in. None: it came before the instruction at which ``frame`` is now, and
    nobody knows whose it was.
    """
    name, does = whose(file or "")
    # In the middle of an instruction the stack may hold what is gone already; here the next one has not begun.
    if file is None and (inner := _other_data(operands.waiting(frame))) is not None:
        name, does = opaque.name_of(inner), Does.TRANSFORMS
    if site:
        learn({site: does})
    code = frame.f_code
    what = f"{name}, at {Path(code.co_filename).name}:{frame.f_lineno} in {code.co_qualname}"
    if redacting and does is not Does.READS:
        return _unseen(f"{what}, is called by the redactor", thread)
    if does is not Does.READS and _holds(operands.of_operator(frame), does, canaries):
        return _unseen(f"{what}, was handed a canary", thread)
    return Problem(ProblemKind.OPAQUE, what, thread, fatal=False)


def _unseen(what: str, thread: str) -> Problem:
    return Problem(
        ProblemKind.OPAQUE_CANARY,
        f"{what} and gives up the interpreter lock: other threads can run in the middle of it, unseen",
        thread,
        _REMEDY,
    )


@attrs.frozen(eq=False)
class Call:
    """A call of C code that is about to begin."""

    callee: Any
    first: Any
    """``self`` of a method."""
    arguments: tuple[Any, ...] | None
    """The others; None where they are not known."""
    redacting: bool
    """The redactor makes it."""
    canaries: Mapping[str, Canary]
    """That it must not be handed. Empty where the redactor is bypassed: what it masks else says nothing of the call."""

    def known(self, thread: str) -> Problem | None:
        """What it means that a callable of the lists in `opaque` is called. None: with these arguments it is atomic."""
        callee = self.callee
        if opaque.keeps_lock(callee, self.arguments):
            return None
        handed: tuple[Any, ...] = (self.first, *(() if opaque.fills(callee) else self.arguments or ()))
        if not opaque.is_foreign(callee):
            # It reads what it is given, and what nobody can change is the same all the while.
            handed = tuple(each for each in handed if not cannot_change(each))
        name = opaque.name_of(callee)
        if self.redacting and (opaque.is_foreign(callee) or opaque.transforms(callee)):
            return _unseen(f"{name} is called by the redactor", thread)
        if any(holds_canary(each, self.canaries) for each in handed):
            return _unseen(f"{name} was handed a canary", thread)
        return Problem(ProblemKind.OPAQUE, name, thread, fatal=False)

    def again(self, thread: str, site: int) -> Problem | None:
        """What it means that a call is made where one gave up the lock before."""
        owner = getattr(self.callee, "__self__", None)
        handed = (self.callee, owner, self.first, *(self.arguments or ()))
        does, name = _sites[site], opaque.name_of(self.callee)
        if does is Does.READS and (inner := _other_data(handed)) is not None:
            does, name = Does.TRANSFORMS, opaque.name_of(inner)
            if self.redacting:
                return _unseen(f"{name} is called by the redactor", thread)
        if _holds(handed, does, self.canaries):
            return _unseen(f"{name} was handed a canary", thread)
        return None


def _other_data(values: tuple[Any, ...]) -> Any:
    """What makes other data of data, behind ``values``; None where nothing does.

    Of an interpreter that has its modules built in, the object that code lies in does not say whose it is.
    """
    functions = (BuiltinFunctionType, MethodDescriptorType)
    reached = _reachable(values, Does.WRITES)
    return next((each for each in reached if isinstance(each, functions) and opaque.transforms(each)), None)


def _holds(values: tuple[Any, ...], does: Does, canaries: Mapping[str, Canary]) -> bool:
    return any(holds_canary(each, canaries) for each in _reachable(values, does))


def _reachable(values: tuple[Any, ...], does: Does) -> Iterator[Any]:
    """What code that is handed ``values`` can reach, through containers and iterators of C code.

    Where it does not write, what nobody can change is left out; where it makes other data, only if nobody can put
    something else in its place between two calls of one `map`.
    """
    left: deque[tuple[Any, bool]] = deque((value, True) for value in values)
    known: set[tuple[int, bool]] = set()
    while left and len(known) < _LOOKED_AT:
        value, stays = left.popleft()
        if (id(value), stays) in known:
            continue
        known.add((id(value), stays))
        if isinstance(value, _HELD) or type(value).__name__ == "partial":
            stays = stays and not isinstance(value, _CHANGING)
            left.extend((each, stays) for each in gc.get_referents(value) if not isinstance(each, type))
        elif not _harmless(value, does, stays):
            yield value


def _harmless(value: Any, does: Does, stays: bool) -> bool:
    if does is Does.READS:
        return isinstance(value, int) or cannot_change(value)
    return does is Does.TRANSFORMS and stays and cannot_change(value)
