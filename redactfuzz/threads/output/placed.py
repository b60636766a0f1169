"""A stream that the program has put in the place of ``sys.stdout`` or ``sys.stderr``, and what it hands its text on to.

One that redacts what is printed is part of the redaction, and must be left where it is: what it lets through is looked
for in what lies below it.
"""

from __future__ import annotations

import gc
import io
from typing import Any

from redactfuzz.threads.restore.kinds import is_of_the_library, module_of

_TOOLS = frozenset(("redactfuzz", "_pytest", "pytest", "click", "xdist", "execnet"))
_FOLLOWED = (dict, list, tuple)
_MOST = 200
"""Objects that are looked at."""


def is_of_the_program(stream: Any) -> bool:
    """Whether its class is neither the interpreter's nor of the tools that run us."""
    kind = type(stream)
    return not is_of_the_library(kind) and module_of(kind).partition(".")[0] not in _TOOLS


def below(stream: Any) -> list[io.IOBase]:
    """Streams of the interpreter to which one of the program leads; nothing of it is run."""
    found: list[io.IOBase] = []
    waiting, met = [stream], {id(stream)}
    for each in waiting:
        if each is not stream and isinstance(each, io.IOBase) and not is_of_the_program(each):
            found.append(each)
            continue
        if each is not stream and type(each) not in _FOLLOWED and not is_of_the_program(each):
            continue
        for other in gc.get_referents(each):
            if id(other) not in met and not isinstance(other, type) and len(waiting) < _MOST:
                met.add(id(other))
                waiting.append(other)
    return found
