"""What a file from somebody else may hold at all: how large its numbers are, and what its texts are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

SEED = (1 << 64) - 1
"""The largest seed."""
NUMBER = (1 << 31) - 1
"""The largest number of anything that is counted: executions, steps, switches."""
MODULES = 16
"""Of a focus at most."""
_TEXT = 1 << 20
"""Characters of the longest text."""


def complaint(value: Any) -> str:
    """What no file of ours holds, in words that do not show it; empty for nothing."""
    return next((why for each in _all(value) if (why := _of(each))), "")


def _all(value: Any) -> Iterator[Any]:
    """A value of JSON and all that is in it, without recursion: a file may be nested deeply."""
    left = [value]
    while left:
        each = left.pop()
        yield each
        if isinstance(each, dict):
            left += [*each, *each.values()]
        elif isinstance(each, list):
            left += each


def _of(value: Any) -> str:
    if isinstance(value, int) and not -NUMBER - 1 <= value <= SEED:
        return "a number is larger than any that redactfuzz writes"
    if not isinstance(value, str):
        return ""
    if len(value) > _TEXT:
        return f"a text is longer than {_TEXT:,} characters"
    if "\0" in value:
        return "a text holds a zero byte"
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        return "a text holds half of a surrogate pair"
    return ""


def strict_constant(name: str) -> Any:
    """For ``json.loads``: NaN and infinities are no JSON. Raises ValueError."""
    raise ValueError(f"{name} is no JSON")
