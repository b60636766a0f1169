"""A dump is what was handed over, as it was at that moment: one walk turns it into plain values, which are read later.

Plain values are str, bytes, int, float, bool, None, lists, dicts with keys of JSON, and ``Unreadable`` in place of what
cannot be kept. Objects that can still change, or whose methods would be asked again later, are never among them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from redactfuzz.model.outcome import Unreadable
from redactfuzz.threads.restore.contents import Contents, contents
from redactfuzz.threads.restore.files import kept_file

DEPTH = 100
"""Containers within containers that keep their structure; Python's own stack ends not far below."""
MOST = 4_000_000
"""Values of one dump that are read."""

_PLAIN = frozenset({str, bytes, int, float, bool, type(None), Unreadable})
_KEYS = frozenset({str, int, float, bool, type(None)})
_TOO_MANY = Unreadable(f"it holds more than {MOST:,} values")


def frozen(data: Any) -> Any:
    """``data`` as plain values. Never raises, whatever the methods of the user's own classes do."""
    return data if type(data) in _PLAIN else _Walk().plain(data)


@attrs.define
class _Walk:
    """Through one dump."""

    left: int = MOST
    above: list[int] = attrs.field(factory=list)
    helpers: int = 0
    """Containers above whose attributes are read: an object there is a helper of theirs, and was not handed over."""

    def plain(self, data: Any) -> Any:
        kind = type(data)
        if kind in _PLAIN:
            return data
        if kind is dict and _PLAIN.issuperset(map(type, data.values())) and _KEYS.issuperset(map(type, data)):
            self.left -= len(data)
            return data.copy() if self.left >= 0 else _TOO_MANY
        if id(data) in self.above:
            return Unreadable("the object holds itself")
        inside = self._inside(data)
        if type(inside) is not Contents:
            return inside
        if inside.rendered and self.helpers:
            return Unreadable(f"JSON cannot hold a {kind.__name__}")
        if inside.rendered and not inside.beside:
            return inside.values[0] if len(inside.values) == 1 else list(inside.values)
        if len(self.above) == DEPTH:
            return self._flat(inside)
        self.above.append(id(data))
        try:
            items = self._mapping(inside) if inside.keyed else self._items(inside.values)
            self.helpers += not inside.rendered
            beside = self._attributes(inside.beside) if inside.beside else {}
            self.helpers -= not inside.rendered
            return [items, beside] if beside else items
        finally:
            self.above.pop()

    def _inside(self, data: Any) -> Any:
        """A plain value, or the contents of a container."""
        try:
            inside = contents(data, self.left)
            if type(inside) is Contents:
                self.left -= len(inside.values)
                return inside if self.left >= 0 else _TOO_MANY
            return kept_file(inside) if isinstance(inside, os.PathLike) else inside
        except Exception as error:
            return Unreadable(f"it cannot be copied ({type(error).__name__})")

    def _attributes(self, beside: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        """What can be read of them: no helper that happens to be one was handed over, and no file that a path names."""
        kept = {name: _readable(self.plain(value)) for name, value in beside if not isinstance(value, os.PathLike)}
        return {name: value for name, value in kept.items() if value}

    def _items(self, items: Sequence[Any]) -> list[Any]:
        if _PLAIN.issuperset(map(type, items)):
            return list(items)
        return [self.plain(item) for item in items]

    def _mapping(self, inside: Contents) -> dict[Any, Any]:
        if _KEYS.issuperset(map(type, inside.keys)):
            found = dict(zip(inside.keys, self._items(inside.values), strict=True))
            if len(found) == len(inside.keys):
                return found
        return self._with_odd_keys(inside)

    def _with_odd_keys(self, inside: Contents) -> dict[Any, Any]:
        """What JSON has no key for stands beside its value."""
        found: dict[Any, Any] = {}
        for index, (key, value) in enumerate(zip(inside.keys, inside.values, strict=True)):
            name, kept = self.plain(key), self.plain(value)
            if type(name) not in _KEYS or name in found:
                if type(name) in _KEYS and found[name] == kept:
                    continue
                name, kept = _unused(f"{type(key).__name__} {index}", found), [name, kept]
            found[name] = kept
        return found

    def _flat(self, inside: Contents) -> list[Any]:
        """What lies below, without its structure: each value once, however deep."""
        found: list[Any] = []
        kept: list[Any] = []
        """So that no address is used twice."""
        seen: set[int] = set()
        waiting = [iter(_parts(inside))]
        while waiting:
            each = next(waiting[-1], waiting)
            if each is waiting:
                waiting.pop()
            elif type(each) in _PLAIN:
                found.append(each)
            elif id(each) not in seen:
                seen.add(id(each))
                kept.append(each)
                below = self._inside(each)
                if isinstance(below, Contents):
                    waiting.append(iter(_parts(below)))
                else:
                    found.append(below)
        return found


def _parts(inside: Contents) -> list[Any]:
    return [*inside.keys, *inside.values, *(value for _, value in inside.beside)]


def _readable(kept: Any) -> Any:
    """Without what cannot be kept of it."""
    if isinstance(kept, list):
        return [each for each in map(_readable, kept) if each is not None]
    if isinstance(kept, dict):
        return {key: _readable(value) for key, value in kept.items()}
    return kept if not isinstance(kept, Unreadable) or kept is _TOO_MANY else None


def _unused(name: str, taken: Iterable[Any]) -> str:
    while name in taken:
        name += "'"
    return name
