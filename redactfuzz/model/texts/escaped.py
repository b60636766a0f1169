"""Names and texts of the code under test, so that they can be shown: nothing in them moves a cursor or makes a line."""

from __future__ import annotations

import re
import unicodedata

_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
"""Control characters, halves of a pair, and what separates lines and paragraphs;"""
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""and what turns the direction of the text that follows."""

_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
"""What a terminal acts on (ECMA-48, 5.4 and 8.3.89): colours, titles."""


def without_codes(text: str) -> str:
    """``text`` without what a terminal acts on: between its letters a secret would be seen by nobody but a reader."""
    return _CODES.sub("", text)


def escaped(text: str, keep: str = "") -> str:
    """``text`` with backslash escapes in place of control characters, but for those of ``keep``."""
    if text.isprintable():
        return text
    return "".join(char if char in keep or not _is_control(char) else _escape(char) for char in text)


def without_literal(source: str) -> str:
    """A source line up to the ``literal(...)`` that plants a secret: its value may stand there."""
    before, found, _ = source.partition("literal(")
    return f"{before}literal(…" if found else source


def _is_control(char: str) -> bool:
    return char in _DIRECTIONS or unicodedata.category(char) in _CATEGORIES


def _escape(char: str) -> str:
    number = ord(char)
    return _SHORT.get(char) or (f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}")
