"""A key of a curve in DER whose lines lie in any order: the first has the beginning of the scalar, or others all of it.

What is put together of it up to the first bytes of the public point proves itself, since that is a multiple of the base
point: no more of the key is needed.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from redactfuzz.scan.keys import elliptic, private_key
from redactfuzz.scan.keys.apart.lines import Line
from redactfuzz.scan.keys.effort import affords
from redactfuzz.scan.keys.private_key import Described

_POINT = re.compile(
    rb"(?:\xa0.\x06([\x05-\x09]).{5,9})?\xa1(?:[\x20-\x7f]|\x81.)\x03(?:[\x20-\x7f]|\x81.)\x00\x04", re.DOTALL
)
"""RFC 5915: behind the scalar may stand the curve, then the point, here as both coordinates."""
_BEFORE_POINT = 2 + 2 + 9 + 3 + 3 + 2
"""Bytes of that at most."""
_NEXT = (0xA0, 0xA1)
"""Tags of which one stands behind the scalar."""
_ENOUGH, _LEAST = 12, 5
"""Bytes of the point that are proof, and that are with one more line."""
_MULTIPLIED, _ORDERS = 1 << 12, 1 << 16
"""Scalars that are multiplied by a base point, and orders of lines that are looked at, at most."""


def key_of(first: Line, lines: Sequence[Line]) -> Described | None:
    """The key of which some of these are lines, and one is the first."""
    scalar = elliptic.scalar_at(first.content)
    if scalar is None or first.bits % 8 or private_key.library() is None:
        return None
    return _elliptic(first, lines, *scalar)


def _elliptic(first: Line, lines: Sequence[Line], start: int, size: int) -> Described | None:
    width, end = first.bits // 8, start + size
    texts = {line.text for line in lines}
    made: dict[int, list[Any]] = {}
    for data in _orders(first, lines, end, -(-(end + _BEFORE_POINT + _LEAST) // width)):
        point = _POINT.match(data, end)
        if point is None:
            continue
        scalar = int.from_bytes(data[start:end], "big")
        if scalar not in made:
            if len(made) == _MULTIPLIED or not affords(elliptic.MULTIPLIED):
                break
            made[scalar] = [elliptic.public_on(scalar, curve) for curve in elliptic.UNNAMED.get(size, ())]
        x = data[point.end() : point.end() + size]
        for public in made[scalar]:
            if public is not None and _agrees(public, data[: point.end()], x, size, len(first.text), texts):
                return private_key.described_public(public, "EC private key", public.curve.name)
    return None


def _orders(first: Line, lines: Sequence[Line], end: int, count: int) -> Iterator[bytes]:
    """The first bytes of what so many lines may be together. In that where the scalar ends a tag stands behind it."""
    width = first.bits // 8
    contents = [line.content for line in lines]
    choices = []
    for at in range(1, count):
        behind = end - at * width
        choices.append([one for one in contents if one[behind] in _NEXT] if 0 <= behind < width else contents)
    for some in itertools.islice(itertools.product(*choices), _ORDERS):
        yield first.content + b"".join(some)


def _agrees(public: Any, before: bytes, x: bytes, size: int, width: int, texts: set[bytes]) -> bool:
    """Whether the point begins as is written there, and where that is little goes on in another line."""
    numbers = public.public_numbers()
    whole = numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")
    if not whole.startswith(x):
        return False
    behind = (len(before) + len(x)) * 4 // 3
    text = base64.b64encode(before + whole)
    return len(x) >= _ENOUGH or (len(x) >= _LEAST and text[behind : behind + width] in texts)
