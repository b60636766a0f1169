"""How a page says numbers, times and names."""

from __future__ import annotations

import datetime

from redactfuzz.model.texts.escaped import escaped
from redactfuzz.report.lines import ELLIPSIS

_NAME = 300
"""Characters of a name, a sentence or a source line at most: a journal may hold millions."""


def shown(text: str, most: int = _NAME) -> str:
    """``text`` on one line of at most ``most`` characters; nothing in it turns or moves what follows."""
    cut = text if len(text) <= most else text[: most - 1] + ELLIPSIS
    return escaped(cut)[:most]


def lines(text: str, most: int) -> tuple[str, ...]:
    """The lines of ``text``; of too many those at both ends."""
    found = [shown(each) for each in text[: most * _NAME * 2].splitlines()]
    if len(found) > most:
        half = most // 2
        found = [*found[:half], f"{ELLIPSIS} {len(found) - 2 * half:,} lines not shown {ELLIPSIS}", *found[-half:]]
    return tuple(found)


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3 min 20 s``, ``7 h 58 min``."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(min(seconds, 1e9))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def moment(at: float) -> str:
    """Seconds since the epoch as a date and a time of day, in UTC; empty where a clock gave nonsense."""
    try:
        return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return ""


def percent(part: float) -> str:
    """Two digits of it, and never 0 or 100 for what is neither."""
    value = 100 * part
    if value in (0, 100):
        return f"{value:.0f} %"
    if value > 99:
        return "> 99 %"
    return f"{value:.0f} %" if value >= 10 else f"{value:.2g} %" if value >= 0.001 else "< 0.001 %"


def times(ratio: float) -> str:
    """What a number is multiplied by, with its sign before it."""
    return f"\N{MULTIPLICATION SIGN} {ratio:.2f}" if ratio < 10 else f"\N{MULTIPLICATION SIGN} {ratio:,.0f}"
