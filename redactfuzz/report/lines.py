"""Lines of toned text: one layout, printed with colours on a terminal and without elsewhere."""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Iterable
from typing import TextIO

import attrs

from redactfuzz.model.texts.escaped import escaped
from redactfuzz.model.texts.speakable import cell

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
    if text.isprintable():
        return text.strip()
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
    lines, at = [], 0
    while (end := _end(text, at, size)) < len(text):
        if text[end] != " ":
            space = text.rfind(" ", at, end)
            end = space if space - at > size // 3 else end
        lines.append(text[at:end].rstrip())
        at = end
        while at < len(text) and text[at].isspace():
            at += 1
    return [*lines, text[at:]] if at < len(text) or not lines else lines


def _end(text: str, at: int, size: int) -> int:
    """Where a line of ``size`` cells ends that begins ``at`` there: one character at least, should it be a wide one."""
    used = 0
    for place in range(at, len(text)):
        used += cell(text[place])
        if used > size:
            return max(place, at + 1)
    return len(text)


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
