"""The strings of JSON, with their paths: of a parsed document, and token by token of one that is large or damaged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from redactfuzz.dumps.image import Image

Path = tuple[str | int, ...]
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{},:]', re.DOTALL)
_CUT = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")
"""An escape that is cut off."""
_LONGEST = 16 << 20
"""Bytes of a string that is decoded. The raw search sees a longer one as it is written."""
_KEPT = 8 << 20
_DEEPEST = 1000
"""Steps of a path that are told: below, the path is that of the value above."""


class Pairs(list[tuple[str, Any]]):
    """A JSON object. A dict would drop the first of two values of one key."""


def parsed(text: bytes) -> tuple[Any] | None:
    """The document, in a tuple; None when the bytes are no JSON document, or nested too deeply."""
    try:
        return (json.loads(text.decode("utf-8-sig", "surrogateescape"), object_pairs_hook=Pairs),)
    except (ValueError, RecursionError):
        return None


def strings_of(document: Any) -> Iterator[tuple[Path, str]]:
    """Every string, keys included, with its path. Without recursion: documents may be deep."""
    pending: list[tuple[Path, Any]] = [((), document)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, Pairs):
            for key, item in value:
                yield (*path, key), key
                pending.append(((*path, key), item))
        elif isinstance(value, list):
            pending.extend(((*path, index), item) for index, item in enumerate(value))


def tokens(image: Image, start: int, end: int) -> Iterator[tuple[Path, str, bool]]:
    """Every string between two offsets, keys included, with its path as far as it can be told. Memory is bounded.

    The last item says whether the text shows the string as it is.
    """
    path: list[str | int] = []
    deeper = 0
    key = False
    released = start
    for match in _TOKEN.finditer(image.data, start, end):
        first = image.data[match.start()]
        if first == 34:  # a quote
            if match.end() - match.start() > _LONGEST:
                continue
            token = match.group()
            text = _decoded(token)
            if key and path and not deeper:
                path[-1] = text
                key = False
            yield tuple(path), text, b"\\" not in token
        elif first in b"[{":
            if len(path) >= _DEEPEST:
                deeper += 1
            else:
                path.append(0 if first == 91 else "")
                key = first == 123
        elif first in b"]}":
            if deeper:
                deeper -= 1
            elif path:
                path.pop()
            key = False
        elif first == 44 and path and not deeper:
            step = path[-1]
            if isinstance(step, int):
                path[-1] = step + 1
            else:
                key = True
        if match.end() - released >= _KEPT:
            image.release(released, match.start())
            released = match.start()


def _decoded(token: bytes) -> str:
    """Of a string literal, which may lack its end."""
    text = token.decode("utf-8", "surrogateescape")
    for literal in (text, f'{text}"', f'{_CUT.sub("", text)}"'):
        try:
            return str(json.loads(literal, strict=False))
        except ValueError:
            continue
    return text.strip('"')
