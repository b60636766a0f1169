"""What one object holds: the values of a container, the exact text or bytes of a leaf.

A subclass of a builtin type is read with that type's own methods, and with its own where it has some: neither hides
what the other shows. Attributes that a container has beside its items are read too. Everything else is read by the
protocol that its class says it follows: what only looks like a mapping may hold more than its items.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import itertools
import logging
import os
from collections import UserDict, UserList, UserString, deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence, Set, ValuesView
from pathlib import Path
from types import MemberDescriptorType
from typing import Any, NamedTuple

import attrs

from redactfuzz.model.outcome import Unreadable
from redactfuzz.threads.restore.kinds import is_of_the_library

_OURS = __name__.partition(".")[0]
_ALL = slice(None)

_LEAVES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (bytes, lambda data: bytes.__getitem__(data, _ALL)),
    (bytearray, lambda data: bytes(bytearray.__getitem__(data, _ALL))),
    (int, int.__int__),
    (float, float.__float__),
)
_CONTAINERS: tuple[tuple[type, Callable[[Any], Iterable[Any]]], ...] = (
    (list, list.__iter__),
    (tuple, tuple.__iter__),
    (deque, deque.__iter__),
    (set, set.__iter__),
    (frozenset, frozenset.__iter__),
)
_HOLDERS = (UserDict, UserList)
"""Hold their items in ``data``."""


class Contents(NamedTuple):
    """Of a container; ``keys`` belong to ``values`` where it is ``keyed``."""

    values: Sequence[Any]
    keys: Sequence[Any] = ()
    keyed: bool = False
    beside: Sequence[tuple[str, Any]] = ()
    """Attributes of a container that has items of its own."""
    rendered: bool = False
    """The values are the texts of an object that is no container."""


def contents(data: Any, most: int) -> Any:
    """``Contents``, with one value more than ``most`` where there are more; else a plain value, ``Unreadable``, a path.

    Raises what the methods of the user's own classes raise.
    """
    kind = type(data)
    if kind is dict:
        return Contents([*data.values()], [*data], True)
    if kind is list or kind is tuple:
        return Contents([*data])
    for base, exact in _LEAVES:
        if issubclass(kind, base):
            return _text_or_path(data, exact(data)) if base is str and hasattr(kind, "__fspath__") else exact(data)
    if issubclass(kind, dict):
        beside = attributes(data, kind)
        if _is(kind, dict, "items", "keys", "__iter__", "__getitem__"):
            return Contents([*dict.values(data)], [*dict.keys(data)], True, beside)
        pairs = [*dict.items(data)]
        return _keyed([*pairs, *_others(_pairs(data, most), pairs)], beside)
    for base, items in _CONTAINERS:
        if issubclass(kind, base):
            values = [*items(data)]
            if not _is(kind, base, "__iter__", "__getitem__"):
                values += _others(itertools.islice(data, most + 1), values)
            return Contents(_in_order(values) if issubclass(base, Set) else values, beside=attributes(data, kind))
    return _by_protocol(data, kind, most)


def _text_or_path(data: Any, text: str) -> Any:
    """Some libraries make their paths of str: a file all the same."""
    path = Path(os.fspath(data))
    return Contents([text, path]) if path.is_file() else text


def _by_protocol(data: Any, kind: type, most: int) -> Any:
    if isinstance(data, os.PathLike):
        return data
    if isinstance(data, UserString | str):  # text, or what claims to be
        return str.__str__(str(data))
    with_buffer = _buffer(data)
    if with_buffer is not None:
        return with_buffer
    # What a view hides it does not show; those of the standard library are no views, but hold what they show.
    beside = [pair for pair in attributes(data, kind) if pair[0] != "data"] if isinstance(data, _HOLDERS) else []
    if isinstance(data, Mapping):
        return _keyed(_pairs(data, most), beside)
    if isinstance(data, Set):
        return Contents(_in_order([*itertools.islice(data, most + 1)]))
    if isinstance(data, Sequence | ValuesView):
        values = [*itertools.islice(data, most + 1)]
        names = getattr(data, "keys", tuple)  # of a row, whose columns have some
        return Contents([*values, *names()], beside=beside)
    names = () if kind.__module__.partition(".")[0] == _OURS else _fields(kind)
    if names:
        fields = [(name, getattr(data, name)) for name in names if hasattr(data, name)]
        return _keyed(fields, [pair for pair in attributes(data, kind) if pair[0] not in names])
    return _render(data, kind)


_SHOWN = frozenset({"datetime", "decimal", "fractions", "ipaddress", "uuid"})
"""Modules whose objects show in their text all that they hold."""


def _render(data: Any, kind: type) -> Any:
    """As ``json.dumps(default=repr)`` or ``default=str`` would write it, and the attributes that ``vars`` would show.

    An object that may hold more than these show, such as an XML element or one of C code, is refused.
    """
    if isinstance(data, io.StringIO | io.BytesIO):
        return data.getvalue()
    followed = _is_of_python(kind)
    if (not followed and kind.__module__ not in _SHOWN) or isinstance(data, Iterator | AsyncIterator):
        return Unreadable(f"JSON cannot hold a {kind.__name__}")
    texts = dict.fromkeys(str(text).replace(f"{id(data):x}", "...") for text in (repr(data), str(data)))
    return Contents([*texts], beside=attributes(data, kind) if followed else (), rendered=True)


def _is_of_python(kind: type) -> bool:
    """Whether attributes and text show all that is in such an object: each of its classes keeps it there."""
    if kind.__module__.partition(".")[0] == _OURS:
        return False
    if issubclass(kind, BaseException | logging.LogRecord):
        return True
    roots = [each for each in kind.__mro__ if each.__bases__ == (object,)]
    return not is_of_the_library(kind) and all({"__dict__", "__slots__"} & vars(root).keys() for root in roots)


def _is(kind: type, base: type, *methods: str) -> bool:
    """Whether ``kind`` has these methods from ``base``."""
    return kind is base or all(getattr(kind, name, None) is getattr(base, name, None) for name in methods)


def _others(own: Iterable[Any], known: Sequence[Any]) -> list[Any]:
    """What the methods of a subclass show beyond what its base type holds."""
    there = {_identity(each) for each in known}
    return [each for each in own if _identity(each) not in there]


def _identity(each: Any) -> tuple[int, ...]:
    return (id(each[0]), id(each[1])) if type(each) is tuple and len(each) == 2 else (id(each),)


def _pairs(data: Any, most: int) -> list[tuple[Any, Any]]:
    if hasattr(data, "items"):
        return [(key, value) for key, value in itertools.islice(data.items(), most + 1)]
    return [(key, data[key]) for key in itertools.islice(data.keys(), most + 1)]


def _keyed(pairs: Sequence[tuple[Any, Any]], beside: Sequence[tuple[str, Any]] = ()) -> Contents:
    return Contents([value for _, value in pairs], [key for key, _ in pairs], True, beside)


def attributes(data: Any, kind: type) -> list[tuple[str, Any]]:
    """Of an instance, by name, with those that are in slots."""
    own = getattr(data, "__dict__", None)
    found = [*own.items()] if type(own) is dict else []
    for each in kind.__mro__:
        for name, slot in vars(each).items():
            if type(slot) is MemberDescriptorType and each.__module__ != "builtins":
                with contextlib.suppress(AttributeError):  # nothing was put there
                    found.append((name, slot.__get__(data)))
    return found


def _in_order(values: list[Any]) -> list[Any]:
    """Of a set, whose own order follows from hashes."""
    kinds = set(map(type, values))
    return sorted(values) if len(kinds) == 1 and kinds <= {str, int, bytes} else values


def _buffer(data: Any) -> Any:
    """The bytes behind an object that lends its memory, and what they stand for where that is more than bytes."""
    try:
        view = memoryview(data)
    except (TypeError, ValueError, BufferError):
        return None
    with view:
        raw = view.tobytes()
        if view.itemsize == 1:
            return raw
        try:
            items = view.tolist()
        except NotImplementedError:
            items = _items(data)
    return Contents([raw, items])


def _items(data: Any) -> list[Any]:
    """None of a structure of ctypes, and none of a pointer, which as an iterator goes on for ever: it has no length."""
    if hasattr(data, "tolist"):
        return list(data.tolist())
    return list(data) if hasattr(type(data), "__len__") else []


def _fields(kind: type) -> tuple[str, ...]:
    """Of a class whose fields are declared."""
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    return tuple(field.name for field in attrs.fields(kind)) if attrs.has(kind) else ()
