"""A digest of what an object is: two that behave otherwise have other ones, as far as can be looked into.

Nothing of a value is kept but a hash. It may be compared with that of a process which was forked from this one: what
cannot be looked into counts as its address.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import attrs

from redactfuzz.threads.restore.held import Unordered, held, reader
from redactfuzz.threads.restore.kinds import (
    Kind,
    bases_of,
    found,
    globals_of,
    home,
    is_apart,
    is_plain,
    kind_of,
    loaded,
    module_of,
    names_of,
    qualname_of,
)

_MOST = 100_000
"""Objects of one module that are looked at."""
_DEPTH = 40
"""Beyond it what an object holds is looked at without its structure: Python's own stack ends not far below."""
_OURS = __name__.partition(".")[0] + "."
"""A method of ours is in a class of the library only while a scenario is explored: the hash of a thread (order.py)."""
OF_MODULES = frozenset(
    (
        *("__name__", "__doc__", "__package__", "__loader__", "__spec__"),
        *("__file__", "__cached__", "__builtins__", "__path__"),
    )
)
_OF_CLASSES = frozenset(
    (
        *("__dict__", "__weakref__", "__doc__", "__module__", "__qualname__", "__annotations__", "__annotate__"),
        *("__annotate_func__", "__annotations_cache__", "__slots__", "__abstractmethods__", "__firstlineno__"),
        *("__static_attributes__", "__type_params__", "__slotnames__"),
    )
)
"""What the class statement itself puts there, or what is worked out at first use."""
_END = object()


def of_class(title: str, kind: type) -> Iterator[tuple[str, Any]]:
    """Its attributes, its bases, and those of classes in it, by name. Asks no value what it is: it may be a proxy."""
    yield f"{title}.__bases__", tuple(map(_name, bases_of(kind)))
    names = list(names_of(kind).items())
    if "_abc_impl" in names_of(kind) and found(type(kind), "__getattribute__") is names_of(type)["__getattribute__"]:
        registered = (each() for each in abc._get_dump(kind)[0])  # type: ignore[attr-defined]
        yield f"{title}.register", sorted(_name(each) for each in registered if each is not None)
    for name, inner in names:
        if name in _OF_CLASSES or (type(inner) is FunctionType and (home(inner) or "").startswith(_OURS)):
            continue
        if issubclass(type(inner), type) and qualname_of(inner).startswith(f"{qualname_of(kind)}."):
            yield from of_class(f"{title}.{name}", inner)
        else:
            yield f"{title}.{name}", inner


def _name(kind: type) -> str:
    return f"{module_of(kind)}.{qualname_of(kind)}"


@attrs.frozen
class Known:
    """What was found out while all modules were looked at once."""

    seen: dict[int, tuple[Any, int]] = attrs.field(factory=dict)
    """Each object that was followed, by its number, and what came of it. It is held, so that no other has that."""
    kinds: dict[int, Kind] = attrs.field(factory=dict)
    """By the number of the class."""
    modules: frozenset[int] = attrs.field(factory=lambda: frozenset(map(id, map(globals_of, loaded().values()))))
    """The globals of modules that are looked at by themselves, by their number."""
    others: set[int] = attrs.field(factory=set)
    """Those of modules that are not in ``sys.modules``, and were met."""
    led_to: set[str] = attrs.field(factory=set)
    """Names of modules to which functions, classes and objects led that were met."""
    bare: dict[int, int] = attrs.field(factory=dict)
    """Objects that hold nothing, so that all they say is which one it is: by their number, how many were met before."""


@attrs.define
class Digest:
    """Of the objects of one module; each is followed once."""

    known: Known
    left: int = _MOST
    _above: dict[int, int] = attrs.field(factory=dict)

    def of(self, value: Any) -> int:
        """That of a value."""
        return _of_plain(value) if is_plain(value) else self._of(value)

    def _of(self, value: Any) -> int:
        number, depth = id(value), len(self._above)
        if (seen := self.known.seen.get(number)) is not None:
            return seen[1]
        if number in self._above:
            return hash(("above", depth - self._above[number]))
        if depth == _DEPTH:
            return self._below(value)
        self.left -= 1
        if self.left < 0:
            return 0
        self._above[number] = depth
        try:
            parts = tuple(map(self._of_part, self._parts(value)))
            digest = hash((self._kind(value).name, parts or self._which(value)))
        except Exception:  # it changes while it is looked at, or goes deeper than the stack of the program allows
            digest = hash((self._kind(value).name, number))
        finally:
            del self._above[number]
        self.known.seen[number] = value, digest
        return digest

    def _which(self, value: Any) -> int:
        """Which of the objects that hold nothing it is: two of one class may stand for "not set" and for "set"."""
        kind, bare = self._kind(value), self.known.bare
        return -1 if kind.read is not None or kind.native is not None else bare.setdefault(id(value), len(bare))

    def _of_part(self, part: Any) -> int:
        if type(part) is str or is_plain(part):  # most parts are texts: a part of a second for each campaign
            return _of_plain(part)
        if type(part) is Unordered:
            return hash(tuple(sorted(map(self._of_part, part.parts))))
        return self._of(part)

    def _below(self, value: Any) -> int:
        """Of all that it holds, however deep: each object once, as part of the one by which it was met first."""
        said: list[Any] = []
        waiting = [iter((value,))]
        while waiting and self.left >= 0:
            part = next(waiting[-1], _END)
            if part is _END:
                waiting.pop()
            elif is_plain(part):
                said.append(_of_plain(part))
            elif type(part) is Unordered:
                waiting.append(iter(part.parts))
            elif id(part) in self._above:
                said.append("above")
            elif (seen := self.known.seen.get(id(part))) is not None:
                said.append(seen[1])
            else:
                self.left -= 1
                self.known.seen[id(part)] = part, 0
                said.append(self._kind(part).name)
                waiting.append(iter(self._listed(part)))
        return hash(tuple(said))

    def _listed(self, value: Any) -> list[Any]:
        try:
            return list(self._parts(value))
        except Exception:  # as above
            return [id(value)]

    def _kind(self, value: Any) -> Kind:
        kind = type(value)
        if (known := self.known.kinds.get(id(kind))) is None:
            known = self.known.kinds[id(kind)] = kind_of(kind, reader(kind))
            self.known.led_to.add(module_of(kind))
        return known

    def _parts(self, value: Any) -> Iterator[Any]:
        of = type(value)
        if of is list or of is tuple:  # most of all objects
            return iter(value)
        if of is dict:
            return iter((*value, *value.values())) if id(value) not in self.known.others else _of_globals(value)
        return self._of_others(value)

    def _of_others(self, value: Any) -> Iterator[Any]:
        of = type(value)
        kind = self._kind(value)
        if kind.is_apart:
            yield of
        if issubclass(of, type):
            yield _name(value)
            self.known.led_to.add(module_of(value))
            if is_apart(value):
                for _, pair in sorted(enumerate(of_class("", value)), key=lambda each: (each[1][0], each[0])):
                    yield from pair
            return
        if issubclass(of, ModuleType):
            yield from self._unless_loaded(globals_of(value))
            return
        yield from held(value, kind)
        if of is FunctionType:
            yield from self._unless_loaded(value.__globals__)

    def _unless_loaded(self, names: dict[str, Any]) -> Iterator[Any]:
        """The globals of a module that is not in ``sys.modules``."""
        if id(names) not in self.known.modules:
            self.known.others.add(id(names))
            yield names
        elif type(name := names.get("__name__")) is str:
            self.known.led_to.add(name)


def _of_globals(names: dict[str, Any]) -> Iterator[Any]:
    for name, value in list(names.items()):
        if name not in OF_MODULES:
            yield name
            yield value


def _of_plain(value: Any) -> int:
    """Not by ``hash`` alone: that of -1 is that of -2, and that of 0.0 is that of -0.0."""
    kind = type(value)
    if kind is str or kind is bytes:
        return hash((kind is str, value))
    return hash((kind.__name__, hex(value) if kind is int else value.hex() if kind is float else repr(value)))
