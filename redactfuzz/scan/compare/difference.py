"""Where two dumps of one schedule differ, in places of the first, also where lengths do."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence

from redactfuzz.scan.compare.anchors import Gap, gaps
from redactfuzz.scan.compare.dependence import MOVED

_BLOCK = 4096
_APART = 64
"""Places between two parts, so that nothing in them is connected."""
_TOKENS = re.compile(rb"\w+|\s+|.", re.DOTALL)
NOT_ALIGNED = 1 << 40
"""From this number on: in place of a byte whose counterpart in the other dump is unknown."""
_FEW, _FEWER = 64, 4
"""Where two of one length differ in more bytes than these, they are aligned: so many times fewer may be left."""
_ALIKE = 3
"""Words of an order, on average, that are the same: more are no order but an alphabet."""
_LONG = 1 << 20
"""Bytes above which lines are aligned first, and not the words in them."""


def starts(parts: Sequence[bytes]) -> list[int]:
    """The first place of each part."""
    at, found = 0, []
    for part in parts:
        found.append(at)
        at += len(part) + _APART
    return found


def differences(base: Sequence[bytes], other: Sequence[bytes]) -> dict[int, int]:
    """The places of ``base`` that differ, with the byte that ``other`` has there. A missing part differs wholly."""
    changed: dict[int, int] = {}
    for index, (start, part) in enumerate(zip(starts(base), base, strict=True)):
        if index >= len(other):
            changed.update((start + at, MOVED) for at in range(max(1, len(part))))
        elif part != other[index]:
            changed.update((start + at, byte) for at, byte in _differing(part, other[index]))
    if len(other) > len(base):
        changed[starts([*base, b""])[-1]] = MOVED
    return changed


def reordered(base: Sequence[bytes], other: Sequence[bytes]) -> bool:
    """Whether both hold the same words, in another order. Many of the same few words are in one by chance."""
    mine, theirs = ([_TOKENS.findall(part) for part in parts] for parts in (base, other))
    if [sorted(words) for words in mine] != [sorted(words) for words in theirs]:
        return False
    rows = zip(mine, theirs, strict=True)
    moved = [one for words, others in rows for one, two in zip(words, others, strict=True) if one != two]
    return len(set(moved)) * _ALIKE >= len(moved)


def _differing(base: bytes, other: bytes) -> Iterator[tuple[int, int]]:
    changed = list(_bytewise(base, other, 0)) if len(base) == len(other) else None
    if changed is not None and (len(changed) <= _FEW or len(base) > _LONG):
        yield from changed
        return
    first = _common(base, other)
    room = min(len(base), len(other)) - first
    last = _common(base[::-1][:room], other[::-1][:room])
    inner, outer = base[first : len(base) - last], other[first : len(other) - last]
    aligned = list(_aligned(inner, outer, first))
    # What was put in at one place and taken out at another leaves the length as it was, and moves all between.
    yield from aligned if changed is None or len(aligned) * _FEWER < len(changed) else changed


def _bytewise(base: bytes, other: bytes, start: int) -> Iterator[tuple[int, int]]:
    for block in range(0, len(base), _BLOCK):
        mine, theirs = base[block : block + _BLOCK], other[block : block + _BLOCK]
        if mine != theirs:
            for at, (one, two) in enumerate(zip(mine, theirs, strict=True)):
                if one != two:
                    yield start + block + at, two


def _aligned(base: bytes, other: bytes, start: int) -> Iterator[tuple[int, int]]:
    """What differs once equal words stand beside each other; of long ones, words of lines that are not equal."""
    lines = len(base) + len(other) > _LONG
    mine, theirs = (data.splitlines(keepends=True) if lines else _TOKENS.findall(data) for data in (base, other))
    ends = [0]
    for token in mine:
        ends.append(ends[-1] + len(token))
    for gap in _gaps(mine, theirs):
        first, last = ends[gap.first], ends[gap.last]
        instead = b"".join(theirs[gap.begin : gap.end])
        if not gap.aligned or (lines and last - first + len(instead) > _LONG):
            yield from ((start + at, NOT_ALIGNED) for at in range(first, last))
        elif lines and first < last and instead:
            yield from _aligned(base[first:last], instead, start + first)
        else:
            yield from _replaced(base[first:last], instead, start + first)


def _gaps(mine: Sequence[bytes], theirs: Sequence[bytes]) -> list[Gap]:
    """What differs. Of as many words the n-th stands for the n-th, unless that leaves many more that differ."""
    found = list(gaps(mine, theirs))
    if len(mine) != len(theirs):
        return found
    each = [Gap(at, at + 1, at, at + 1) for at, (one, two) in enumerate(zip(mine, theirs, strict=True)) if one != two]
    fewest = sum(gap.last - gap.first + gap.end - gap.begin for gap in found)
    return each if len(each) <= fewest else found


def _replaced(base: bytes, other: bytes, start: int) -> Iterator[tuple[int, int]]:
    """A stretch in place of another one: what is equal at both ends is not different."""
    if len(base) == len(other):
        yield from _bytewise(base, other, start)
        return
    first = _common(base, other)
    room = min(len(base), len(other)) - first
    last = _common(base[::-1][:room], other[::-1][:room])
    came = MOVED + zlib.crc32(other[first : len(other) - last])
    for at in range(first, max(first + 1, len(base) - last)):
        yield start + at, came


def _common(one: bytes, two: bytes) -> int:
    """Bytes that are equal from the beginning on."""
    size = min(len(one), len(two))
    low = 0
    while low < size and one[low : low + _BLOCK] == two[low : low + _BLOCK]:
        low += _BLOCK
    low = min(low, size)
    while low < size and one[low] == two[low]:
        low += 1
    return low
