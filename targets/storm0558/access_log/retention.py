"""For how long it is kept who read a dump."""

from __future__ import annotations

import attrs

DAY = 86_400.0
"""Seconds."""


@attrs.frozen
class ByAge:
    """The policy of the first account: after so many days a record is forgotten, whatever has become of the dump."""

    days: float

    def forgets(self, at: float, removed_at: float | None, now: float) -> bool:
        """Whether a record of the time ``at`` is no longer kept. ``removed_at`` is None while the dump is there."""
        return now - at > self.days * DAY


@attrs.frozen
class AfterTheDump:
    """The fix: who read a dump is kept for as long as the dump exists, and for so many days longer."""

    days: float

    def forgets(self, at: float, removed_at: float | None, now: float) -> bool:
        """Whether a record is no longer kept."""
        return removed_at is not None and now - removed_at > self.days * DAY
