"""A dump is what its handler returned at that moment: later changes of the objects do not count."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from redactfuzz.model.outcome import Unreadable

LARGE = 64 << 20
"""Files above this many bytes are not read into memory; they are searched where they lie."""
_DEPTH = 100
"""Containers within containers that keep their structure; Python's own stack ends not far below."""

_LEAVES = (str, bytes, int, float, bool, type(None))
_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}


def frozen(data: Any) -> Any:
    """A copy of what can change (containers, buffers, small files); all else, what is unknown included, as it is.

    Never raises: ``Unreadable`` stands for what cannot be kept.
    """
    if type(data) in _LEAVES:
        return data
    try:
        return _frozen(data, ())
    except Exception as error:  # whatever the user's own containers raise
        return Unreadable(f"it cannot be copied ({type(error).__name__})")


def _frozen(data: Any, above: tuple[int, ...]) -> Any:
    if type(data) in _LEAVES:
        return data
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    if isinstance(data, (dict, list, tuple)):
        if id(data) in above:
            return Unreadable("the object holds itself")
        if len(above) == _DEPTH:
            return _leaves(data)
        inner = (*above, id(data))
        if isinstance(data, dict):
            items = list(data.items())
            return {_key(key, inner): _frozen(value, inner) for key, value in items}
        return [_frozen(item, inner) for item in list(data)]
    if isinstance(data, os.PathLike):
        return _file(data)
    return data


def _key(key: Any, above: tuple[int, ...]) -> Any:
    """Lists are no keys, so the inner tuples of a key stay tuples."""
    return tuple(_key(item, above) for item in key) if isinstance(key, tuple) else key


def _leaves(data: Any) -> list[Any]:
    """What lies below, without its structure: each value once, however deep."""
    found: list[Any] = []
    waiting, seen = [data], {id(data)}
    while waiting:
        each = waiting.pop()
        if not isinstance(each, (dict, list, tuple)):
            found.append(_frozen(each, ()))
            continue
        items = [part for item in list(each.items()) for part in item] if isinstance(each, dict) else list(each)
        waiting += [item for item in reversed(items) if id(item) not in seen]
        seen.update(map(id, items))
    return found


def _file(data: os.PathLike[Any]) -> Any:
    """Its bytes, unless nobody can change it.

    What is no file is said now, since the folder of an execution is gone when its dumps are searched.
    """
    if getattr(data, "settled", False):  # such as a core of our own: a copy of it would be in the next core
        return data
    path = Path(data)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = _KINDS.get(stat.S_IFMT(status.st_mode), "a device")
            return Unreadable(f"the path is {kind}, not a file")
        return path.read_bytes() if status.st_size <= LARGE else data
    except OSError as error:
        return Unreadable(f"the file cannot be read ({error.strerror or type(error).__name__})")
