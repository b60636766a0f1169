"""Source lines of whoever plants a ``literal``, without their texts and numbers: the secret may be made of them.

It may come from another file than the one that plants it, and under another name: once a scenario has planted one, no
file shows any.
"""

from __future__ import annotations

import io
import linecache
import tokenize
from collections import defaultdict
from collections.abc import Mapping, Sequence

from redactfuzz.model.canary import any_planted

_KEPT = 1_000
"""Files of which the values are known."""
_VALUES = {tokenize.STRING, tokenize.NUMBER, tokenize.COMMENT}
"""Kinds of tokens in whose place one character is shown."""
_OPENED = {getattr(tokenize, f"{kind}STRING_START", None) for kind in "FT"} - {None}
_CLOSED = {getattr(tokenize, f"{kind}STRING_END", None) for kind in "FT"} - {None}
"""Kinds of tokens between which a text with expressions lies: since 3.12 it is no token of its own."""
_NOTHING = "…"

Spans = Mapping[int, Sequence[tuple[int, int]]]
"""By line, from which character to which a value stands."""

_known: dict[tuple[str, bool], tuple[list[str], Spans | None]] = {}
"""What was read of a file, and what must not be shown of it; None: nothing may be, since it is no Python."""


def line_of(file: str, number: int) -> str:
    """A line of a file as it may be shown, without the space around it; empty where there is none."""
    line = linecache.getline(file, number)
    spans = _spans(file)
    if spans is None:
        return _NOTHING if line.strip() else ""
    for start, end in reversed(spans.get(number, ())):
        line = line[:start] + _NOTHING + line[end:]
    return line.strip()


def _spans(file: str) -> Spans | None:
    lines = linecache.getlines(file)
    key = file, any_planted()
    if key not in _known or _known[key][0] is not lines:
        if len(_known) >= _KEPT:
            _known.clear()
        hides = key[1] or any("literal(" in line for line in lines)
        _known[key] = lines, _values(lines) if hides else {}
    return _known[key][1]


def _values(lines: list[str]) -> Spans | None:
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO("".join(lines)).readline))
    except (SyntaxError, tokenize.TokenError):
        return None
    begun: list[tuple[int, int]] = []
    for token in tokens:
        if token.type in _OPENED:
            begun.append(token.start)
        elif token.type in _CLOSED:
            start = begun.pop()
            if not begun:
                _add(spans, lines, start, token.end)
        elif token.type in _VALUES and not begun:
            _add(spans, lines, token.start, token.end)
    return spans


def _add(
    spans: dict[int, list[tuple[int, int]]], lines: list[str], begin: tuple[int, int], until: tuple[int, int]
) -> None:
    (first, start), (last, end) = begin, until
    for number in range(first, last + 1):
        whole = len(lines[number - 1].rstrip("\n"))
        spans[number].append((start if number == first else 0, end if number == last else whole))
