"""Values as they were handed over (`threads.restore.freeze`): their serialised text, and whatever JSON cannot hold.

The C encoder of the standard library does the work; bytes, and what could not be kept, come to ``take``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from redactfuzz.dumps.readers.region import Nature, Path, Reading, Region, Unread
from redactfuzz.model.outcome import Unreadable


def read_jsonable(value: Any) -> Reading:
    """The serialised text is the first region; each bytes value inside is one more."""
    found: list[Any] = []

    def take(stray: Any) -> None:
        found.append(stray)

    encoder = json.JSONEncoder(ensure_ascii=False, default=take)
    try:
        text = encoder.encode(value)
    except ValueError:  # a number of more digits than Python converts
        found.clear()
        text = encoder.encode(_in_hex(value))
    regions = [Region(text.encode("utf-8", "surrogatepass"), Nature.JSON)]
    unread: list[Unread] = []
    if found:
        paths = {id(leaf): path for path, leaf in _leaves(value, ())}
        for stray in found:
            path = paths.get(id(stray), ())
            if isinstance(stray, bytes):
                regions.append(Region(stray, Nature.BYTES, path))
            elif isinstance(stray, Unreadable):
                unread.append(Unread(stray.reason, path))
            else:
                unread.append(Unread(f"JSON cannot hold a {type(stray).__name__}", path))
    return Reading(tuple(regions), tuple(unread))


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every value that is no container, with its path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


def _in_hex(value: Any) -> Any:
    """The same with numbers that Python does not convert to decimal written in hexadecimal."""
    if isinstance(value, dict):
        return {_in_hex(key): _in_hex(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_hex(item) for item in value]
    if type(value) is int:
        try:
            str(value)
        except ValueError:
            return hex(value)
    return value
