"""What a dump reveals of a secret, judged by what changes in it when the secret does: in any form, listed or not.

One position of the secret (a character; a bit of a key or number) is changed at a time. A place of the dump that
follows from few positions gives them away: they can be tried one by one. What is known then is taken away; what is left
of the other places may follow from few as well: a number in another radix is read off from its first digit on, and a
chained checksum from its first link on. A digest has no place to begin at.
"""

from __future__ import annotations

import enum
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

MOVED = 256
"""From this number on: in place of a byte, where one was taken out, put in, or has moved."""
FEW_BITS = 48.0
"""Eight characters of a token. A mask that shows the last four on purpose reveals no more."""
_TOGETHER_BITS = 24.0
"""What can be tried together, where a place follows from several positions: four characters, three bytes."""
_GAP = 2
"""Unchanged bytes inside of one stretch: a separator, or a digit that came out the same."""
_LOCAL, _LOCALS = 0.5, 0.3
"""A change is local where it changes at most this share of a stretch; a digest has fewer local positions than that."""
_WHOLES = 24
"""Other values from which on a place must be less often moved by single changes than by them, and"""
_UNLIKELY = 1e-5
"""so much less that chance does not explain it: what is nearly always the same seems to follow from few positions."""
_FEW_WORDS = 2
"""Other words that stand in the place of one, where it is a flag: "true" or "false"."""
_COUNT_BITS = 16.0
"""What has room for no more, as a number of bits or a sum, is counted by that and is no digest."""
_DIGEST_BITS = 640.0
"""The longest digest in use has 512; in text some of the characters are separators."""


class Relation(enum.StrEnum):
    """What can be said of a stretch that depends on a secret, or of all of them together; the worst comes last."""

    INDEPENDENT = "independent"
    DIGEST = "like a digest"
    FEW = "a few characters"
    OTHER = "something else"
    ENCODING = "an encoding"


@attrs.frozen(repr=False)
class Probe:
    """What another value has changed in a dump: the new byte of each place, ``MOVED`` or more where bytes moved.

    ``position`` is the only one in which the other value differs, None where it is another value altogether.
    """

    position: int | None
    changed: Mapping[int, int]

    def __repr__(self) -> str:
        return f"<Probe of position {self.position}: {len(self.changed)} places>"


@attrs.frozen
class Stretch:
    """Places that depend on the secret, from ``start`` to before ``end``, and the positions that they follow from."""

    start: int
    end: int
    kind: Relation
    positions: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Bytes."""
        return self.end - self.start


@attrs.frozen
class Dependence:
    """The answer for one secret."""

    kind: Relation = Relation.INDEPENDENT
    stretches: tuple[Stretch, ...] = ()
    readable: tuple[int, ...] = ()
    """Positions that can be read off."""
    bits: float = 0.0
    """Of the secret, that is given away at most, where nothing is said to depend on it in another way."""
    positions: int = 0
    """That were changed."""
    decided: bool = True
    """Whether a sample of positions is enough for this answer: each place follows from half of them at least."""

    def of(self, kind: Relation) -> tuple[Stretch, ...]:
        """The stretches of one kind."""
        return tuple(one for one in self.stretches if one.kind is kind)


def sample(positions: int, count: int = 4) -> tuple[int, ...]:
    """The positions that decide between an encoding and a digest: spread over the secret, odd ones and even ones."""
    spread = (positions * (2 * index + 1) // (2 * count) + index % 2 for index in range(count))
    return tuple(sorted({min(at, positions - 1) for at in spread})) if positions else ()


def without(probes: Iterable[Probe], noise: Iterable[int]) -> list[Probe]:
    """The same without the places that change of themselves."""
    left_out = frozenset(noise)
    return [
        attrs.evolve(probe, changed={at: byte for at, byte in probe.changed.items() if at not in left_out})
        for probe in probes
    ]


def judge(probes: Sequence[Probe], each: float, entropy: float) -> Dependence:
    """What the changes say. ``each`` are the bits of one position, ``entropy`` those of the secret.

    Several probes of each position make it sure: a digit of a digest may come out the same once.
    """
    changes = _Changes(probes)
    if not changes.places:
        return Dependence(positions=len(changes.rows))
    readable = changes.readable(max(1, min(int(_TOGETHER_BITS / each), len(changes.rows) // 4)))
    revealing = frozenset(at for at, felt in changes.felt.items() if felt <= readable)
    bits = min(sum(changes.bits(position, revealing, each) for position in readable), changes.capacity(revealing))
    few = min(FEW_BITS, entropy / 2)
    stretches = [
        changes.stretch(part, Relation.FEW if bits <= few else Relation.ENCODING) for part in connected(revealing)
    ]
    rest = connected(changes.places - revealing)
    digests = [part for part in rest if changes.is_digest(part)]
    if sum(map(changes.capacity, digests)) <= _COUNT_BITS:
        digests = []
    others = [part for part in rest if part not in digests]
    room = sum(map(changes.capacity, others))
    small = bits + room <= few  # a flag, a count, the classes of its characters
    stretches += [changes.stretch(part, Relation.DIGEST) for part in digests]
    stretches += [changes.stretch(part, Relation.FEW if small else Relation.OTHER) for part in others]
    ranks = list(Relation)
    worst = max((one.kind for one in stretches), key=ranks.index)
    return Dependence(
        kind=worst,
        stretches=tuple(sorted(stretches, key=lambda one: one.start)),
        readable=tuple(sorted(readable)),
        bits=round(bits + room if small else bits, 1),
        positions=len(changes.rows),
        decided=worst is Relation.DIGEST
        and all(2 * len(changes.felt[at]) >= len(changes.rows) for at in changes.places),
    )


class _Changes:
    """Which place follows from which positions."""

    def __init__(self, probes: Sequence[Probe]) -> None:
        self._probes = probes
        self._whole = [probe for probe in probes if probe.position is None]
        self.rows: dict[int, list[Probe]] = defaultdict(list)
        self.felt: dict[int, set[int]] = defaultdict(set)
        self._bytes: dict[int, set[int]] = defaultdict(set)
        for probe in probes:
            if probe.position is not None:
                self.rows[probe.position].append(probe)
            for at, byte in probe.changed.items():
                self._bytes[at].add(byte)
                if probe.position is not None:
                    self.felt[at].add(probe.position)
        self.places = frozenset(self._bytes)

    def readable(self, together: int) -> frozenset[int]:
        """Positions that can be read off: from places that follow from few, then from those that need few more."""
        unknown = {at: len(felt) for at, felt in self.felt.items()}
        places: dict[int, list[int]] = defaultdict(list)
        for at, felt in self.felt.items():
            for position in felt:
                places[position].append(at)
        ready = [at for at, left in unknown.items() if left <= together and self._is_sure(at)]
        known: set[int] = set()
        while ready:
            for position in self.felt[ready.pop()] - known:
                known.add(position)
                for at in places[position]:
                    unknown[at] -= 1
                    if unknown[at] == together:
                        ready.append(at)
        return frozenset(known)

    def _is_sure(self, at: int) -> bool:
        """Whether a place follows from fewer positions than all, where there is enough to rule out chance."""
        wholes, singles = len(self._whole), sum(map(len, self.rows.values()))
        if wholes < _WHOLES:
            return True
        whole = sum(at in probe.changed for probe in self._whole)
        single = sum(at in row.changed for position in self.felt[at] for row in self.rows[position])
        moved, some = whole + single, range(min(single, singles) + 1)
        ways = sum(math.comb(moved, one) * math.comb(wholes + singles - moved, singles - one) for one in some)
        return ways < _UNLIKELY * math.comb(wholes + singles, singles)

    def bits(self, position: int, places: frozenset[int], each: float) -> float:
        """What these places reveal of one position: all of it where each of its values looked different."""
        rows = self.rows[position]
        seen = {tuple(sorted((at, byte) for at, byte in row.changed.items() if at in places)) for row in rows} | {()}
        return each if len(seen) > len(rows) else min(each, math.log2(len(seen)))

    def capacity(self, places: Iterable[int]) -> float:
        """Bits that fit into these places at most: a sum of all characters reveals less than each of them has."""
        at = list(places)
        symbols = len({min(byte, MOVED) for place in at for byte in self._bytes[place]})
        return self._apart(at) * min(8.0, math.ceil(math.log2(max(2, symbols))))

    def _apart(self, places: Sequence[int]) -> int:
        """How many there are; a word in whose place one of few others comes, of another length, is one of them.

        Not of a key that is compared with one other alone: there every word has one other.
        """
        words: dict[frozenset[tuple[int, int]], int] = {}
        for at in places:
            new = self._bytes[at]
            if self.rows and min(new) >= MOVED and len(new) <= _FEW_WORDS:
                column = frozenset((index, byte) for index, byte in self._column(at))
                words[column] = words.get(column, 0) + 1
        return len(places) - sum(count - 1 for count in words.values())

    def _column(self, at: int) -> Iterator[tuple[int, int]]:
        """What each probe has changed there."""
        for index, probe in enumerate(self._probes):
            if at in probe.changed:
                yield index, probe.changed[at]

    def stretch(self, part: Sequence[int], kind: Relation) -> Stretch:
        """One stretch, with what it follows from."""
        felt = set().union(*(self.felt.get(at, ()) for at in part))
        return Stretch(part[0], part[-1] + 1, kind, tuple(sorted(felt)))

    def is_digest(self, part: Sequence[int]) -> bool:
        """Whether a change of any position changes all of it, as another value would."""
        inside = frozenset(part)
        whole = [len(inside & probe.changed.keys()) for probe in self._whole]
        usual = sum(whole) / len(whole) if sum(whole) else len(inside)
        shares = [
            sum(len(inside & row.changed.keys()) for row in rows) / len(rows) / usual for rows in self.rows.values()
        ]
        felt = [share for share in shares if share]
        local = sum(share <= _LOCAL for share in felt)
        return bool(felt) and local < _LOCALS * len(felt) and self.capacity(part) <= _DIGEST_BITS


def connected(places: Iterable[int]) -> list[list[int]]:
    """Places that touch, but for a separator, made one stretch."""
    parts: list[list[int]] = []
    for at in sorted(places):
        if parts and at - parts[-1][-1] <= _GAP:
            parts[-1].append(at)
        else:
            parts.append([at])
    return parts
