"""Two dumps of one program that was planted with two values: what differs depends on the secret, or on nothing.

Pointers into what stands for the same are equal, wherever it lies. What differs without the secret (process ids, time,
random numbers) only a third dump shows, of the same values as the first.
"""

from __future__ import annotations

import bisect
import os
from collections.abc import Iterable, Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.formats import reader_of, unpacker_of
from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.opening import NothingToRead, UnpackLimits, images
from redactfuzz.model.canary import Canary
from redactfuzz.model.exposure import Difference, Gap, Where
from redactfuzz.scan.compare.alignment import Aligned, Pair, aligned, program_of
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.survey import Atlas, survey

LISTED = 64
"""Differences that are listed, the longest first."""
_MASKED = "differs as the secret does: it lies there under a mask"
_UNKNOWN = "differs, and is in no known form: it depends on the secret"
_MOVED = "differs, as frames do when the kernel moves the stack: let all dumps be made without that (setarch -R)"
_UNSURE = "differs, as what the system draws anew for each process does: give a dump with the same values as --baseline"
_SCATTERED = "the first of {} places that are shorter than 8 bytes; what lies at all of them together {}"
_LEAST = 8
"""Bytes that differ: fewer, alone in a dump, are a counter, an index, a process id."""
_MANY = 16
_APART = 8
"""Equal bytes inside of one difference."""
_BLOCK = 1 << 14
_WORD = 8


@attrs.frozen(repr=False)
class PlantedValues:
    """What a dump was planted with: the scan reports its known forms, and here they are left out."""

    matcher_set: MatcherSet
    canaries: tuple[Canary, ...] = ()
    marker: str = ""


@attrs.frozen
class DumpComparison:
    """What differs between two dumps; ``more`` are not listed."""

    differences: tuple[Difference, ...] = ()
    more: int = 0
    gaps: tuple[Gap, ...] = ()
    of_any: bool = False
    """Whether anything was compared."""


_Byte = tuple[int, int]
"""Where one lies that differs, in both images."""


@attrs.define
class _Area:
    """Bytes that differ and lie together, however many: where the first and the last lie, and how many they are."""

    at: int
    other: int
    last: int
    size: int = 1

    @property
    def length(self) -> int:
        """With what is equal between them."""
        return self.last + 1 - self.at


def compared(
    path: str | os.PathLike[str],
    other: str | os.PathLike[str],
    planted: tuple[PlantedValues, PlantedValues],
    same: Sequence[str | os.PathLike[str]] = (),
    limits: UnpackLimits | None = None,
) -> DumpComparison:
    """Compares two dumps. ``same``: dumps with the values of the first. Never raises for what is in them."""
    found, gaps, of_any = _Worst(), list[Gap](), False
    try:
        noise = [_places(path, each, (planted[0], planted[0]), limits) for each in same]
        for index, pair in enumerate(_together(path, other, limits)):
            if isinstance(pair, Gap):
                gaps.append(pair)
                continue
            of_any = True
            left_out = _Stretches(stretch for one in noise for stretch in one.get(index, ()))
            for one in _differences(*pair, planted, left_out, separated=bool(same)):
                found.add(one)
    except NothingToRead as error:
        gaps.append(Gap(os.fspath(other), f"it cannot be compared: {error}"))
    listed = found.listed()
    return DumpComparison(listed, found.count - len(listed), tuple(gaps), of_any)


class _Worst:
    """Of differences, of which there may be a million, those that are listed."""

    def __init__(self) -> None:
        self._kept: list[Difference] = []
        self.count = 0

    def add(self, one: Difference) -> None:
        """One more."""
        self.count += 1
        self._kept.append(one)
        if len(self._kept) >= 2 * LISTED:
            self._kept = [*self.listed()]

    def listed(self) -> tuple[Difference, ...]:
        """The worst of them first."""
        self._kept.sort(key=lambda one: (not one.canary, not one.sure, -one.where.length, one.where.offset))
        return tuple(self._kept[:LISTED])


def _together(
    path: str | os.PathLike[str], other: str | os.PathLike[str], limits: UnpackLimits | None
) -> Iterator[tuple[Image, Image] | Gap]:
    """The images of two dumps, member by member."""
    limits = attrs.evolve(limits or UnpackLimits(), together=False)  # a member is compared with its twin
    first = (one for one in images(path, limits) if isinstance(one, Image) and unpacker_of(one) is None)
    second = (one for one in images(other, limits) if isinstance(one, Image) and unpacker_of(one) is None)
    for image in first:
        twin = next(second, None)
        if twin is None:
            yield Gap(image.name, "the dump to compare with has no such member", 0, image.size)
        elif not twin.size:
            yield Gap(twin.name, "it is empty: nothing is compared with it")
        else:
            yield _alike(image, twin) or (image, twin)


def _alike(image: Image, twin: Image) -> Gap | None:
    """Why two images are not of one program."""
    (mine, its) = (reader_of(one) for one in (image, twin))
    if mine.name != its.name:
        return Gap(twin.name, f"it is not compared: it is of the format {its.name}, the other one {mine.name}")
    programs = [program_of(reader.layout(one)) for reader, one in ((mine, image), (its, twin))]
    if all(programs) and programs[0] != programs[1]:
        return Gap(twin.name, f"it is not compared: it is of the program {programs[1]}, the other one of {programs[0]}")
    cut = next((gap for gap in its.layout(twin).gaps if not gap.harmless), None)
    return attrs.evolve(cut, reason=f"it is not compared: {cut.reason}") if cut is not None else None


def _places(
    path: str | os.PathLike[str],
    other: str | os.PathLike[str],
    planted: tuple[PlantedValues, PlantedValues],
    limits: UnpackLimits | None,
) -> dict[int, list[tuple[int, int]]]:
    """The words that differ between dumps with the same values, by member: a part of one may be equal by chance."""
    pairs = enumerate(_together(path, other, limits))
    both = ((index, pair) for index, pair in pairs if not isinstance(pair, Gap))
    return {index: list(_rows(at // _WORD for at, _ in _bytes(*pair, planted))) for index, pair in both}


def _rows(words: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Words that are one behind the other, as (first, behind the last)."""
    first = behind = -1
    for word in words:
        if word not in (behind - 1, behind):
            if behind > first:
                yield first, behind
            first = word
        behind = word + 1
    if behind > first:
        yield first, behind


def _differences(
    image: Image, twin: Image, planted: tuple[PlantedValues, PlantedValues], noise: _Stretches, *, separated: bool
) -> Iterator[Difference]:
    """``noise``: words that differ without the secret, ``separated``: all of them."""
    reader = reader_of(image)
    layout = reader.layout(image)
    atlas = Atlas(image, reader, layout, planted[0].matcher_set.holds)
    program = program_of(layout)
    in_place = aligned((image, layout), (twin, reader_of(twin).layout(twin))).in_place
    first: Where | None = None
    scattered = together = 0
    for area in _areas(byte for byte in _bytes(image, twin, planted) if not noise.hold(byte[0] // _WORD)):
        where = atlas.where(area.at, area.length)
        if area.size < _LEAST:
            if _is_sure(where, _MANY, program, in_place if separated else None):
                first = first or where
                scattered, together = scattered + 1, together + area.size
            continue
        canary = _masked(image, twin, area, planted)
        sure = bool(canary) or _is_sure(where, area.size, program, in_place if separated else None)
        reason = _MASKED if canary else _UNKNOWN if sure else _MOVED if separated else _UNSURE
        yield Difference(where, area.size, reason, canary, sure)
    if first is not None and together >= (_LEAST if separated else _MANY):
        reason = _SCATTERED.format(scattered, _UNKNOWN if separated else _UNSURE)
        yield Difference(first, together, reason, sure=separated)


def _is_sure(where: Where, size: int, program: str, in_place: bool | None) -> bool:
    """Whether only the secret can be the reason. ``in_place``: as the segments are, None where noise is not known.

    Where a stack is moved its frames lie otherwise as well; and what a library draws for itself has eight bytes.
    """
    stack = "stack" in where.span or where.mapping == "[stack]"
    if in_place is not None:
        return in_place or not stack
    if where.address is None:
        return False
    return not stack and size >= _MANY and where.mapping.rpartition("/")[2] in ("", program)


def _bytes(image: Image, twin: Image, planted: tuple[PlantedValues, PlantedValues]) -> Iterator[_Byte]:
    """What differs, in the order of the first image, and is no known form of a canary in either."""
    known = [_Stretches(_secret(one, of)) for one, of in zip((image, twin), planted, strict=True)]
    layouts = [(one, reader_of(one).layout(one)) for one in (image, twin)]
    both = aligned(layouts[0], layouts[1])
    for pair in sorted(both.pairs, key=lambda pair: pair.start):
        for byte in _unequal(image, twin, pair, both):
            if not (known[0].hold(byte[0]) or known[1].hold(byte[1])):
                yield byte


def _unequal(image: Image, twin: Image, pair: Pair, both: Aligned) -> Iterator[_Byte]:
    ended = _words(twin, pair)
    for start in range(0, pair.size, _BLOCK):
        end = min(start + _BLOCK, pair.size)
        one = image.data[pair.start + start : pair.start + end]
        two = twin.data[pair.other + start : pair.other + end]
        if one == two:
            continue
        else_at = None if pair.or_else is None else pair.or_else + start
        instead = b"" if else_at is None else twin.data[else_at : else_at + len(one)]
        for at in range(0, len(one), _WORD):
            mine, its = one[at : at + _WORD], two[at : at + _WORD]
            its_else = instead[at : at + _WORD]
            same = any(_stand_for_the_same(mine, word, both) for word in (its, its_else))
            if not same and start + at < pair.dead:
                same = both.same_word(int.from_bytes(mine, "little"), ended)
            if not same:
                here, there = pair.start + start + at, pair.other + start + at
                yield from ((here + k, there + k) for k in range(len(mine)) if mine[k] != its[k])
        image.release(pair.start + start, pair.start + end)
        twin.release(pair.other + start, pair.other + end)


def _words(image: Image, pair: Pair) -> frozenset[int]:
    """Of the frames that have ended, in the other image."""
    data = image.data[pair.other : pair.other + pair.dead]
    return frozenset(int.from_bytes(data[at : at + _WORD], "little") for at in range(0, len(data), _WORD))


def _stand_for_the_same(mine: bytes, its: bytes, both: Aligned) -> bool:
    return mine == its or both.same_pointer(int.from_bytes(mine, "little"), int.from_bytes(its, "little"))


def _secret(image: Image, planted: PlantedValues) -> list[tuple[int, int]]:
    """Where known forms and markers lie."""
    found = list(survey(image, planted.matcher_set, named=False).secret)
    marker = planted.marker.encode()
    at = image.data.find(marker) if marker else -1
    while at >= 0:
        found.append((at, at + len(marker)))
        at = image.data.find(marker, at + 1)
    return found


class _Stretches:
    """Stretches of an image."""

    def __init__(self, stretches: Iterable[tuple[int, int]]) -> None:
        self._ends: list[int] = []
        self._starts: list[int] = []
        for start, end in sorted(stretches):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def hold(self, offset: int) -> bool:
        """Whether one of them has this byte."""
        index = bisect.bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self._ends[index]


def _areas(found: Iterable[_Byte]) -> Iterator[_Area]:
    """Bytes that lie together."""
    area: _Area | None = None
    for at, other in found:
        if area is not None and 0 < at - area.last <= _APART and other - at == area.other - area.at:
            area.last, area.size = at, area.size + 1
            continue
        if area is not None:
            yield area
        area = _Area(at, other, at)
    if area is not None:
        yield area


def _masked(image: Image, twin: Image, area: _Area, planted: tuple[PlantedValues, PlantedValues]) -> str:
    """The canary whose two values differ as these bytes do: each is there with the same mask on it."""
    one = int.from_bytes(image.data[area.at : area.at + area.length], "big")
    two = int.from_bytes(twin.data[area.other : area.other + area.length], "big")
    here = (one ^ two).to_bytes(area.length, "big")
    others = {canary.name: canary for canary in planted[1].canaries}
    for canary in planted[0].canaries:
        its = others.get(canary.name)
        if its is None:
            continue
        mask = bytes(a ^ b for a, b in zip(canary.bytes, its.bytes, strict=False))
        windows = (mask[at : at + _LEAST] for at in range(len(mask) - _LEAST + 1))
        if any(any(window) and (window in here or window[::-1] in here) for window in windows):
            return canary.name
    return ""
