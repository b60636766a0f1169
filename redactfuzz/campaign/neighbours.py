"""Tools that were here before the campaign, and what they cannot see of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator


def unshared() -> Iterator[str]:
    """One line for each tool of this thread that does not follow the threads of a scenario."""
    coverage = sys.modules.get("coverage")
    if coverage is not None and coverage.Coverage.current() is not None:
        yield "coverage.py does not measure the threads of scenarios: redactfuzz traces them itself"
    elif sys.gettrace() is not None:
        yield "a debugger's breakpoints do not stop the threads of scenarios: use redactfuzz replay --pdb"
