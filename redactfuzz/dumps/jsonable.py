"""JSON-able objects: their serialised text, and whatever in them JSON cannot hold.

The C encoder of the standard library does the work. What it cannot take (bytes, other objects) comes to `_Strays`; only
when it gives up (keys that are no strings, circles) is the object walked in Python.
"""

from __future__ import annotations

import collections.abc
import json
from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz.dumps.region import Nature, Path, Reading, Region, Unread
from redactfuzz.model.outcome import Unreadable


def read_jsonable(value: Any) -> Reading:
    """The serialised text is the first region; each bytes value inside is one more."""
    strays = _Strays()
    try:
        text = json.JSONEncoder(ensure_ascii=False, default=strays.take).encode(value)
    except (TypeError, ValueError, RecursionError, RuntimeError):
        strays = _Strays()
        text = json.dumps(_plain(value, (), strays, ()), ensure_ascii=False)
    unread = list(strays.unread)
    regions = [Region(text.encode("utf-8", "surrogatepass"), Nature.JSON)]
    if strays.found:
        paths = {id(leaf): path for path, leaf in _leaves(value, ())} if not strays.walked else strays.paths
        for stray in strays.found:
            path = paths.get(id(stray), ())
            if isinstance(stray, bytes | bytearray | memoryview):
                regions.append(Region(bytes(stray), Nature.BYTES, path))
            elif isinstance(stray, Unreadable):
                unread.append(Unread(stray.reason, path))
            else:
                unread.append(Unread(f"JSON cannot hold a {type(stray).__name__}", path))
    return Reading(tuple(regions), tuple(unread))


@attrs.define
class _Strays:
    """What JSON cannot hold."""

    found: list[Any] = attrs.field(factory=list)
    unread: list[Unread] = attrs.field(factory=list)
    paths: dict[int, Path] = attrs.field(factory=dict)
    walked: bool = False

    def take(self, stray: Any) -> Any:
        """What the encoder writes in place of `stray`."""
        if isinstance(stray, collections.abc.Mapping):
            return dict(stray)
        if _is_collection(stray):
            return list(stray)
        self.found.append(stray)
        return None


def _is_collection(value: Any) -> bool:
    return isinstance(value, collections.abc.Set | collections.abc.Sequence) and not isinstance(
        value, str | bytes | bytearray | memoryview
    )


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every value that is no collection, with its path."""
    if isinstance(value, collections.abc.Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*path, str(key)))
    elif _is_collection(value):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


_DEPTH = 200


def _plain(value: Any, path: Path, strays: _Strays, above: tuple[int, ...]) -> Any:
    """The same object with everything replaced that made the encoder give up."""
    strays.walked = True
    if id(value) in above or len(above) > _DEPTH:
        strays.unread.append(Unread("the object holds itself, or is nested too deep", path))
        return None
    inner = (*above, id(value))
    if isinstance(value, collections.abc.Mapping):
        plain: dict[Any, Any] = {}
        for index, (key, item) in enumerate(list(value.items())):
            if key is None or isinstance(key, str | int | float):
                name = key
            elif isinstance(key, bytes):
                name = key.decode("latin-1")
                strays.found.append(key)
                strays.paths[id(key)] = (*path, "key", index)
            else:
                name = f"{type(key).__name__} {index}"
                strays.unread.append(Unread(f"JSON cannot hold a key that is a {type(key).__name__}", path))
            plain[name] = _plain(item, (*path, str(name)), strays, inner)
        return plain
    if _is_collection(value):
        return [_plain(item, (*path, index), strays, inner) for index, item in enumerate(value)]
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            str(value)
        except ValueError:
            return hex(value)  # more digits than Python converts
        return value
    if value is None or isinstance(value, str | bool | float):
        return value
    strays.found.append(value)
    strays.paths[id(value)] = path
    return None
