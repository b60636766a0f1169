"""New findings are measured once: how likely each is along its schedule (`redactfuzz replay --likelihood`).

It costs a night little, and no finding: it runs in a process of its own, one at a time, and what becomes of that is a
note.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from redactfuzz.model.measured import Measurement
from redactfuzz.model.night import FindingMeasured, Life, NightEvent, SliceBegan
from redactfuzz.night.journal import Night, of_kind
from redactfuzz.night.known import Known

SECONDS = 60.0
"""That one may take; `replay` itself ends earlier."""
AFTER = 60.0
"""Seconds that a night goes on after its end for those for which there was no time before."""
_GONE = (Life.FIXED, Life.MOVED)


@attrs.frozen(eq=False)
class Measuring:
    """One that runs."""

    known: Known

    @property
    def title(self) -> str:
        """Of its scenario."""
        return self.known.title

    def began(self) -> SliceBegan:
        """What runs."""
        command = ("redactfuzz", "replay", self.known.finding.repro, "--likelihood")
        return SliceBegan(0, self.title, command, SECONDS)

    def ended(self, measured: Measurement | None, how: str) -> FindingMeasured:
        """What came of it."""
        why = "" if measured is not None else how or "it was not shown again"
        return FindingMeasured(self.known.key, self.title, measured, why)


@attrs.define(eq=False)
class Measures:
    """Those that wait, and those that had their turn."""

    _asked: bool = False
    """Else none ever waits."""
    _done: set[str] = attrs.field(factory=set)
    _waiting: list[Known] = attrs.field(factory=list)
    _runs: bool = False

    @classmethod
    def of(cls, before: Iterable[Night], tonight: Iterable[NightEvent], *, asked: bool) -> Measures:
        """Nothing waits yet."""
        events = [each for night in before for each in night.events]
        return cls(asked, {each.key for each in of_kind([*events, *tonight], FindingMeasured)})

    def add(self, known: Known, life: Life | None) -> None:
        """One that was met: it waits, if it was never measured and can be replayed."""
        if self._asked and known.key not in self._done and life not in _GONE and known.replayable:
            self._done.add(known.key)
            self._waiting.append(known)

    @property
    def waits(self) -> bool:
        """Whether any does."""
        return bool(self._waiting)

    def next(self) -> Measuring | None:
        """The next one; None while one runs."""
        if self._runs or not self._waiting:
            return None
        self._runs = True
        return Measuring(self._waiting.pop(0))

    def over(self) -> None:
        """The one that ran has ended."""
        self._runs = False
