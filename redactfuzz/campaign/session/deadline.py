"""How long a campaign may take: one clock for the search, its controls and comparisons, and for what follows a finding.

The search has the seconds that were asked for, and more only while it lacks what a pass cannot do without. What follows
a finding has an allowance of its own: whoever waits knows already that there is something. A finding is confirmed once,
whatever time it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import attrs

PATIENCE = 4.0
"""Times the seconds of a campaign that the search may take to reach its floor,"""
LEAST_PATIENCE = 30.0
"""or so many seconds, if these are more."""
ALLOWANCE = 10.0
"""Seconds for what follows a finding,"""
_PART = 3
"""or one of so many parts of what the search took, if that is more."""


class OutOfTime(Exception):
    """What was asked, an execution or a comparison, was not run, for the campaign has no time left for it."""


@attrs.define(eq=False)
class Deadline:
    """When what goes on now must come to its end."""

    seconds: float
    """Of the campaign."""
    clock: Callable[[], float] = time.monotonic
    allowance: float | None = None
    """Seconds for what follows a finding; None: as above."""
    took: dict[str, float] = attrs.field(factory=dict)
    """Seconds of each thing that followed the search."""
    started: float = 0.0
    _doing: str = ""
    _since: float = 0.0
    _end: float = 0.0
    _searching: bool = True

    def __attrs_post_init__(self) -> None:
        """Starts the clock."""
        self.start()

    def start(self) -> None:
        """The campaign begins now."""
        self.started = self.clock()
        self._end = self.started + self.seconds

    def again(self) -> None:
        """The search begins anew: with what is left, and a part of the seconds at least."""
        self._end = max(self._end, self.clock() + self.seconds / _PART)

    def follow(self) -> None:
        """The search is over: what follows has its own time."""
        allowed = max(ALLOWANCE, self.spent / _PART) if self.allowance is None else self.allowance
        self._end = self.clock() + allowed
        self._searching = False

    def turn(self, to: str = "") -> None:
        """What goes on after the search is this, from now on."""
        now = self.clock()
        if self._doing:
            self.took[self._doing] = self.took.get(self._doing, 0.0) + now - self._since
        self._doing, self._since = to, now

    @property
    def spent(self) -> float:
        """Seconds since the campaign began."""
        return self.clock() - self.started

    @property
    def left(self) -> float:
        """Seconds that are left for what goes on now."""
        return max(self._end - self.clock(), 0.0)

    @property
    def patience(self) -> float:
        """Seconds until it must come to its end although what a pass cannot do without was not run."""
        if not self._searching:
            return self.left
        most = max(PATIENCE * self.seconds, LEAST_PATIENCE)
        return max(self.started + most - self.clock(), 0.0)
