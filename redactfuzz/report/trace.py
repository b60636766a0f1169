"""Every step of a replayed execution, one a line, before the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from redactfuzz.model.events import CampaignEnded, CampaignEvent
from redactfuzz.model.schedule import Step
from redactfuzz.report.lines import pad, say
from redactfuzz.report.outputs import Output
from redactfuzz.report.rows import location, shown_source


class Trace:
    """Prints the steps, then lets another output say the rest."""

    def __init__(self, then: Output, out: TextIO) -> None:
        """``out``: where the steps go."""
        self._then = then
        self._out = out

    def handle(self, event: CampaignEvent) -> None:
        """Prints the steps of a finding when its report comes."""
        if isinstance(event, CampaignEnded) and event.report.finding is not None:
            for text in trace(event.report.finding.steps):
                say(text, self._out)
            print(file=self._out)
        self._then.handle(event)

    def close(self) -> None:
        """Closes the other output."""
        self._then.close()


def trace(steps: Sequence[Step]) -> Iterator[str]:
    """``12  rotate  switch  ring.py:13  self.known = ...``; nothing collapsed, nothing left out."""
    if not steps:
        return
    number = len(str(len(steps)))
    thread = max(len(step.thread) for step in steps)
    place = max(len(location(step)) for step in steps)
    for step in steps:
        action = f"{step.action or ''}{' (preempts)' if step.preempts else ''}"
        yield (
            f"{step.index + 1:>{number}}  {pad(step.thread, thread)}  {pad(location(step), place)}  "
            f"{pad(action, 18)}  {shown_source(step.source)}  {step.site if step.file else ''}"
        ).rstrip()
