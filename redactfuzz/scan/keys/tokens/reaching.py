"""How far a match of a rule may reach, and the matches that begin in a stretch of data, each as far as it goes.

An expression is matched against a piece of the data at a time. Where its match ends with the piece, the next bytes may
belong to it, or be why it is none: then more is read.
"""

from __future__ import annotations

import importlib
import math
import mmap
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

LONGEST = 2 << 20
"""Bytes of a match at most; a longer one is cut off, which is told. Windows of a large image overlap by more."""
_MORE = 4
"""Times as much is read where a match may go on."""


def width(regex: str) -> float:
    """Bytes that a match of an expression has at most, as far as Python knows its syntax, which is nearly RE2's."""
    with warnings.catch_warnings(action="ignore"):  # of what Python will once read otherwise
        try:
            return float(importlib.import_module("re._parser").parse(regex).getwidth()[1])
        except (ImportError, AttributeError):  # a name of the interpreter's own, which may go
            return math.inf
        except (re.error, OverflowError, RecursionError):  # RE2 takes it, and Python does not
            return math.inf


def matches(
    pattern: Any, data: bytes | mmap.mmap, within: tuple[int, int], around: tuple[int, int], cut: Callable[[int], None]
) -> Iterator[tuple[int, bytes, Any]]:
    """(where the piece begins, the piece, the match) of each match that begins ``within`` (start, end) of the data.

    ``around``: bytes before and behind that are read at first. ``cut`` is told where one begins that is longer than is
    read. A match goes on from where the one before ended, so that whoever asks for the next stretch begins there.
    """
    at, end = within
    first, more = max(0, at - around[0]), around[1]
    while True:
        text = data[first : end + more]
        for match in pattern.finditer(text, at - first):
            begin = first + match.start()
            if begin >= end:
                return
            if match.end() == len(text) < len(data) - first:
                if more < LONGEST:
                    at, more = begin, min(LONGEST, _MORE * more)
                    break
                cut(begin)
            yield first, text, match
        else:
            return
