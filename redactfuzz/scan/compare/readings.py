"""How the characters of a dump can be read as numbers: what adds up does so in the values, not in their notation."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Sequence

import attrs

from redactfuzz.scan.compare.difference import starts
from redactfuzz.scan.compare.linear import Change

_MARGIN = 32
"""Bytes around what depends on a secret that are read with it: the longest token but for a huge number."""
_ESCAPES = {b"\\n": 10, b"\\r": 13, b"\\t": 9, b"\\\\": 92, b"\\'": 39, b'\\"': 34}


@attrs.frozen
class Reading:
    """One way to read: what a token looks like, and its value."""

    name: str
    token: re.Pattern[bytes]
    value: Callable[[bytes], int]


def _alphabet(digits: str, also: str = "") -> Callable[[bytes], int]:
    """The values of digits. What is no digit stays what it is, and out of their range."""
    values = {ord(digit): value for value, digit in enumerate(digits)}
    values |= {ord(digit): value % len(digits) for value, digit in enumerate(also)}
    return lambda token: values.get(token[0], 256 + token[0])


def _character(token: bytes) -> int:
    if token[:1] == b"\\" and len(token) > 1:
        return _ESCAPES[token] if token in _ESCAPES else int(token[2:], 16)
    return int.from_bytes(token, "big") if len(token) == 1 else ord(token.decode(errors="replace")[0])


_BYTE = re.compile(rb".", re.DOTALL)
_BASE64 = string.ascii_uppercase + string.ascii_lowercase + string.digits
_BASE32 = string.ascii_uppercase + "234567"

READINGS = (
    Reading("bytes", _BYTE, ord),
    Reading("hexadecimal digits", _BYTE, _alphabet("0123456789abcdef", "0123456789ABCDEF")),
    Reading("digits of base64", _BYTE, _alphabet(_BASE64 + "+/", _BASE64 + "-_")),
    Reading("digits of base32", _BYTE, _alphabet(_BASE32, _BASE32.lower())),
    Reading(
        "characters of a text, escaped",
        re.compile(
            rb"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\[nrt'\"\\]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|.", re.DOTALL
        ),
        _character,
    ),
    Reading("numbers", re.compile(rb"\d{1,1000}"), int),
)


class Texts:
    """The dumps of one execution, and what those of others change in each reading."""

    def __init__(self, dumps: Sequence[bytes], places: Iterable[int]) -> None:
        """``places``: where something depends on a secret; what lies far from them is not read."""
        self._dumps = dumps
        self._starts = starts(dumps)
        inside = sorted(places)
        self._ends = [self._ends_of(index, inside) for index in range(len(dumps))]
        self._base = {reading: self._tokens(reading, dumps) for reading in READINGS}

    def changes(self, dumps: Sequence[bytes]) -> dict[Reading, Change]:
        """By the first place of each token: what its value was changed by (XOR). Without readings of other lengths."""
        found: dict[Reading, Change] = {}
        for reading, base in self._base.items():
            other = self._tokens(reading, dumps)
            if base is not None and other is not None and [len(each) for each in base] == [len(each) for each in other]:
                found[reading] = {
                    at: reading.value(mine) ^ reading.value(theirs)
                    for one, two in zip(base, other, strict=True)
                    for (at, mine), (_, theirs) in zip(one, two, strict=True)
                    if mine != theirs
                }
        return found

    def _ends_of(self, index: int, places: Sequence[int]) -> tuple[int, int]:
        """How many bytes of a dump are left out at its beginning and at its end: as many of every other's."""
        start, size = self._starts[index], len(self._dumps[index])
        own = [at - start for at in places if start <= at < start + size]
        return (max(0, own[0] - _MARGIN), max(0, size - own[-1] - _MARGIN)) if own else (size, 0)

    def _tokens(self, reading: Reading, dumps: Sequence[bytes]) -> list[list[tuple[int, bytes]]] | None:
        if len(dumps) != len(self._dumps):
            return None
        return [
            [(start + found.start(), found[0]) for found in reading.token.finditer(data, first, len(data) - last)]
            for start, data, (first, last) in zip(self._starts, dumps, self._ends, strict=True)
        ]
