"""What a program asks of its machine, user, terminal or library: the same in each execution, and another elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from redactfuzz.native.compile.table import groups, questions

_INSTRUCTIONS = re.compile(r"\s(rdtscp?|rdpmc|rdpid|cpuid)\b")
_CLOCK = "the processor itself, whose clock is no virtual time"


def asked(names: Iterable[str], code: str) -> Iterator[str]:
    """What a program asks, with the names, of what it calls and of its instructions as objdump shows them."""
    wanted = set(names)
    found: dict[str, set[str]] = {}
    for one in (one for group in groups() for one in group if one.asks and one.name in wanted):
        found.setdefault(questions()[one.asks], set()).add(one.named or one.name)
    instructions = set(_INSTRUCTIONS.findall(code))
    if instructions:
        found[_CLOCK] = instructions
    for what in (*questions().values(), _CLOCK):
        if what in found:
            yield f"{what} ({', '.join(sorted(found[what]))})"
