"""A digest of what an object is: two that behave otherwise have other ones, as far as can be looked into.

Nothing of a value is kept but a hash. It may be compared with that of a process which was forked from this one: what
cannot be looked into counts as its address.
"""

from __future__ import annotations

import abc
import random
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextvars import Context
from functools import partial
from operator import length_hint
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GeneratorType,
    MappingProxyType,
    MethodType,
    ModuleType,
)
from typing import Any

import attrs

from redactfuzz.model.outcome import Unreadable
from redactfuzz.threads.restore.contents import Contents, attributes, contents

_MOST = 100_000
"""Objects of one module that are looked at."""
_DEPTH = 8
_OURS = __name__.partition(".")[0] + "."
"""A method of ours is in a class of the library only while a scenario is explored: the hash of a thread (order.py)."""
_CONTAINERS = frozenset((list, tuple, dict, set, frozenset, bytearray, deque))
ATOMS = frozenset((str, bytes, int, float, complex, bool, type(None)))
_OF_CLASSES = (
    "__dict__ __weakref__ __doc__ __module__ __qualname__ __annotations__ __annotate__ __annotate_func__ "
    "__annotations_cache__ __slots__ __abstractmethods__ __firstlineno__ __static_attributes__ __type_params__ "
    "__slotnames__"
)
"""What the class statement itself puts there, or what is worked out at first use."""
_ASKED: dict[str, Callable[[Any], Any]] = {
    "locked": lambda lock: lock.locked(),
    "_is_owned": lambda lock: repr(lock).partition(" at ")[0],  # who holds an RLock, and how often
    "qsize": lambda queue: queue.qsize(),
    "hexdigest": lambda hash_: hash_.digest(),
    "getvalue": lambda stream: stream.getvalue(),
    "total_changes": lambda database: database.total_changes,
    "fileno": lambda file: file.closed if hasattr(file, "closed") else None,
}
"""What says how a thing of the interpreter is of which nothing can be read, by the method that such a thing has."""


def of_class(title: str, kind: type) -> Iterator[tuple[str, Any]]:
    """Its attributes, its bases, and those of classes in it, by name. Asks no value what it is: it may be a proxy."""
    yield f"{title}.__bases__", tuple(f"{base.__module__}.{base.__qualname__}" for base in kind.__bases__)
    if "_abc_impl" in vars(kind):
        registered = (each() for each in abc._get_dump(kind)[0])  # type: ignore[attr-defined]
        yield f"{title}.register", sorted(f"{each.__module__}.{each.__qualname__}" for each in registered if each)
    for name, inner in list(vars(kind).items()):
        if name in _OF_CLASSES.split() or (
            issubclass(type(inner), FunctionType) and inner.__module__.startswith(_OURS)
        ):
            continue
        if issubclass(type(inner), type) and inner.__qualname__.startswith(f"{kind.__qualname__}."):
            yield from of_class(f"{title}.{name}", inner)
        else:
            yield f"{title}.{name}", inner


@attrs.frozen
class Seen:
    """An object that was followed, at which depth, and what came of it. It is held, so that no other has its number."""

    value: Any
    depth: int
    digest: int


@attrs.define
class Digest:
    """Of the objects of one module; each is followed once, but where it is met nearer than before."""

    seen: dict[int, Seen]
    left: int = _MOST

    def of(self, value: Any) -> int:
        """That of a value."""
        return self._of(value, 0, {})

    def _of(self, value: Any, depth: int, above: dict[int, int]) -> int:
        kind = type(value)
        if kind in ATOMS:
            return hash((kind.__name__, value))
        self.left -= 1
        if id(value) in above:
            return hash(("above", depth - above[id(value)]))
        if self.left < 0 or depth == _DEPTH:
            return hash((kind.__qualname__, len(value) if kind in _CONTAINERS else 0))
        seen = self.seen.get(id(value))
        if seen is not None and seen.depth <= depth:
            return seen.digest
        above[id(value)] = depth
        try:
            digest = hash((kind.__qualname__, *self._parts(value, depth + 1, above)))
        except Exception:  # whatever the program's own classes raise: it cannot be looked into
            digest = hash((kind.__qualname__, *_place(value)))
        finally:
            del above[id(value)]
        self.seen[id(value)] = Seen(value, depth, digest)
        return digest

    def _parts(self, value: Any, depth: int, above: dict[int, int]) -> Iterator[int]:
        kind = type(value)
        if kind is list or kind is tuple or kind is dict:  # most of all objects
            for part in value if kind is not dict else (*value, *value.values()):
                yield self._of(part, depth, above)
            return
        if isinstance(value, ModuleType | random.Random):  # a module is looked at by itself; chance is ours
            return
        if (parts := _of_code(value)) is not None:
            for part in parts:
                yield self._of(part, depth, above)
            return
        if callable(info := getattr(kind, "cache_info", None)):  # functools.lru_cache
            yield hash((info(value).misses, info(value).currsize))
            return
        if kind.__module__ == "itertools":
            yield hash(repr(value))  # of those that count; of others it is where they lie
        if hasattr(kind, "__length_hint__") and kind.__module__ == "builtins":
            yield hash(length_hint(value, -1))
        if isinstance(value, OrderedDict):  # its order is its own
            yield self._of([*OrderedDict.__iter__(value)], depth, above)
        if "<locals>" in kind.__qualname__:
            for _, inner in of_class("", kind):
                yield self._of(inner, depth, above)
        inside = () if isinstance(value, MappingProxyType) else contents(value, self.left)
        if isinstance(inside, Contents):
            for part in (*inside.keys, *inside.values):
                yield self._of(part, depth, above)
        elif type(inside) in ATOMS:
            yield self._of(inside, depth, above)
        elif isinstance(inside, Unreadable) and _is_of_the_interpreter(kind):
            yield self._of(_told_by(value), depth, above)
        for name, part in sorted(attributes(value, kind), key=lambda pair: str(pair[0])):
            if name != "_cache" or kind.__module__ != "logging":  # of a logger: what follows from its level
                yield hash(name)
                yield self._of(part, depth, above)


def _of_code(value: Any) -> tuple[Any, ...] | None:
    """What makes up a function, a class, and what wraps them; None for all else."""
    if isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or () if cell != type(cell)()]
        return value.__qualname__, value.__code__, value.__defaults__, value.__kwdefaults__, vars(value), cells
    if isinstance(value, CodeType):
        inner = [each for each in value.co_consts if type(each) in ATOMS or isinstance(each, CodeType)]
        return value.co_filename, value.co_firstlineno, value.co_code, value.co_names, inner
    if isinstance(value, type):
        return value.__module__, value.__qualname__
    if isinstance(value, partial):
        return value.func, value.args, value.keywords, vars(value)
    if isinstance(value, MethodType):
        return value.__func__, value.__self__
    if isinstance(value, BuiltinFunctionType):
        return value.__qualname__, None if isinstance(value.__self__, ModuleType) else value.__self__
    if isinstance(value, staticmethod | classmethod):
        return (value.__func__,)
    if isinstance(value, property):
        return value.fget, value.fset, value.fdel
    if isinstance(value, Context):
        return tuple((variable.name, each) for variable, each in value.items())
    if isinstance(value, BaseException):
        return value.args, vars(value)
    if isinstance(value, GeneratorType):
        frame = value.gi_frame
        return () if frame is None else (frame.f_lasti, dict(frame.f_locals))
    return None


def _is_of_the_interpreter(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in sys.stdlib_module_names


def _told_by(value: Any) -> Any:
    """What an object of the interpreter's own classes says of itself; its address where it says nothing."""
    for method, ask in _ASKED.items():
        if hasattr(value, method):
            return ask(value)
    if hasattr(value, "__dict__"):
        return None  # its attributes say it
    try:
        parts = value.__reduce_ex__(2)  # as `copy` asks for it: nothing is run on
    except Exception:  # it cannot be copied
        return _place(value)
    return parts if isinstance(parts, str) else parts[1:]


def _place(value: Any) -> tuple[str, int]:
    """Of what cannot be looked into: another one there counts as a change."""
    return "is at", id(value)
