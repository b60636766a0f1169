"""An execution that notes in a black box what it has shown, as it goes: its process may end in the middle of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from redactfuzz.model.canary import Canary
from redactfuzz.model.plan import Plan
from redactfuzz.threads.explain.masking import Masking
from redactfuzz.threads.face.execution import Execution
from redactfuzz.threads.output.black_box import BlackBox
from redactfuzz.threads.output.sink import Sink
from redactfuzz.threads.output.streams import Output


class NotedExecution(Execution):
    """What is left of it shows its dumps, what it wrote until it died, and the canaries to look for."""

    def __init__(
        self, plan: Plan, number: int, sink: Sink | None, masking: Masking, output: Output, box: BlackBox
    ) -> None:
        super().__init__(plan, number, sink, masking, output)
        self._box = box
        self.noted = self._written.noted = box.note

    def plant(self, name: str, kind: Any) -> Canary:
        """What Race.canary does."""
        canary = super().plant(name, kind)
        self._box.note("kinds", {name: self.kinds[name]})
        return canary

    def _begin_part(self, writer: int | None, now: frozenset[str]) -> None:
        super()._begin_part(writer, now)
        self._box.note("allowed", self._in_part)

    def ignore(self, streams: Iterable[str]) -> None:
        """What Race.ignore does."""
        super().ignore(streams)
        self._box.note("ignored", self._ignored)

    def tmp_path(self) -> Path:
        """What Race.tmp_path gives."""
        is_new = self._tmp is None
        folder = super().tmp_path()
        if is_new:
            self._box.note("folder", str(folder))
        return folder

    def sink(self) -> Sink:
        """What Race.sink gives."""
        sink = super().sink()
        self._box.note("sunk", True)
        return sink

    def body_ended(self) -> tuple[Any, ...] | None:
        """The body has returned."""
        declared = {
            "redactors": len(self.redactors),
            "witnesses": tuple(self.witnesses),
            "crashes": tuple(self.crashes.values()),
            "anywhere": tuple(sorted(self.strikes_anywhere)),
        }
        self._box.note("fields", declared)
        return super().body_ended()

    def _keep(self, name: str, data: Any, allowed: frozenset[str]) -> None:
        super()._keep(name, data, allowed)
        self._box.note("fields", {"redactions": self.redactors.calls})

    def died(self) -> None:
        """The process is dead, its other threads still run: what they write from now on does not count."""
        alive = self._written.streams is None
        super().died()
        if alive:
            for dump in self.written_dumps():
                self._box.note("dumps", dump)
            self._box.note("ended", True)
