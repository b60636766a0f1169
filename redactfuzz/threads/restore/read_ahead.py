"""File objects that read ahead: what they hold belongs to a process, and must agree with the position below them.

In a forked child it is copied, and does. Where executions follow one another in one process it is put back with the
position, if nothing had been read ahead before: then it is as good as empty. Else nobody can put it back.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import weakref
from collections.abc import Collection, Sequence
from typing import Any

import attrs

from redactfuzz.threads.restore.kinds import globals_of, loaded

_READERS = (io.TextIOWrapper, io.BufferedReader, io.BufferedRandom)
_UNKNOWN = -1
_State = tuple[int, int] | None
"""Position below, and of the object, if that can say; None where it is closed."""


@attrs.frozen(eq=False)
class Above:
    """One file object. It is asked by the methods of its base type: a subclass of the program's may do anything."""

    _object: weakref.ref[Any]
    _type: Any

    number: int
    """Its descriptor, by which a message calls it: its name may hold a secret."""

    def state(self) -> _State:
        """As it is now."""
        file: Any = self._object()
        try:
            below = os.lseek(file.fileno(), 0, os.SEEK_CUR)
            with contextlib.suppress(OSError):  # after next() text does not say where it is
                return below, self._type.tell(file)
            return below, _UNKNOWN
        except (OSError, ValueError, AttributeError):
            return None

    def put_back(self, was: _State) -> bool:
        """Whether that was possible; the position below is already."""
        file = self._object()
        if was is None or was[0] != was[1]:
            return False
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._type.seek(file, 0, os.SEEK_END)  # nothing is kept of what was read ahead
            self._type.seek(file, was[1])
            return True
        return False


_found: tuple[frozenset[int], Sequence[Above]] = (frozenset(), ())


def above(numbers: Collection[int]) -> Sequence[Above]:
    """The objects that read from these descriptors; they are looked for among all objects where there are any."""
    global _found
    asked = frozenset(numbers)
    if not asked:
        return ()
    if asked != _found[0]:
        made = [Above(weakref.ref(each), _type(each), _number(each)) for each in _readers() if _number(each) in asked]
        made.sort(key=lambda each: each._type is not io.TextIOWrapper)  # text is above bytes
        _found = asked, made
    return _found[1]


def _readers() -> Sequence[Any]:
    """Those of modules as well: what was frozen (``gc.freeze``) the collector does not name."""
    of_modules = [each for module in loaded().values() for each in list(globals_of(module).values())]
    there = {id(each): each for each in (*of_modules, *gc.get_objects()) if issubclass(type(each), _READERS)}
    for each in list(there.values()):
        with contextlib.suppress(Exception):  # it was detached, or is of anybody's making
            if issubclass(type(each.buffer), _READERS):
                there[id(each.buffer)] = each.buffer
    return list(there.values())


def _type(file: Any) -> Any:
    return next(each for each in _READERS if issubclass(type(file), each))


def _number(file: Any) -> int:
    try:
        return int(file.fileno()) if file.readable() else -1
    except Exception:  # it is closed, or of anybody's making
        return -1
