"""The lines of a certificate, one after the other, each in its ranges: whoever wrote the file is not trusted."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import IO, Any, NamedTuple

LINE = 1 << 20
"""Bytes of one line at most."""
PROCESSES = 64
STEPS = 1 << 18
"""Of one execution at most: memory is linear in it."""
_CHUNK, _MOST, _WORD, _SET = 2**16, 4096, 2**32, 2**64

PENDED, BLOCKED, ARMED = 1, 2, 3
"""How a process stands; 0: it has nothing to do."""
STEP, EXPIRE, FIRE = 1, 2, 3
"""How a step came about: as it was announced, because a wait ended by its time, as a crash."""


class Rejected(Exception):
    """The file is no proof. The message says where, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line:,}: {why}")


def ensure(line: int, holds: object, why: str) -> None:
    """Raises Rejected where it does not hold."""
    if not holds:
        raise Rejected(line, why)


class Access(NamedTuple):
    """What a step did to a part of an object."""

    object: int
    offset: int
    size: int
    """0: all of it."""
    mode: int
    room: int
    tries: int


class Told(NamedTuple):
    """What a process announced."""

    process: int
    thread: int
    state: int
    flags: int
    access: Access | None


class Node(NamedTuple):
    """How things stand between two steps. Sets of processes are numbers with a bit for each."""

    there: int
    able: int
    unfair: int
    asleep: int
    named: int
    """Objects with a higher number have been met by nobody."""
    told: tuple[Told, ...]
    leaf: str
    outcome: int


class Step(NamedTuple):
    """A step, from the node behind ``depth`` steps, and where it led."""

    depth: int
    by: int
    how: int
    on: int
    ends: int
    touched: tuple[Access, ...]
    node: Node


_STEP = {"step": STEPS, "by": PROCESSES, "how": FIRE + 1, "on": PROCESSES, "ends": _SET}
_NODE = {"there": _SET, "able": _SET, "unfair": _SET, "asleep": _SET}
_ACCESS = (_WORD, _WORD, _WORD, 3, 3, 2)
_TOLD = (PROCESSES, _WORD, ARMED + 1, 256)


class Lines:
    """Reads a compressed file in pieces. ``digest`` is that of all before line ``number``, which was read last."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sha = hashlib.sha256()
        self.number = 0
        self.digest = ""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Objects of JSON. Raises Rejected."""
        left = bytearray()
        for piece in self._pieces():
            *whole, left = (left + piece).split(b"\n")
            for line in whole:
                yield self._parsed(line)
            ensure(self.number + 1, len(left) <= LINE, f"it is longer than {LINE:,} bytes")
        ensure(self.number + 1, not left, "it has no end: the file was cut off")

    def _pieces(self) -> Iterator[bytes]:
        gz = zlib.decompressobj(wbits=31)
        try:
            while packed := self._file.read(_CHUNK):
                while packed and not gz.eof:
                    yield gz.decompress(packed, _CHUNK)
                    packed = gz.unconsumed_tail
                ensure(self.number + 1, not (packed or gz.unused_data), "more follows the end of what is compressed")
        except zlib.error:
            raise Rejected(self.number + 1, "what follows cannot be unpacked, as a gzip file can") from None
        ensure(self.number + 1, gz.eof, "the file was cut off")

    def _parsed(self, line: bytearray) -> Any:
        self.number += 1
        self.digest = self._sha.hexdigest()
        self._sha.update(line + b"\n")
        try:
            found = json.loads(line.decode("ascii"))
        except (ValueError, RecursionError):
            found = None
        ensure(self.number, type(found) is dict, "it is no object of JSON")
        return found

    def step(self, line: dict[str, Any]) -> Step:
        """Raises Rejected."""
        rest = {name: value for name, value in line.items() if name not in _STEP and name != "touched"}
        numbers = self._numbers([line.get(name) for name in _STEP], tuple(_STEP.values()))
        touched = tuple([Access(*self._numbers(each, _ACCESS)) for each in self._list(line.get("touched"))])
        return Step._make((*numbers, touched, self.node(rest)))

    def node(self, line: dict[str, Any]) -> Node:
        """Raises Rejected."""
        leaf, outcome = (line.pop("leaf"), line.pop("outcome", None)) if "leaf" in line else ("", 0)
        named = line.pop("named", _WORD - 1)
        told = tuple([self._told(each) for each in self._list(line.pop("told", None))])
        right = line.keys() == _NODE.keys() and leaf in ("", "end", "asleep", "over")
        ensure(self.number, right, "it has not the fields that its format says")
        sets = self._numbers([line[name] for name in _NODE], tuple(_NODE.values()))
        named, outcome = self._numbers([named, outcome], (_WORD, _WORD))
        return Node._make((*sets, named, told, leaf, outcome))

    def _told(self, words: Any) -> Told:
        own, rest = self._list(words)[:4], words[4:]
        access = Access(*self._numbers(rest, _ACCESS)) if rest else None
        return Told._make((*self._numbers(own, _TOLD), access))

    def _list(self, value: Any) -> Any:
        ensure(self.number, type(value) is list and len(value) <= _MOST, "there is no list, or one that is too long")
        return value

    def _numbers(self, words: Any, limits: Sequence[int]) -> list[Any]:
        for word, limit in zip_longest(self._list(words), limits, fillvalue=-1):
            ensure(self.number, type(word) is int and 0 <= word < limit, "a number is missing, or out of its range")
        return list(words)
