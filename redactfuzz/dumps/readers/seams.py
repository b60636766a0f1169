"""Memory that is adjacent by address and apart in the file: what lies across a border, or several, is in no part whole."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator

from redactfuzz.dumps.readers.image import View

REACH = 16 << 10
"""Bytes on either side of a border: longer than any form that is looked for in one piece, and than a written key."""
_LONGEST = 256 << 10
"""Bytes of a view: of many short stretches in a row several are made, which overlap by what lies before a border."""

_Stretch = tuple[int, int, int]
"""Start and end in the file, address of the first byte."""


def seams(memory: Iterable[_Stretch]) -> Iterator[View]:
    """Views of the borders between stretches of memory: each byte near one, with what is adjacent to it by address."""
    pieces: list[_Stretch] = []
    size = 0
    for start, end, address in _whole(memory):
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


def _whole(memory: Iterable[_Stretch]) -> Iterator[_Stretch]:
    """By address; what is adjacent in the file as well is one."""
    held: _Stretch | None = None
    for start, end, address in sorted(memory, key=operator.itemgetter(2)):
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
