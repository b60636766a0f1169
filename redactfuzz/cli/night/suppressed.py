"""The suppressions that a night goes by: those at its end, or at its beginning where the file broke meanwhile."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import attrs

from redactfuzz.model.night import Alarm, AlarmKind
from redactfuzz.night.suppressions import Suppression, SuppressionError, read


@attrs.frozen
class Said:
    """What a file said when it was read last."""

    file: Path
    all: Mapping[str, Suppression]
    """By key of the finding."""

    @classmethod
    def of(cls, file: Path) -> Said:
        """Raises SuppressionError."""
        return cls(file, read(file, _day()))

    @property
    def today(self) -> Mapping[str, Suppression]:
        """What holds today, by key: such findings do not count, unless they became worse."""
        today = _day()
        return {key: each for key, each in self.all.items() if each.holds(today)}

    def again(self) -> tuple[Said, tuple[Alarm, ...]]:
        """What it says by now; where that cannot be read, what it said, with the reason."""
        try:
            return Said.of(self.file), ()
        except SuppressionError as error:
            what = f"{error}; what it said at the beginning of the night counts"
            return self, (Alarm(AlarmKind.SUPPRESSIONS, what),)


def _day() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
