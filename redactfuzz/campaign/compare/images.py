"""What depends on a secret in the dumps of one schedule of a program: it runs again and again with other values.

A place is a byte of memory, of registers or of a file. What it reveals ``scan.compare.dependence`` judges; here values
are changed, and what differs for another reason is left out.
"""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce

import attrs

from redactfuzz.campaign.session.deadline import OutOfTime
from redactfuzz.model.canary.variant import Variant, positions, unit, varied
from redactfuzz.native.run.images import Camera, Picture, Span, aligned
from redactfuzz.scan.compare.dependence import FEW_BITS, MOVED, Dependence, Probe, Relation, judge, without
from redactfuzz.scan.compare.linear import Change, Together, is_promising, solved, subsets

POSITIONS = 256
"""Of a longer secret so many are changed, spread over it,"""
SECONDS = 10.0
"""At most for one schedule."""
FEWER = 96
"""and so many where it is known that it leaks, and asked whether it does here."""
_SURE = 32
"""Changes of a text at least: a place of a digest follows from most of its characters, but not from each change."""
_SLOT = 1 << 72
"""Places between two parts of an image that count their addresses each for itself."""
_STEPS = (1 << 14, 1 << 8, 16)
"""Bytes that are compared at once: most of an image is the same."""
_ANOTHER = 1
"""Of random numbers."""
_SEED = 3
"""Random bytes beside what is sealed, from which on it may follow from them: a generator's seed has four."""
_REVEALING = (Relation.ENCODING, Relation.FEW)
_TOUCHING = 8
"""Unchanged bytes inside of what is reported as one area."""

Places = frozenset[tuple[Span, int]]
"""Part of an image, and address in it."""
Known = dict[str, list[Places]]
"""By canary: places that were seen to depend on it and to reveal nothing, in schedules that were compared before."""


@attrs.frozen
class Area:
    """Bytes that depend on a secret.

    ``sealed``: on other secrets as well, or on random numbers, and these cannot be read off. ``open``: what they are
    sealed with may lie beside them.
    """

    canary: str
    kind: Relation
    span: Span
    address: int
    size: int
    sealed: bool = False
    open: bool = False


@attrs.frozen(repr=False)
class Images:
    """The answer for one schedule. ``why``: why it cannot be compared; empty where it could."""

    areas: tuple[Area, ...] = ()
    dependences: Mapping[str, Dependence] = attrs.field(factory=dict)
    """By canary, where anything depends on it."""
    places: Mapping[str, frozenset[int]] = attrs.field(factory=dict)
    """By canary, those that reveal something."""
    noise: int = 0
    """Bytes that differ with the same values."""
    why: str = ""


class Comparer:
    """Compares the pictures of one camera."""

    def __init__(
        self,
        camera: Camera,
        seed: int,
        *,
        most: int = POSITIONS,
        known: Known | None = None,
        seconds: float = SECONDS,
    ) -> None:
        """``seed``: of other values. ``most``: positions of a secret that are changed. ``seconds``: as of OutOfTime."""
        self._camera = camera
        self._seed = seed
        self._most = most
        self._known: Known = {} if known is None else known
        self._spans: list[Span] = []
        self._written: dict[tuple[str, int], Span] = {}
        """Where bytes of memory lie that only one of two pictures has, by the child and their address."""
        self._parts: dict[str, list[tuple[int, int, int, Span]]] = {}
        """Of memory, by the child, in order: (first address, address behind the last, the largest so far, span)."""
        self.base: Picture | None = None
        self.runs = 0
        self._short = seconds < SECONDS
        self._until = time.monotonic() + min(seconds, SECONDS)
        self._sums: dict[str, list[tuple[frozenset[int], Change]]] = {}
        self._more: dict[str, list[Change]] = {}
        self.rows: dict[str, list[tuple[Variant, Probe]]] = {}
        """By canary, what each other value has changed."""

    def compare(self) -> Images:
        """Compares the camera's schedule. Raises OutOfTime where the campaign leaves it too little time."""
        self._take({})  # what the first execution of a schedule finds, no later one does
        self.base, again = self._take({}), self._take({})
        self._parts.clear()
        if self.base is None or again is None:
            return Images(why="does not come to its end")
        if _way(self.base) != _way(again):
            return Images(why="runs another way with the same values")
        noise = frozenset(self.differences(self.base, again))
        probes: dict[str, list[Probe]] = {}
        for name in self._camera.canaries:
            whole = list(self._probes(name, (Variant(0), Variant(1)), noise))
            if not whole:
                why = self._late() or "runs another way under other values and cannot be followed"
                return Images(noise=len(noise), why=why)
            if any(name not in self._allowed(at) for at in _places(whole)):
                probes[name] = whole
        if all(self._is_known(name, _places(whole)) for name, whole in probes.items()):
            return Images(noise=len(noise))
        for name, whole in probes.items():
            if 8 * len(_places(whole)) > FEW_BITS:  # else there is no room for more than a few bits
                whole += self._probes(name, self._single(name), noise)
        if late := self._late():
            return Images(noise=len(noise), why=late)
        return self._judged(probes, noise)

    def _late(self) -> str:
        """What to say when it takes too long; empty when it does not."""
        if time.monotonic() <= self._until:
            return ""
        if self._short:
            raise OutOfTime
        return f"takes more than {SECONDS:.0f} seconds to compare"

    def differences(self, one: Picture, other: Picture) -> dict[int, int]:
        """Place -> the byte of the other, of all that differs between two pictures."""
        first, second = (
            {(part.span, part.address, len(part.data)): part.data for part in each.parts} for each in (one, other)
        )
        found: dict[int, int] = {}
        for key in first.keys() & second.keys():
            if first[key] != second[key]:
                start = self._place(key[0], key[1])
                found.update((start + at, second[key][at]) for at in _unequal(first[key], second[key]))
        before = self._scattered((key, first[key]) for key in first.keys() - second.keys())
        after = self._scattered((key, second[key]) for key in second.keys() - first.keys())
        for at in before.keys() | after.keys():
            # Memory that was not written is zero; a file ends.
            none = MOVED if self._spans[at // _SLOT].is_file else 0
            if before.get(at, none) != after.get(at, none):
                found[at] = after.get(at, none)
        return found

    def at(self, place: int) -> tuple[Span, int]:
        """What a place is part of, and its address there."""
        shared, address = self._spans[place // _SLOT], place % _SLOT
        assert self.base is not None
        inner = self._inside(shared.file, address) if shared.is_memory else None
        # What nobody has written is in no part: another value led there.
        return (inner or self._written.get((shared.file, address), shared) if shared.is_memory else shared), address

    def _inside(self, file: str, address: int) -> Span | None:
        """The part of memory that holds an address: there are thousands of parts, and this is asked of each place."""
        if not self._parts and self.base is not None:
            for part in sorted((one for one in self.base.parts if one.span.is_memory), key=lambda one: one.address):
                parts = self._parts.setdefault(part.span.file, [])
                reach = max(part.end, parts[-1][2] if parts else 0)
                parts.append((part.address, part.end, reach, part.span))
        parts = self._parts.get(file, [])
        index = bisect.bisect_right(parts, address, key=lambda one: one[0]) - 1
        while index >= 0 and address < parts[index][2]:  # some lie inside of others
            if address < parts[index][1]:
                return parts[index][3]
            index -= 1
        return None

    # -- the executions

    def _take(self, values: Mapping[str, bytes], chance: int = 0) -> Picture | None:
        self.runs += 1
        picture = self._camera.take(values, chance=chance)
        return picture if picture is None or self.base is None else aligned(picture, self.base)

    def _single(self, name: str) -> Iterator[Variant]:
        """One position changed, for each of them or for many."""
        canary = self._camera.canaries[name]
        count = positions(canary)
        draws = 1 if unit(canary) == "bits" else max(2, -(-_SURE // max(1, count)))
        some = min(count, max(1, self._most // draws))
        for index in range(some):
            yield from (Variant(draw, count * index // some) for draw in range(draws))

    def _probes(self, name: str, variants: Iterable[Variant], noise: frozenset[int]) -> Iterator[Probe]:
        """Without those values with which it goes another way."""
        assert self.base is not None
        canary = self._camera.canaries[name]
        for variant in variants:
            if time.monotonic() > self._until:
                return
            value = varied(canary, self._seed, variant).bytes
            picture = self._take({name: value}) if len(value) == canary.size else None
            if picture is not None and _way(picture) == _way(self.base):
                changed = self.differences(self.base, picture)
                probe = Probe(variant.position, {at: byte for at, byte in changed.items() if at not in noise})
                self.rows.setdefault(name, []).append((variant, probe))
                yield probe

    def _drawn(self) -> frozenset[int]:
        """What depends on random numbers."""
        assert self.base is not None
        picture = self._take({}, chance=_ANOTHER)
        if picture is None or _way(picture) != _way(self.base):
            return frozenset()
        return frozenset(self.differences(self.base, picture))

    # -- what they say

    def _judged(self, probes: Mapping[str, Sequence[Probe]], noise: frozenset[int]) -> Images:
        judged = {name: self._judge(name, rows) for name, rows in probes.items()}
        drawn = self._drawn() if any(_revealing(one) for one in judged.values()) else frozenset()
        dependences: dict[str, Dependence] = {}
        areas: list[Area] = []
        for name, one in judged.items():
            places = _places(probes[name])
            others = (_places(probes[other]) - _revealing(judged[other]) for other in probes if other != name)
            sealed = places & drawn.union(*others) if _revealing(one) else frozenset()
            allowed = frozenset(at for at in places if name in self._allowed(at))
            dependences[name] = self._judge(name, without(probes[name], sealed | allowed)) if sealed or allowed else one
            areas += [self._area(name, each.kind, each.start, each.end) for each in dependences[name].stretches]
            sealed -= allowed
            beside = len(drawn - places) >= _SEED
            for start, end in _runs(sealed):
                areas.append(attrs.evolve(self._area(name, Relation.OTHER, start, end), sealed=True, open=beside))
            if dependences[name].kind is not Relation.ENCODING:
                self._known.setdefault(name, []).append(self._named(places))
        return Images(
            tuple(areas), dependences, {name: _revealing(one) for name, one in dependences.items()}, len(noise)
        )

    def _judge(self, name: str, rows: Sequence[Probe]) -> Dependence:
        canary = self._camera.canaries[name]
        tried = len({row.position for row in rows if row.position is not None})
        one = judge(rows, canary.bits / max(1, tried), canary.bits)
        if one.kind in (Relation.INDEPENDENT, Relation.ENCODING) or 2 * tried <= FEW_BITS:
            return one
        places = _places(rows)
        alone, together = list(self._alone(name).values()), self._together(name)
        at_once = [Together(some, _kept(did, places)) for some, did in together]
        if not is_promising([_kept(change, places) for change in alone], at_once):
            return one
        alone += self._further(name)
        return solved(one, [_kept(change, places) for change in alone], at_once, canary.bits)

    def _alone(self, name: str) -> dict[bytes, Change]:
        """One other value for each position that was changed, and what it did. What moved bytes is none of it."""
        canary, found = self._camera.canaries[name], dict[int, tuple[bytes, Change]]()
        for variant, probe in self.rows.get(name, ()):
            moves = max(probe.changed.values(), default=0) >= MOVED
            if variant.position is not None and variant.position not in found and not moves:
                found[variant.position] = varied(canary, self._seed, variant).bytes, self._by(probe.changed)
        return dict(found.values())

    def _together(self, name: str) -> list[tuple[frozenset[int], Change]]:
        """Several of those changes at once, by their numbers, and what that did."""
        if name not in self._sums:
            self._sums[name] = []
            own, values = self._camera.canaries[name].bytes, list(self._alone(name))
            for some in subsets(len(values)):
                value = reduce(_xor, (_xor(own, values[index]) for index in some), own)
                picture = self._take({name: value}) if time.monotonic() < self._until else None
                if picture is not None and self.base is not None and _way(picture) == _way(self.base):
                    changed = self.differences(self.base, picture)
                    self._sums[name].append((some, self._by(_unmoved(changed))))
        return self._sums[name]

    def _further(self, name: str) -> list[Change]:
        """What further values of each position do: a character has several bits, and one change shows one of them."""
        if name not in self._more:
            canary = self._camera.canaries[name]
            tried = sorted({row.position for _, row in self.rows.get(name, ()) if row.position is not None})
            draws = 1 if unit(canary) == "bits" else math.ceil(canary.bits / max(1, len(tried)))
            further = [Variant(draw, position) for draw in range(1, draws) for position in tried]
            self._more[name] = [self._by(_unmoved(probe.changed)) for probe in self._probes(name, further, frozenset())]
        return self._more[name]

    def _by(self, changed: Mapping[int, int]) -> Change:
        return {at: byte ^ self._byte(at) for at, byte in changed.items()}

    def _byte(self, place: int) -> int:
        assert self.base is not None
        shared, address = self._spans[place // _SLOT], place % _SLOT
        for part in self.base.parts:
            own = Span(-1, 0, part.span.file) if part.span.is_memory else part.span
            if own == shared and part.address <= address < part.end:
                return part.data[address - part.address]
        return 0

    def _is_known(self, name: str, places: frozenset[int]) -> bool:
        named = self._named(places)
        return any(named <= before for before in self._known.get(name, ()))

    def _named(self, places: Iterable[int]) -> Places:
        return frozenset((self._spans[at // _SLOT], at % _SLOT) for at in places)

    def _area(self, name: str, kind: Relation, start: int, end: int) -> Area:
        span, address = self.at(start)
        return Area(name, kind, span, address, end - start)

    def _allowed(self, place: int) -> frozenset[str]:
        """Canaries that may be there."""
        assert self.base is not None
        file = self._spans[place // _SLOT].file
        return next((part.allowed for part in self.base.parts if part.span.file == file), frozenset())

    def _place(self, span: Span, address: int) -> int:
        shared = Span(-1, 0, span.file) if span.is_memory else span  # one address space
        if shared not in self._spans:
            self._spans.append(shared)
        return self._spans.index(shared) * _SLOT + address

    def _scattered(self, parts: Iterable[tuple[tuple[Span, int, int], bytes]]) -> dict[int, int]:
        """The bytes of parts that the other picture has not, or not so long."""
        found: dict[int, int] = {}
        for (span, address, _), data in parts:
            start = self._place(span, address)
            found.update(zip(range(start, start + len(data)), data, strict=True))
            if span.is_memory:
                self._written.update(((span.file, address + at), span) for at in range(len(data)))
        return found


def _unequal(one: bytes, other: bytes, level: int = 0) -> Iterator[int]:
    if level == len(_STEPS):
        yield from (at for at, (before, after) in enumerate(zip(one, other, strict=True)) if before != after)
        return
    step = _STEPS[level]
    for start in range(0, len(one), step):
        before, after = one[start : start + step], other[start : start + step]
        if before != after:
            yield from (start + at for at in _unequal(before, after, level + 1))


def _way(picture: Picture) -> tuple[int, int]:
    """What is the same in two executions that went the same way."""
    outcome = picture.executed.outcome
    return outcome.trace_hash, outcome.dumps


def _unmoved(changed: Mapping[int, int]) -> dict[int, int]:
    return {at: byte for at, byte in changed.items() if byte < MOVED}


def _kept(change: Change, places: frozenset[int]) -> Change:
    return {at: by for at, by in change.items() if at in places}


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _places(rows: Iterable[Probe]) -> frozenset[int]:
    return frozenset(at for row in rows for at in row.changed)


def _revealing(one: Dependence) -> frozenset[int]:
    """Places that reveal something."""
    return frozenset(at for each in one.stretches if each.kind in _REVEALING for at in range(each.start, each.end))


def _runs(places: Iterable[int]) -> list[tuple[int, int]]:
    """Places that touch, from the first to behind the last."""
    runs: list[tuple[int, int]] = []
    for at in sorted(places):
        if runs and at - runs[-1][1] < _TOUCHING:
            runs[-1] = runs[-1][0], at + 1
        else:
            runs.append((at, at + 1))
    return runs
