"""The strings of JSON, with their paths: of a parsed document, and token by token of one that is large or damaged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from redactfuzz.dumps.readers.image import Image

Path = tuple[str | int, ...]
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{},]', re.DOTALL)
_CUT = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")
"""An escape that is cut off."""
_SIGHT = 1 << 12
"""Bytes of a string that are in sight beyond the stretch in which it begins."""
_HIDDEN_HERE = re.compile(rb'"(?=(?:[^"\\]|\\.){8})[^"\\]*+\\|"[A-Za-z0-9+/_-]{16}', re.DOTALL)
"""What a string begins with, or holds, that means more than it shows: an escape, where it stands for at least 8 bytes;
base64."""
_HIDDEN = re.compile(_HIDDEN_HERE.pattern + rb'|"[^"\\]{%d}' % _SIGHT, re.DOTALL)
"""The same, or a string whose end may be out of sight."""
_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_LONGEST = 16 << 20
"""Bytes of a string that is decoded. The raw search sees a longer one as it is written."""
_KEPT, _CHECKED = 8 << 20, 1 << 20
_DEEPEST = 1000
"""Steps of a path that are shown: below, the path is that of the value above."""


class Pairs(list[tuple[str, Any]]):
    """A JSON object. A dict would drop the first of two values of one key."""


def parsed(text: bytes) -> tuple[Any] | None:
    """The document, in a tuple; None when the bytes are no JSON document, or nested too deeply."""
    try:
        return (json.loads(text.decode("utf-8-sig", "surrogateescape"), object_pairs_hook=Pairs),)
    except (ValueError, RecursionError):
        return None


def are_json(texts: Sequence[bytes]) -> bool:
    """Whether each is a JSON document. Much faster than ``parsed``, and for many at once."""
    joined = b"[" + b",\n".join(texts).removeprefix(b"\xef\xbb\xbf") + b"]"
    try:
        return len(json.loads(joined.decode("utf-8", "surrogateescape"))) == len(texts)
    except (ValueError, RecursionError):
        return False


def strings_of(document: Any) -> Iterator[tuple[Path, str]]:
    """Every string, keys included, with its path. Without recursion: documents may be deep."""
    pending: list[tuple[Path, Path, Any]] = [((), (), document)]  # of many values of one list it has the path once
    while pending:
        above, step, value = pending.pop()
        path = above + step
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, Pairs):
            for key, item in value:
                yield (*path, key), key
                pending.append((path, (key,), item))
        elif isinstance(value, list):
            pending.extend((path, (index,), item) for index, item in enumerate(value))


def hides(image: Image, start: int, end: int) -> bool:
    """Whether any string between two offsets may hold what the text does not show. Memory is bounded."""
    if end - start <= _KEPT:
        return _HIDDEN_HERE.search(image.data, start, end) is not None
    for at in range(start, end, _KEPT):
        stop = min(end, at + _KEPT)
        if _HIDDEN.search(image.data, at, min(end, stop + _SIGHT + 1)):
            return True
        image.release(at, stop)
    return False


def closed(image: Image, start: int, end: int) -> tuple[bool, int | None]:
    """Whether every string and bracket between two offsets comes to its end; and about where one begins that is too
    long to be decoded. Memory is bounded.
    """
    open_string, depth, escape = False, 0, b""
    since, long = start, None
    for at in range(start, end, _CHECKED):
        stop = min(end, at + _CHECKED)
        text = b'"' * open_string + escape + image.data[at:stop]
        image.release(at, stop)
        # What a backslash at the end stands for the next stretch shows.
        escape = b"\\" * ((len(text) - len(text.rstrip(b"\\"))) % 2)
        # One more quote closes a string that is open, or stays behind where none is: no string is looked at twice.
        rest = _STRING.sub(b"", text.removesuffix(escape) + b'"')
        if not open_string or rest:  # no string goes on from the beginning of the stretch to its end
            since = at
        open_string = not rest.endswith(b'"')
        long = since if open_string and long is None and stop - since > _LONGEST else long
        structure = rest.translate(None, _BRACKETS)
        depth += structure.count(b"[") + structure.count(b"{") - structure.count(b"]") - structure.count(b"}")
    return not open_string and not escape and depth == 0, long


def tokens(image: Image, start: int, end: int) -> Iterator[tuple[Path, str, bool]]:
    """Every string between two offsets that may hold what the text does not show, keys included. Memory is bounded.

    With its path as far as it is known, and whether the text shows it as it is.
    """
    path: list[bytes | int] = []
    shown: list[str | int] = []
    """As many steps of the path as are decoded: those of many values are decoded once."""
    deeper = 0
    key = False
    released = start
    for match in _TOKEN.finditer(image.data, start, end):
        at, stop = match.span()
        first = image.data[at]
        if first == 34:  # a quote
            if stop - at > _LONGEST:
                continue
            token = match.group()
            if key and path and not deeper:
                path[-1] = token
                del shown[len(path) - 1 :]
                key = False
            if _HIDDEN_HERE.match(token):
                shown += (step if isinstance(step, int) else _decoded(step) for step in path[len(shown) :])
                yield tuple(shown), _decoded(token), b"\\" not in token
        elif first in b"[{":
            if len(path) >= _DEEPEST:
                deeper += 1
            else:
                path.append(0 if first == 91 else b"")
                key = first == 123
        elif first in b"]}":
            if deeper:
                deeper -= 1
            elif path:
                path.pop()
                del shown[len(path) :]
            key = False
        elif first == 44 and path and not deeper:
            step = path[-1]
            if isinstance(step, int):
                path[-1] = step + 1
                del shown[len(path) - 1 :]
            else:
                key = True
        if stop - released >= _KEPT:
            image.release(released, at)
            released = at


def _decoded(token: bytes) -> str:
    """Of a string literal, which may lack its end."""
    if b"\\" not in token:  # as nearly all are
        return token[1:].removesuffix(b'"').decode("utf-8", "surrogateescape")
    text = token.decode("utf-8", "surrogateescape")
    for literal in (text, f'{text}"', f'{_CUT.sub("", text)}"'):
        try:
            return str(json.loads(literal, strict=False))
        except ValueError:
            continue
    return text.strip('"')
