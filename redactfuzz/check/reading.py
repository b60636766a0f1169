"""The lines of a certificate, one after the other, each in its ranges: whoever wrote the file is not trusted."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

LINE = 1 << 20
"""Bytes of one line at most."""
PROCESSES = 64
STEPS = 1 << 18
"""Of one execution: memory is linear in it."""
ACCESSES = 256
TOLD = 512
_CHUNK = 1 << 16
_WORD, _SET = 2**32, 2**64

PENDED, BLOCKED, ARMED = 1, 2, 3
"""How a process stands."""
STEP, EXPIRE, FIRE = 1, 2, 3
"""How a step came about: as it was announced, because a wait ended by its time, as a crash."""


class Rejected(Exception):
    """The file is no proof. The message says where and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line:,}: {why}" if line else why)


class Access(NamedTuple):
    """What a step did to a part of an object."""

    object: int
    offset: int
    size: int
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

    told: tuple[Told, ...]
    there: int
    able: int
    unfair: int
    asleep: int
    leaf: str = ""
    outcome: int = 0


class Step(NamedTuple):
    """A step, from the node behind ``depth`` steps, and where it led."""

    depth: int
    by: int
    how: int
    on: int
    ends: int
    touched: tuple[Access, ...]
    node: Node


_NODE = {"told", "there", "able", "unfair", "asleep"}
_STEP = _NODE | {"step", "by", "how", "on", "ends", "touched"}
_LEAF = {"leaf", "outcome"}


class Lines:
    """Reads a compressed file in pieces. ``number`` is that of the line read last, ``digest`` of all bytes before it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sha = hashlib.sha256()
        self.number = 0
        self.digest = ""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Objects of JSON. Raises Rejected."""
        left = bytearray()
        for piece in self._pieces():
            left += piece
            *whole, rest = left.split(b"\n")
            for line in whole:
                yield self._parsed(line)
            left = rest
            if len(left) > LINE:
                raise Rejected(self.number + 1, f"it is longer than {LINE:,} bytes")
        if left:
            raise Rejected(self.number + 1, "it has no end: the file was cut off")

    def _pieces(self) -> Iterator[bytes]:
        unpack, ended = zlib.decompressobj(wbits=31), False
        try:
            while packed := self._file.read(_CHUNK):
                while packed and not ended:
                    yield unpack.decompress(packed, _CHUNK)
                    packed, ended = unpack.unconsumed_tail, unpack.eof
                if ended and (packed or unpack.unused_data):
                    raise Rejected(self.number, "more follows the end of what is compressed")
        except zlib.error:
            what = "it cannot be unpacked any more" if self.number else "this is no gzip file, as certificates are"
            raise Rejected(self.number, what) from None
        if not ended:
            raise Rejected(self.number, "the file was cut off" if self.number else "this is no whole gzip file")

    def _parsed(self, line: bytearray) -> dict[str, Any]:
        self.number += 1
        self.digest = self._sha.hexdigest()
        self._sha.update(line + b"\n")
        try:
            found = json.loads(line.decode("ascii"))
        except (ValueError, RecursionError):
            raise Rejected(self.number, "it is no JSON") from None
        if not isinstance(found, dict):
            raise Rejected(self.number, "it is no object of JSON")
        return found

    def step(self, line: dict[str, Any]) -> Step:
        """Raises Rejected."""
        if line.keys() - _LEAF != _STEP:
            raise self._strange()
        touched = line["touched"]
        if type(touched) is not list or len(touched) > ACCESSES:
            raise self._strange()
        return Step(
            self._below(line["step"], STEPS),
            self._below(line["by"], PROCESSES),
            self._below(line["how"], FIRE + 1),
            self._below(line["on"], PROCESSES),
            self._below(line["ends"], _SET),
            tuple([self._access(each) for each in touched]),
            self.node({name: line[name] for name in line if name in _NODE or name in _LEAF}),
        )

    def node(self, line: dict[str, Any]) -> Node:
        """Raises Rejected."""
        leaf, outcome = line.get("leaf", ""), line.get("outcome", 0)
        if line.keys() not in (_NODE, _NODE | _LEAF) or leaf not in ("", "end", "asleep", "over"):
            raise self._strange()
        told = line["told"]
        if type(told) is not list or len(told) > TOLD:
            raise self._strange()
        sets = (self._below(line[name], _SET) for name in ("there", "able", "unfair", "asleep"))
        return Node(tuple([self._told(each) for each in told]), *sets, leaf, self._below(outcome, _WORD))

    def _told(self, words: Any) -> Told:
        if type(words) is not list or len(words) not in (4, 10):
            raise self._strange()
        process, thread = self._below(words[0], PROCESSES), self._below(words[1], _WORD)
        state, flags = self._below(words[2], ARMED + 1), self._below(words[3], 256)
        return Told(process, thread, state, flags, self._access(words[4:]) if len(words) > 4 else None)

    def _access(self, words: Any) -> Access:
        if type(words) is not list or len(words) != len(Access._fields):
            raise self._strange()
        for word, limit in zip(words, (_WORD, _WORD, _WORD, 3, 3, 2), strict=True):
            self._below(word, limit)
        return Access(*words)

    def _below(self, number: Any, limit: int) -> int:
        if type(number) is not int or not 0 <= number < limit:
            raise Rejected(self.number, "a number is out of its range, or is none")
        return number

    def _strange(self) -> Rejected:
        return Rejected(self.number, "it has not the fields that its format says")
