"""Whether the dumps that the search has seen come again: what is compared must be what it was chosen for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from redactfuzz.model.outcome import Inspection
from redactfuzz.model.recording import Recording

_RUNS = 3
"""Executions in which what differs of itself is distinguished from what came only once."""


@attrs.frozen
class Again:
    """The dumps of a schedule that was run again."""

    recording: Recording | None
    """None where it could not be followed."""
    lost: bool = False
    """They are not those that were seen before,"""
    alike: bool = False
    """but have their shape,"""
    steady: bool = False
    """and come out the same each time now."""


def again(run: Callable[[], Recording | None], seen: Inspection) -> Again:
    """Runs the schedule with the same values until its dumps look as they did; a few times at most."""
    runs: list[Recording] = []
    while len(runs) < _RUNS:
        one = run()
        if one is None:
            return Again(None)
        runs.append(one)
        if _came_again(seen, runs):
            return Again(one)
    steady = all((one.shape, one.content) == (runs[0].shape, runs[0].content) for one in runs)
    return Again(runs[0], lost=True, alike=runs[-1].shape == seen.shape, steady=steady)


def _came_again(seen: Inspection, runs: Sequence[Recording]) -> bool:
    """The same shape, and the same in each block that is the same in all of these runs."""
    last = runs[-1]
    if last.shape != seen.shape or len(last.content) != len(seen.content):
        return False
    blocks = zip(seen.content, *(one.content for one in runs if one.shape == last.shape), strict=False)
    return all(mine in others or len(set(others)) > 1 for mine, *others in blocks)
