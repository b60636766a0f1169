"""The search of one execution's dumps: canaries, witnesses, and canaries of executions before."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs

from redactfuzz.dumps.readers.opening import NothingToRead, UnpackLimits, images
from redactfuzz.dumps.readers.packed import unpacked
from redactfuzz.dumps.readers.reader import read
from redactfuzz.dumps.readers.region import Region
from redactfuzz.model.canary import Canary, mint
from redactfuzz.model.exposure import Gap
from redactfuzz.model.outcome import Dump, Inspection, Leak
from redactfuzz.scan.compare.looks import content, shape, shape_of_all
from redactfuzz.scan.layers import layers
from redactfuzz.scan.matcher_set import MatcherSet, Sighting
from redactfuzz.scan.place import path_text, place
from redactfuzz.scan.survey import Located, survey
from redactfuzz.scan.telling.gaps import Gaps
from redactfuzz.scan.witness import survives

LISTED = 20
"""Sightings of one canary in one dump that are listed; the last one says how many more there are."""
_LIMITS = UnpackLimits(memory=False, together=False)


class Inspector:
    """Searches the dumps of one execution; see ``model.plan.Inspect``. Not thread safe."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._matcher_set = MatcherSet()
        self._names: frozenset[str] = frozenset()
        self._first: int | None = None
        """The first execution that was searched: what keeps a value for good keeps that one's."""

    def __call__(
        self, dumps: Sequence[Dump], canaries: Mapping[str, Canary], witnesses: Mapping[str, str], number: int
    ) -> Inspection:
        """Look for every canary and witness in every dump. `number` is that of the execution."""
        if not dumps:
            return Inspection()
        self._matcher_set.plant(list(canaries.values()), self._before(canaries.values(), number))
        try:
            self._names = frozenset(canaries)
            return _merge([self._inspect(dump, witnesses) for dump in dumps])
        finally:
            self._matcher_set.clear()

    def _before(self, canaries: Iterable[Canary], number: int) -> list[Canary]:
        """What the canaries were in the execution before this one, and in the first of all."""
        self._first = number if self._first is None else self._first
        earlier = sorted({number - 1, 1, self._first} - {0, number})
        return [
            mint(self._seed, canary.name, canary.kind, one)
            for canary in canaries
            if canary.number == number and not canary.kind.repeats
            for one in earlier
        ]

    def _inspect(self, dump: Dump, witnesses: Mapping[str, str]) -> Inspection:
        if isinstance(dump.data, os.PathLike):
            return self._inspect_file(dump, dump.data, witnesses)
        reading = read(dump.data)
        missing = set(witnesses)
        found: list[tuple[Region, Sighting]] = []
        for region in (*reading.regions, *unpacked(reading.regions)):
            seen = layers(region.data)
            found += [(region, sighting) for sighting in self._matcher_set.search(region, seen)]
            missing -= _surviving(missing, witnesses, [one.data.find for one in seen if not one.dense])
        shown = {sighting.canary.name for _, sighting in found if not sighting.stale}
        return Inspection(
            leaks=tuple(self._leaks(dump, shown - dump.allowed, found)),
            shown=frozenset(shown),
            counted=self._names - dump.allowed if reading.regions else frozenset(),
            missing_witnesses=tuple(sorted(missing)) if reading.regions else (),
            held=_held(dump, witnesses, missing),
            read=frozenset({dump.name} if reading.regions else ()),
            stale=tuple(sorted({sighting.canary.name for _, sighting in found if sighting.stale})),
            unreadable=tuple(self._unread(dump.name, unread.reason, unread.path) for unread in reading.unread),
            bytes_read=sum(len(region.data) for region in reading.regions),
            shape=shape(dump.name, reading.regions) if reading.regions else 0,
            content=content(reading.regions),
        )

    def _inspect_file(self, dump: Dump, path: os.PathLike[str], witnesses: Mapping[str, str]) -> Inspection:
        """A dump file is read as its format is, and so is what is packed in it."""
        missing, unread, size = set(witnesses), [], 0
        found: list[Located] = []
        try:
            for image in images(path, _LIMITS):
                if isinstance(image, Gap):
                    unread.append(image)
                    continue
                seen = survey(image, self._matcher_set, named=False)
                found += seen.found
                unread += seen.layout.gaps if seen.layout else ()
                missing -= _surviving(missing, witnesses, [image.find])
                size += seen.read
        except NothingToRead as error:
            return Inspection(unreadable=(f"{dump.name}: {error}",))
        shown = {one.sighting.canary.name for one in found if not one.sighting.stale}
        return Inspection(
            leaks=tuple(self._leaks_of(dump, shown - dump.allowed, found)),
            shown=frozenset(shown),
            counted=self._names - dump.allowed,
            missing_witnesses=tuple(sorted(missing)),
            held=_held(dump, witnesses, missing),
            read=frozenset({dump.name}),
            stale=tuple(sorted({one.sighting.canary.name for one in found if one.sighting.stale})),
            unreadable=tuple(f"{dump.name}: {gap.reason}" for gap in Gaps(unread).told(dump.name) if not gap.harmless),
            bytes_read=size,
        )

    def _leaks_of(self, dump: Dump, forbidden: set[str], found: list[Located]) -> Iterator[Leak]:
        for name in sorted(forbidden):
            mine = [one for one in found if one.sighting.canary.name == name and not one.sighting.stale]
            for seen in _listed(mine):
                leak = _leak(dump, seen.sighting, seen.where.text, mine[0].sighting.canary.hash_prefix)
                yield attrs.evolve(leak, address=seen.where.address)

    def _unread(self, name: str, reason: str, path: tuple[str | int, ...]) -> str:
        at = f" at {path_text(path, self._matcher_set.holds)}" if path else ""
        return f"{name}: {reason}{at}"

    def _leaks(self, dump: Dump, forbidden: set[str], found: list[tuple[Region, Sighting]]) -> Iterator[Leak]:
        for name in sorted(forbidden):
            mine = [(region, one) for region, one in found if one.canary.name == name and not one.stale]
            hash_prefix = mine[0][1].canary.hash_prefix
            for region, one in itertools.islice(mine, LISTED):
                where = self._where(region, one, len(mine) - LISTED if one is mine[:LISTED][-1][1] else 0)
                yield _leak(dump, one, where, hash_prefix)

    def _where(self, region: Region, sighting: Sighting, more: int) -> str:
        where = place(region, sighting.offset, self._matcher_set.holds)
        return f"{where} (and {more} more)".strip() if more > 0 else where


def _listed(mine: list[Located]) -> list[Located]:
    """The first ones, and the first of those in memory and of those in registers, which might else be left out."""
    firsts = {one.where.address is None: one for one in reversed(mine[LISTED:])}
    missing = firsts.keys() - {one.where.address is None for one in mine[:LISTED]}
    return [*mine[:LISTED], *(firsts[key] for key in missing)]


def _leak(dump: Dump, one: Sighting, where: str, hash_prefix: str) -> Leak:
    return Leak(
        canary=one.canary.name,
        encoding=one.encoding,
        offset=one.offset,
        length=one.length,
        dump=dump.name,
        hash_prefix=hash_prefix,
        where=where,
        recovered=round(one.bits, 1),
        entropy=round(one.entropy, 1),
        part="whole" if one.whole else "part",
    )


def _surviving(names: set[str], witnesses: Mapping[str, str], finds: Sequence[Callable[[bytes], int]]) -> set[str]:
    return {name for name in names if survives(witnesses[name], finds)}


def _held(dump: Dump, witnesses: Mapping[str, str], missing: set[str]) -> frozenset[tuple[str, str]]:
    return frozenset((dump.name, name) for name in witnesses if name not in missing)


def _merge(parts: list[Inspection]) -> Inspection:
    """All dumps of an execution together. A witness that none of them holds is missing."""
    if len(parts) == 1:
        return parts[0]
    held = frozenset().union(*(part.held for part in parts))
    there = {witness for _, witness in held}
    return Inspection(
        leaks=tuple(itertools.chain.from_iterable(part.leaks for part in parts)),
        shown=frozenset().union(*(part.shown for part in parts)),
        counted=frozenset().union(*(part.counted for part in parts)),
        missing_witnesses=tuple(sorted({name for part in parts for name in part.missing_witnesses} - there)),
        held=held,
        read=frozenset().union(*(part.read for part in parts)),
        stale=tuple(sorted({name for part in parts for name in part.stale})),
        unreadable=tuple(itertools.chain.from_iterable(part.unreadable for part in parts)),
        bytes_read=sum(part.bytes_read for part in parts),
        shape=shape_of_all(part.shape for part in parts),
        content=tuple(itertools.chain.from_iterable(part.content for part in parts)),
    )
