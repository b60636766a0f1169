"""Tools that were here before the campaign, and what they cannot see of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator


def _follows_every_thread() -> bool:
    """Whether coverage.py listens to sys.monitoring, as it does by default since Python 3.14."""
    monitoring = getattr(sys, "monitoring", None)
    return monitoring is not None and monitoring.get_tool(monitoring.COVERAGE_ID) == "coverage.py"


def unshared() -> Iterator[str]:
    """One line for each tool of this thread that does not follow the threads of a scenario."""
    coverage = sys.modules.get("coverage")
    if coverage is not None and coverage.Coverage.current() is not None:
        if _follows_every_thread():
            return
        yield "coverage.py does not measure the threads of scenarios: redactfuzz traces them itself"
    elif sys.gettrace() is not None:
        yield "a debugger's breakpoints do not stop the threads of scenarios: use redactfuzz replay --pdb"
