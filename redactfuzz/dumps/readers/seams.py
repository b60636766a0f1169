"""Memory that is adjacent by address and apart in the file: what lies across a border is in no part whole."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from redactfuzz.dumps.readers.image import View

REACH = 16 << 10
"""Bytes on either side of a border: longer than any form that is looked for in one piece, and than a written key."""
_LONGEST = 256 << 10
"""Bytes of a view: of many short stretches in a row several are made, which overlap by what lies before a border."""

_TIMES = 4
"""That all which lies near borders may be as large as the file: where each byte stands at one or two addresses it is
no larger."""
CROWDED = "ranges of memory lie over one another in the file: not all of what is adjacent by address is put together"

_Stretch = tuple[int, int, int]
"""Start and end in the file, address of the first byte."""


def crowded(memory: Iterable[_Stretch], size: int) -> bool:
    """Whether a file of ``size`` bytes says so often where memory lies in it that not all borders are looked at."""
    return sum(min(end - start, 2 * REACH) for start, end, _ in set(memory)) > _TIMES * size


def seams(memory: Iterable[_Stretch], size: int) -> Iterator[View]:
    """As ``borders``, of the memory in a file of ``size`` bytes: not of all where that is ``crowded``."""
    stretches = set(memory)
    left = _TIMES * size if crowded(stretches, size) else sys.maxsize
    for view in borders(stretches):
        left -= view.size
        if left < 0:
            return
        yield view


def borders(memory: Iterable[_Stretch]) -> Iterator[View]:
    """Views of the borders between stretches of memory: each byte near one, with what is adjacent to it by address.

    Stretches may overlap, or lie within one another, as those of a stack and of the page around it do: a border is
    where all of them end, and where one ends and another one begins, whatever else lies over that address.
    """
    stretches = sorted(set(memory), key=lambda one: (one[2], one[0] - one[1], one[0]))
    swept = list(_swept(stretches))
    if swept == stretches:
        yield from _borders(swept)
        return
    seen: set[tuple[tuple[int, int], ...]] = set()
    for row in (swept, *_rows(stretches)):
        for view in _borders(row):
            if view.pieces not in seen:
                seen.add(view.pieces)
                yield view


def runs(memory: Iterable[_Stretch]) -> Iterator[list[tuple[int, int]]]:
    """Where in the file lie, one behind the other, all stretches of memory that are adjacent: of two and more."""
    run: list[_Stretch] = []
    for one in _whole(_swept(sorted(set(memory), key=lambda one: (one[2], one[0] - one[1], one[0])))):
        if run and _behind(run[-1]) != one[2]:
            yield from [[(start, end) for start, end, _ in run]] if len(run) > 1 else []
            run = []
        run.append(one)
    yield from [[(start, end) for start, end, _ in run]] if len(run) > 1 else []


def _swept(stretches: Iterable[_Stretch]) -> Iterator[_Stretch]:
    """Of each what lies behind all that begin before it."""
    behind = 0
    for start, end, address in stretches:
        over = max(0, behind - address)
        if start + over < end:
            behind = address + end - start
            yield start + over, end, address + over


def _rows(stretches: Iterable[_Stretch]) -> Iterable[list[_Stretch]]:
    """Those of which each begins where the one before ends. Each stretch is in one row, with one that is adjacent to it
    on either side: where several are, as copies of one another, the same may be in several rows.
    """
    rows: list[list[_Stretch]] = []
    begins: dict[int, _Stretch] = {}
    ended: dict[int, _Stretch] = {}
    waiting: dict[int, list[list[_Stretch]]] = {}
    for one in stretches:
        before = waiting.get(one[2])
        if before:
            row = before.pop()
        else:
            rows.append(row := [ended[one[2]]] if one[2] in ended else [])
        row.append(one)
        begins.setdefault(one[2], one)
        ended[_behind(one)] = one
        waiting.setdefault(_behind(one), []).append(row)
    for address in waiting.keys() & begins.keys():
        for row in waiting[address]:
            row.append(begins[address])
    return rows


def _borders(row: Iterable[_Stretch]) -> Iterator[View]:
    """Those between stretches of which none begins before the one before it ends."""
    pieces: list[_Stretch] = []
    size = 0
    for start, end, address in _whole(row):
        if pieces and _behind(pieces[-1]) != address:
            yield from _view(pieces)
            pieces = []
        if not pieces:
            pieces, size = [_last((start, end, address))], 0
            continue
        pieces.append((start, min(end, start + REACH), address))
        size += pieces[-1][1] - start
        if end - start > REACH:
            yield from _view(pieces)
            pieces, size = [_last((start, end, address))], 0
        elif size > _LONGEST:
            yield from _view(pieces)
            pieces, size = _tail(pieces), 0
    yield from _view(pieces)


def _whole(row: Iterable[_Stretch]) -> Iterator[_Stretch]:
    """What is adjacent in the file as well is one."""
    held: _Stretch | None = None
    for start, end, address in row:
        if held is not None and held[1] == start and _behind(held) == address:
            held = (held[0], end, held[2])
            continue
        if held is not None:
            yield held
        held = (start, end, address)
    if held is not None:
        yield held


def _behind(stretch: _Stretch) -> int:
    return stretch[2] + stretch[1] - stretch[0]


def _last(stretch: _Stretch) -> _Stretch:
    start, end, address = stretch
    cut = max(0, end - start - REACH)
    return start + cut, end, address + cut


def _tail(pieces: list[_Stretch]) -> list[_Stretch]:
    """The last of them, as far as they are near the end."""
    kept: list[_Stretch] = []
    size = 0
    for piece in reversed(pieces):
        kept.append(piece)
        size += piece[1] - piece[0]
        if size >= REACH:
            break
    return kept[::-1]


def _view(pieces: list[_Stretch]) -> Iterator[View]:
    if len(pieces) > 1:
        yield View(f"memory across {pieces[1][2]:#x}", tuple((start, end) for start, end, _ in pieces))
