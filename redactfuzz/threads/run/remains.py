"""What an execution in a child of fork leaves where its process dies: its parent has what it was noted in."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.kinds import kind_to_json, of_canaries
from redactfuzz.model.outcome import Inspection, Problem, ProblemKind
from redactfuzz.model.plan import Plan
from redactfuzz.threads.output.black_box import SINK, BlackBox, Left
from redactfuzz.threads.output.sink import Sink
from redactfuzz.threads.output.streams import Output


@attrs.frozen
class Judged:
    """What an execution had shown before its process died."""

    inspection: Inspection = attrs.field(factory=Inspection)
    canaries: Mapping[str, Canary] = attrs.field(factory=dict, repr=False)
    fields: Mapping[str, Any] = attrs.field(factory=dict)
    """Of the Outcome."""


UNKNOWN = Judged(
    fields={
        "problems": (
            Problem(
                ProblemKind.UNREADABLE,
                "what was shown before a process died is not known: there was no room to note it",
                "",
                "Free memory, or raise the limit of it.",
            ),
        )
    }
)
"""Where nothing could be noted."""


def judged(plan: Plan, number: int, left: Left, files: Mapping[str, bytes]) -> Judged:
    """Searches the dumps that it left, and what it wrote to ``files``; then nothing of it is on the disk any more."""
    try:
        canaries = {name: plan.mint(name, kind, number) for name, kind in left.kinds.items()}
        dumps = left.all_dumps(files)
        # Witnesses are not asked for: what was to hold them may not have been made.
        inspection = plan.inspect(dumps, canaries, {}, number) if dumps else Inspection()
        # Half of what it would have dumped is compared with nothing.
        inspection = attrs.evolve(inspection, recording=None)
        fields = {
            "leaks": inspection.leaks,
            "inspection": inspection,
            "dumps": len(dumps) - len(left.file_names),
            "planted": {name: kind_to_json(kind) for name, kind in left.kinds.items()},
            "problems": (left.problem,) if left.problem else (),
            **of_canaries(canaries),
            **left.fields,
        }
        return Judged(inspection, canaries, fields)
    finally:
        if left.folder:
            shutil.rmtree(left.folder, ignore_errors=True)


class Remains:
    """Those of the executions of one batch, each in a child of its own, made before the first of them."""

    def __init__(self, output: Output, sink: Sink | None) -> None:
        """``output`` and ``sink``: what they write to. Raises OSError where there is no room."""
        self.box = BlackBox(())
        self.sink = sink or Sink()
        self._output = output
        output.prepare()

    def judged(self, plan: Plan, number: int, index: int) -> Judged:
        """What execution ``index`` had shown when its process died; ``number`` is what its canaries derive from."""
        files = {**self._output.left(), SINK: self.sink.content()}
        left = self.box.left()
        return Judged() if left is None or left.number != index else judged(plan, number, left, files)

    def close(self) -> None:
        """No execution follows."""
        self.box.close()
        self.sink.end()
