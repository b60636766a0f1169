"""What the standard library keeps for a whole process, and a scenario must neither meet nor leave changed."""

from __future__ import annotations

import tempfile
import threading
from typing import Any


def swapped_hooks(tracer: Any, profiler: Any) -> tuple[Any, Any]:
    """Sets what threading gives to sys.settrace and sys.setprofile in each new thread. Returns what was set.

    A tool from outside (coverage, a debugger) is not for the threads of a scenario: there it would take our place.
    """
    before = threading._trace_hook, threading._profile_hook  # type: ignore[attr-defined]
    threading._trace_hook, threading._profile_hook = tracer, profiler  # type: ignore[attr-defined]
    return before


def chance_of_file_names() -> object:
    """The generator of names of temporary files. They stay unique on the machine, and must not come again."""
    return tempfile._get_candidate_names().rng  # type: ignore[attr-defined]  # seeds itself once a process
