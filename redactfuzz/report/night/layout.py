"""Where canary bytes lay in a dump, as a hex dump without any byte: events hold places and lengths, never bytes."""

from __future__ import annotations

import attrs

from redactfuzz.model.outcome import Leak
from redactfuzz.report.night.words import shown

_ROW = 16
_ROWS = 6
"""Of one leak that are drawn."""
_SECRET, _OTHER = "••", "··"


@attrs.frozen
class HexRow:
    """16 bytes: what lies before the canary, what is of it, what lies behind; in two columns. A gap has no address."""

    at: str
    hex: tuple[str, str, str] = ("", "", "")
    text: tuple[str, str, str] = ("", "", "")
    gap: str = ""


@attrs.frozen
class Place:
    """One leak."""

    canary: str
    encoding: str
    dump: str
    where: str
    part: str
    offset: int
    length: int
    address: str
    hash_prefix: str
    given_away: str
    rows: tuple[HexRow, ...]


def place(leak: Leak) -> Place:
    """Of a leak."""
    bits = f"{leak.recovered:.0f} of {leak.entropy:.0f} bits" if leak.entropy else ""
    return Place(
        canary=shown(leak.canary),
        encoding=shown(leak.encoding),
        dump=shown(leak.dump),
        where=shown(leak.where or leak.place),
        part=shown(leak.part),
        offset=leak.offset,
        length=leak.length,
        address="" if leak.address is None else f"{leak.address:#x}",
        hash_prefix=shown(leak.hash_prefix),
        given_away=bits,
        rows=_rows(leak.offset, leak.length),
    )


def _rows(offset: int, length: int) -> tuple[HexRow, ...]:
    if offset < 0 or length <= 0:
        return ()
    first, last = offset // _ROW, (offset + length - 1) // _ROW
    drawn = [*range(first, last + 1)] if last - first < _ROWS else [*range(first, first + _ROWS - 1), last]
    made = [_row(each, offset, offset + length) for each in drawn]
    if last - first >= _ROWS:
        made.insert(-1, HexRow("", gap=f"{last - first + 1 - _ROWS:,} more rows of it"))
    return tuple(made)


def _row(number: int, begin: int, end: int) -> HexRow:
    start = number * _ROW
    before = min(max(begin - start, 0), _ROW)
    behind = min(max(start + _ROW - end, 0), _ROW)
    sizes = (before, _ROW - before - behind, behind)
    signs = (_OTHER, _SECRET, _OTHER)
    hexes = [" ".join([sign] * size) for sign, size in zip(signs, sizes, strict=True)]
    # The space between two columns belongs to what comes first.
    for index in (0, 1):
        if hexes[index] and any(hexes[index + 1 :]):
            hexes[index] += " "
    texts = [sign[0] * size for sign, size in zip(signs, sizes, strict=True)]
    return HexRow(f"{start:08x}", (hexes[0], hexes[1], hexes[2]), (texts[0], texts[1], texts[2]))
