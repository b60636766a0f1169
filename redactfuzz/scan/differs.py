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


@attrs.frozen
class _Byte:
    """One that differs, in both images."""

    at: int
    other: int


def compared(
    path: str | os.PathLike[str],
    other: str | os.PathLike[str],
    planted: tuple[PlantedValues, PlantedValues],
    same: Sequence[str | os.PathLike[str]] = (),
    limits: UnpackLimits | None = None,
) -> DumpComparison:
    """Compares two dumps. ``same``: dumps with the values of the first. Never raises for what is in them."""
    found: list[Difference] = []
    gaps: list[Gap] = []
    try:
        noise = [_places(path, each, (planted[0], planted[0]), limits) for each in same]
        for index, pair in enumerate(_together(path, other, limits)):
            if isinstance(pair, Gap):
                gaps.append(pair)
                continue
            left_out = {at for one in noise for at in one.get(index, ())}
            found += _differences(*pair, planted, left_out, separated=bool(same))
    except NothingToRead as error:
        gaps.append(Gap(os.fspath(other), f"it cannot be compared: {error}"))
    found.sort(key=lambda one: (not one.canary, not one.sure, -one.where.length, one.where.offset))
    return DumpComparison(tuple(found[:LISTED]), max(0, len(found) - LISTED), tuple(gaps))


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
) -> dict[int, frozenset[int]]:
    """The words that differ between dumps with the same values, by member: a part of one may be equal by chance."""
    pairs = enumerate(_together(path, other, limits))
    both = ((index, pair) for index, pair in pairs if not isinstance(pair, Gap))
    return {index: frozenset(byte.at // _WORD for byte in _bytes(*pair, planted)) for index, pair in both}


def _differences(
    image: Image, twin: Image, planted: tuple[PlantedValues, PlantedValues], noise: Iterable[int], *, separated: bool
) -> Iterator[Difference]:
    """``noise``: words that differ without the secret, ``separated``: all of them."""
    reader = reader_of(image)
    layout = reader.layout(image)
    atlas = Atlas(image, reader, layout, planted[0].matcher_set.holds)
    program = program_of(layout)
    in_place = aligned((image, layout), (twin, reader_of(twin).layout(twin))).in_place
    left_out = frozenset(noise)
    scattered: list[tuple[Where, int]] = []
    for area in _areas(byte for byte in _bytes(image, twin, planted) if byte.at // _WORD not in left_out):
        first, last, size = area[0], area[-1], len(area)
        where = atlas.where(first.at, last.at + 1 - first.at)
        if size < _LEAST:
            if _is_sure(where, _MANY, program, in_place if separated else None):
                scattered.append((where, size))
            continue
        canary = _masked(image, twin, area, planted)
        sure = bool(canary) or _is_sure(where, size, program, in_place if separated else None)
        reason = _MASKED if canary else _UNKNOWN if sure else _MOVED if separated else _UNSURE
        yield Difference(where, size, reason, canary, sure)
    together = sum(size for _, size in scattered)
    if together >= (_LEAST if separated else _MANY):
        reason = _SCATTERED.format(len(scattered), _UNKNOWN if separated else _UNSURE)
        yield Difference(scattered[0][0], together, reason, sure=separated)


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
            if not (known[0].hold(byte.at) or known[1].hold(byte.other)):
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
                yield from (_Byte(here + k, there + k) for k in range(len(mine)) if mine[k] != its[k])
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


def _areas(found: Iterable[_Byte]) -> Iterator[list[_Byte]]:
    """Bytes that lie together."""
    area: list[_Byte] = []
    for byte in found:
        near = area and 0 < byte.at - area[-1].at <= _APART and byte.other - byte.at == area[-1].other - area[-1].at
        if area and not near:
            yield area
            area = []
        area.append(byte)
    if area:
        yield area


def _masked(image: Image, twin: Image, area: Sequence[_Byte], planted: tuple[PlantedValues, PlantedValues]) -> str:
    """The canary whose two values differ as these bytes do: each is there with the same mask on it."""
    size = area[-1].at + 1 - area[0].at
    one = image.data[area[0].at : area[0].at + size]
    two = twin.data[area[0].other : area[0].other + size]
    here = bytes(a ^ b for a, b in zip(one, two, strict=True))
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
