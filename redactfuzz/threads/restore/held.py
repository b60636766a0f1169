"""What one object is made of, as the digest follows it: nothing of the program runs where it is read.

``contents`` asks the program's own methods, which is right for a dump that the program hands over. Here they would run
at moments that the program does not know, and may wait for a lock that is held: a class of the program is what its
attributes and its base types hold.
"""

from __future__ import annotations

import gc
import io
import itertools
import logging
import random
import re
import warnings
import weakref
from _socket import socket
from _thread import _local
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import Context
from functools import lru_cache, partial
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GeneratorType,
    MappingProxyType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import attrs

from redactfuzz.threads.restore.kinds import (
    IN_C,
    Kind,
    found,
    is_of_the_library,
    is_plain,
    module_of,
    names_of,
)

_ALL = slice(None)
_CACHE = type(lru_cache(len))
_VIEWS: tuple[type, ...] = (MappingProxyType, type({}.keys()), type({}.values()), type({}.items()))


@attrs.frozen(eq=False)
class Unordered:
    """Parts whose order says nothing."""

    parts: Sequence[Any]


def _of_dict(value: Any) -> Iterable[Any]:
    return (*dict.keys(value), *dict.values(value))


def _of_ordered(value: Any) -> Iterable[Any]:  # the order is its own
    return (*OrderedDict.__iter__(value), *dict.keys(value), *dict.values(value))


def _of_cache(value: Any) -> Iterable[Any]:
    info = names_of(_CACHE)["cache_info"](value)
    return info.misses, info.currsize, Unordered([each for each in gc.get_referents(value) if not _is_its_own(each)])


def _is_its_own(each: Any) -> bool:
    """Whether the cache itself made it: its classes, and the table of its entries, which are listed beside it."""
    if type(each) is dict and each:
        each = type(next(iter(each.values())))
    return type(each) is type and module_of(each) == "functools"


def _of_code(value: Any) -> Iterable[Any]:
    inner = [each for each in value.co_consts if is_plain(each) or type(each) in (CodeType, tuple, frozenset)]
    return value.co_filename, value.co_firstlineno, value.co_code, value.co_names, inner


def _of_function(value: Any) -> Iterable[Any]:
    cells = [cell.cell_contents for cell in value.__closure__ or () if cell != type(cell)()]
    return value.__qualname__, value.__code__, value.__defaults__, value.__kwdefaults__, cells


def _of_builtin(value: Any) -> Iterable[Any]:
    return value.__name__, None if issubclass(type(value.__self__), ModuleType) else value.__self__


def _of_generator(value: Any) -> Iterable[Any]:
    frame = value.gi_frame
    return () if frame is None else (frame.f_lasti, dict(frame.f_locals))


def _of_iterator(value: Any, native: type, nothing: tuple[Any, ...]) -> Iterable[Any]:
    """A step is seen in the number that it counts; what it goes through is followed."""
    inside = [each for each in gc.get_referents(value) if type(each) is not type]
    if native is itertools.count and all(map(is_plain, inside)):
        return (itertools.count.__repr__(value),)
    with warnings.catch_warnings():  # Python 3.12 and 3.13 warn that nobody will copy them any more
        warnings.simplefilter("ignore", DeprecationWarning)
        return (*inside, *_told_by(value, native, nothing))


def _of_local(value: Any) -> Iterable[Any]:
    """What each thread that is alive keeps there. To ask for one's own may run ``__init__`` of the program."""
    tables = [each for each in gc.get_referents(value) if type(each) is dict]
    return [own for table in tables for own in dict.values(table) if type(own) is dict]


def _fields(base: type, *names: str) -> Callable[[Any], Iterable[Any]]:
    readers = [names_of(base)[name] for name in names]
    return lambda value: [reader.__get__(value) for reader in readers]


_READ: tuple[tuple[type, Callable[[Any], Iterable[Any]]], ...] = (
    (str, lambda value: (str.__str__(value),)),
    (OrderedDict, _of_ordered),
    (dict, _of_dict),
    (list, list.__iter__),
    (tuple, tuple.__iter__),
    (set, lambda value: (Unordered([*set.__iter__(value)]),)),
    (frozenset, lambda value: (Unordered([*frozenset.__iter__(value)]),)),
    (deque, deque.__iter__),
    (int, lambda value: (int.__int__(value),)),
    (float, lambda value: (float.__float__(value),)),
    (complex, lambda value: (complex.__repr__(value),)),
    (bytes, lambda value: (bytes.__getitem__(value, _ALL),)),
    (bytearray, lambda value: (bytes(bytearray.__getitem__(value, _ALL)),)),
    (_CACHE, _of_cache),
    (FunctionType, _of_function),
    (CodeType, _of_code),
    (MethodType, lambda value: (value.__func__, value.__self__)),
    (BuiltinFunctionType, _of_builtin),
    (staticmethod, _fields(staticmethod, "__func__")),
    (classmethod, _fields(classmethod, "__func__")),
    (property, _fields(property, "fget", "fset", "fdel")),
    (Context, lambda value: [(variable.name, each) for variable, each in value.items()]),
    (BaseException, _fields(BaseException, "args")),
    (GeneratorType, _of_generator),
    (_local, _of_local),
    (random.Random, lambda value: ()),  # chance is ours
    *((view, lambda value: [each for each in gc.get_referents(value) if _is_table(each)]) for view in _VIEWS),
)
"""By base type, with its own methods: those of a subclass are the program's."""


def _is_table(each: Any) -> bool:
    """Not the names of a class, which is looked at by itself."""
    return not (type(each) is dict and "__module__" in each)


def reader(kind: type) -> Callable[[Any], Iterable[Any]] | None:
    """The way to read objects of a class whose base type is known."""
    return next((read for base, read in _READ if issubclass(kind, base)), None)


def held(value: Any, kind: Kind) -> Iterator[Any]:
    """What it holds: names and other plain values as they are, and objects to be followed."""
    pairs = kind.attributes(value)
    if kind.read is not None:
        yield from kind.read(value)
    elif kind.native is not None:  # of C alone: a class of the program is what its attributes say
        yield from _of_native(value, kind.native, () if pairs else _place(value))
    if issubclass(type(value), logging.Logger):  # what follows from its level
        pairs = [pair for pair in pairs if pair[0] != "_cache"]
    for name, part in sorted(pairs, key=_named):
        yield name
        yield part


def _named(pair: tuple[Any, Any]) -> str:
    return pair[0] if type(pair[0]) is str else ""


def _of_native(value: Any, native: type, nothing: tuple[Any, ...]) -> Iterable[Any]:
    buffer = _buffer(value, type(value))
    if buffer is not None:
        return buffer
    return (_of_iterator if module_of(native) == "itertools" else _told_by)(value, native, nothing)


def _buffer(value: Any, kind: type) -> tuple[Any, ...] | None:
    """The bytes behind an object that lends its memory, and the objects that they are addresses of."""
    lends = found(kind, "__buffer__")
    if lends is not None and type(lends) is not WrapperDescriptorType:  # a method of the program
        return None
    try:
        view = memoryview(value)
    except (TypeError, ValueError, BufferError):
        return None
    with view:
        items = found(kind, "tolist") if view.format == "O" else None
        return (view.tobytes(), *([items(value)] if type(items) is MethodDescriptorType else ()))


Read = Callable[[str], Any]
_ASKED: dict[str, Callable[[Read, type], Any]] = {
    "_is_owned": lambda read, _: read("__repr__")().partition(" at ")[0],  # who holds an RLock, and how often
    "locked": lambda read, _: read("locked")(),
    "qsize": lambda read, _: read("qsize")(),
    "hexdigest": lambda read, _: read("digest")(),
    "getvalue": lambda read, _: None if read("closed") else read("getvalue")(),  # of a stream in memory
    "total_changes": lambda read, _: read("total_changes"),
    "as_tuple": lambda read, _: read("as_tuple")(),
    "_get_value": lambda read, _: read("_get_value")(),  # of a semaphore
    "_state": lambda read, _: (read("_state"), read("_result"), read("_exception")),  # of a future
    "fileno": lambda read, of: _is_closed(read, of),
    "isoformat": lambda read, _: read("__reduce__")()[1:],  # of a date
    "total_seconds": lambda read, _: read("__reduce__")()[1:],
}
"""What says how a thing of the interpreter is of which nothing can be read, by the method that such a thing has.

None of these waits, and none calls what the program may have put into the object.
"""
_SHOWN = (re.Pattern, re.Match, partial)
"""What is in C there says no more than the attributes."""

_STAND_FOR: tuple[Any, ...] = (weakref.ref, *weakref.ProxyTypes, super)
"""Hand on what they are asked to an object of the program."""


def _is_closed(read: Read, of: type) -> bool | None:
    """Others ask what they were made of, which may be an object of the program, and is an attribute."""
    if of is socket:
        return bool(read("fileno")() < 0)
    return read("closed") if issubclass(of, io.FileIO) or module_of(of) == "select" else None


def _told_by(value: Any, native: type, nothing: tuple[Any, ...]) -> Iterable[Any]:
    """What an object says of itself by methods in C of the interpreter; ``nothing`` where it says nothing."""
    if not is_of_the_library(native) or issubclass(native, _STAND_FOR):
        return nothing
    if issubclass(native, _SHOWN):
        return ()
    try:
        for method, ask in _ASKED.items():
            if type(found(native, method)) in IN_C:
                return (ask(lambda name: found(native, name).__get__(value), native),)
        if native is type(value):  # as `copy` asks for it: nothing is run on
            parts = found(native, "__reduce_ex__").__get__(value)(2)
            return (parts if type(parts) is str else parts[1:],)
    except Exception:  # it is closed, or cannot be copied
        return nothing
    return nothing


def _place(value: Any) -> tuple[str, int]:
    """Of what cannot be looked into: another one there counts as a change."""
    return "is at", id(value)
