"""Scenarios under Hypothesis' ``@given``: shares of the budget, no deadline, and what was drawn.

Hypothesis is never imported here. Where it is at work, somebody has imported it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import attrs

from redactfuzz.campaign.session.spec import Limits, Options
from redactfuzz.model.repro import JsonValue

_EXAMPLES = 20
"""An example gets this part of the execution budget,"""
_LEAST = 50
"""but not fewer executions than these."""
_SHRINK_SECONDS = 2.0
"""Hypothesis runs the failing example many times while it shrinks it."""
_LONGEST_TEXT = 2_000


def in_example() -> bool:
    """Whether Hypothesis is running one of its examples."""
    hypothesis = sys.modules.get("hypothesis")
    return hypothesis is not None and bool(hypothesis.currently_in_test_context())


def interactive(bound: Mapping[str, Any]) -> str:
    """Name of an argument that is the object of ``st.data()``; empty when there is none."""
    kind = getattr(sys.modules.get("hypothesis.strategies"), "DataObject", None)
    return next((name for name, value in bound.items() if kind is not None and isinstance(value, kind)), "")


def share(options: Options, limits: Limits) -> Options:
    """The options for one example."""
    executions = max(limits.executions // _EXAMPLES, _LEAST) if limits.bounded else 1_000
    return attrs.evolve(
        options,
        executions=min(executions, limits.executions),
        shrink_seconds=min(limits.shrink_seconds, _SHRINK_SECONDS),
    )


def relax(function: Any) -> None:
    """Gives a function, before ``@given`` sees it, settings without deadline; a ``@settings`` on top replaces them."""
    hypothesis = sys.modules.get("hypothesis")
    if hypothesis is None or not hasattr(hypothesis, "settings"):
        return
    checks = hypothesis.HealthCheck
    function._hypothesis_internal_use_settings = hypothesis.settings(
        deadline=None, suppress_health_check=[checks.too_slow, checks.function_scoped_fixture]
    )


@contextmanager
def uncounted() -> Iterator[None]:
    """The time spent inside does not count against a deadline of the user's own settings."""
    began = time.perf_counter()
    try:
        yield
    finally:
        if in_example():
            # The only times that Hypothesis subtracts and never complains about; nothing happens where it has none.
            with suppress(Exception):
                data = sys.modules["hypothesis.control"].current_build_context().data
                data._stateful_run_times["redactfuzz"] += time.perf_counter() - began


def workload(bound: Mapping[str, Any], fixtures: frozenset[str] | None) -> tuple[dict[str, JsonValue], str]:
    """What a repro file stores of the arguments, and a note on the rest.

    Fixtures are left out, since they may hold a real secret; where nobody knows which arguments are fixtures, only
    numbers are stored.
    """
    stored: dict[str, JsonValue] = {}
    left_out = []
    for name, value in bound.items():
        if (fixtures is None or name not in fixtures) and _storable(value, text=fixtures is not None):
            stored[name] = _plain(value)
        elif fixtures is None or name not in fixtures:
            left_out.append(name)
    note = f"not stored, because JSON cannot hold them: {', '.join(left_out)}" if left_out else ""
    return stored, note


def _storable(value: Any, *, text: bool) -> bool:
    if value is None or isinstance(value, (bool, int)):
        return True
    if isinstance(value, float):
        return value - value == 0
    if isinstance(value, str):
        return text and len(value) <= _LONGEST_TEXT
    if type(value) is list:
        return len(value) <= _LONGEST_TEXT and all(_storable(item, text=text) for item in value)
    if type(value) is dict:
        return text and all(isinstance(key, str) and _storable(item, text=text) for key, item in value.items())
    return False


def _plain(value: Any) -> Any:
    """Without subclasses of numbers and text, which JSON would lose."""
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {str(key): _plain(item) for key, item in value.items()}
