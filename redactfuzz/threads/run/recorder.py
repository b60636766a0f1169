"""What a certificate holds of a reduction of Python threads: told after each execution, with the code that has run."""

from __future__ import annotations

from collections.abc import Mapping, Set

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.events import Recorded
from redactfuzz.schedule.engine import Engine
from redactfuzz.schedule.record import record_of
from redactfuzz.threads import _hooks

_ROOT = b'{"told"'
"""How the line of a root begins, with which a search does."""

Met = tuple[Set[str], Mapping[str, bytes]]
"""Files whose code has run in a process, and the secrets of its last execution."""
_NOTHING: Met = frozenset(), {}


@attrs.define(eq=False)
class Recorder:
    """Of one batch. The engine's block is shared: what a child of fork has done is known here."""

    _engine: Engine
    _files: frozenset[str] = frozenset()
    _told: frozenset[str] = frozenset()
    _canaries: Mapping[str, bytes] = attrs.field(factory=dict, repr=False)
    _before: tuple[int, int] = (0, 0)

    @property
    def records(self) -> bool:
        """Whether the execution in progress does, or the last one."""
        return self._engine.stages[self._engine.status.stage].proof

    def begins(self) -> None:
        """An execution has."""
        if self.records:
            report = self._engine.report(self._engine.status.stage)
            self._before = report.executions - 1, report.repeated

    def met(self, canaries: Mapping[str, Canary]) -> Met:
        """In the process of the execution that has ended, which had these canaries."""
        return (_hooks.files_met(), {name: each.bytes for name, each in canaries.items()}) if self.records else _NOTHING

    def learn(self, met: Met) -> None:
        """The same in the process that explores."""
        self._files, self._canaries = self._files | met[0], met[1]

    def recorded(self) -> Recorded:
        """What the execution that has ended adds."""
        lines, new = record_of(self._engine), self._files - self._told
        self._told = self._files
        if not lines.startswith(_ROOT):
            return Recorded(lines, new)
        return Recorded(lines, self._files, begins=True, before=self._before, canaries=self._canaries)
