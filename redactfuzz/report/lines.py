"""Lines of toned text: one layout, printed with colours on a terminal and without elsewhere."""

from __future__ import annotations

import bisect
import enum
import itertools
import unicodedata
from collections.abc import Iterable
from typing import TextIO

import attrs

from redactfuzz.model.escaped import escaped
from redactfuzz.model.speakable import cell

ELLIPSIS = "…"


class Tone(enum.Enum):
    """What a piece of text is, not which colour it has: ``terminal.py`` maps tones to styles."""

    PLAIN = enum.auto()
    DIM = enum.auto()
    STRONG = enum.auto()
    SWITCH = enum.auto()
    CRASH = enum.auto()
    WINDOW = enum.auto()
    GOOD = enum.auto()
    BAD = enum.auto()
    WARN = enum.auto()


@attrs.frozen
class Piece:
    """A run of text in one tone."""

    text: str = attrs.field(converter=escaped)
    """Whatever is in it, it is one piece of one line."""
    tone: Tone = Tone.PLAIN


Line = tuple[Piece, ...]


def line(*parts: str | Piece) -> Line:
    """A line of pieces; bare strings are plain."""
    return tuple(part if isinstance(part, Piece) else Piece(part) for part in parts)


def plain(lines: Iterable[Line]) -> str:
    """The lines as text without any colour, one newline after each."""
    return "".join("".join(piece.text for piece in line_).rstrip() + "\n" for line_ in lines)


def say(text: str, file: TextIO) -> None:
    """Prints one line that is no part of a report: names, paths and causes in it are shown, never acted on."""
    print(escaped(text), file=file)


def printable(text: str) -> str:
    """``text`` on one line: tabs and other control characters would break columns and terminals."""
    cleaned = "".join(
        " " if char in "\t\n\r\x0b\x0c" else char if unicodedata.category(char)[0] != "C" else "�" for char in text
    )
    return cleaned.strip()


def cells(text: str) -> int:
    """How many terminal cells ``text`` takes: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(cell(char) for char in text)


def fit(text: str, size: int) -> str:
    """``text`` cut to ``size`` cells, with an ellipsis where something was cut."""
    if cells(text) <= size:
        return text
    kept, used = [], 0
    for char in text:
        if used + cell(char) > size - 1:
            break
        kept.append(char)
        used += cell(char)
    return "".join(kept).rstrip() + ELLIPSIS if size > 0 else ""


def fold(text: str, size: int) -> list[str]:
    """``text`` in lines of at most ``size`` cells: broken at a space where one comes late enough, else in a word."""
    lines, rest = [], text
    while cells(rest) > size:
        used = list(itertools.accumulate(map(cell, rest)))
        at = max(bisect.bisect_right(used, size), 1)  # a wide character in a column of one cell
        if rest[at] != " ":
            space = rest.rfind(" ", 0, at)
            at = space if space > size // 3 else at
        lines.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*lines, rest] if rest or not lines else lines


def pad(text: str, size: int) -> str:
    """``text`` in exactly ``size`` cells."""
    cut = fit(text, size)
    return cut + " " * (size - cells(cut))


def wrap(text: str, size: int, indent: str = "") -> list[str]:
    """``text`` broken at spaces into lines of at most ``size`` cells; longer words are left whole."""
    lines, current = [], ""
    for word in text.split():
        candidate = f"{current} {word}" if current else indent + word
        if current.strip() and cells(candidate) > size:
            lines.append(current)
            candidate = indent + word
        current = candidate
    return [*lines, current] if current else lines


def count(number: int, noun: str, nouns: str = "") -> str:
    """``1 switch``, ``1,234 switches``."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"
