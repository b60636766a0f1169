"""What a night says on stderr while it runs."""

from __future__ import annotations

from redactfuzz.cli.streams import told
from redactfuzz.model.measured import Measurement
from redactfuzz.model.night import (
    Alarm,
    FindingMeasured,
    FindingMet,
    Life,
    NightEnded,
    NightEvent,
    SliceEnded,
    TargetListed,
)
from redactfuzz.report.certificate import within
from redactfuzz.report.lines import printable

_WIDE = 200
"""Characters of a cause on one line."""


class Printed:
    """What is said on stderr while it runs: a line for each thing that somebody may want to know."""

    def tell(self, event: NightEvent) -> None:
        """Prints it."""
        match event:
            case Alarm():
                where = f"{event.title}: " if event.title else ""
                self._say(f"ALARM  {event.kind}: {where}{event.what}")
            case FindingMet() if not event.still and (event.life is not Life.KNOWN or not event.slice):
                what = event.finding.cause or str(event.finding.verdict)
                more = "..." if len(what) > _WIDE else ""
                self._say(f"{event.life}  {event.title}: {what[:_WIDE]}{more} ({event.key}){_doubt(event)}")
            case FindingMeasured():
                self._say(f"measured  {event.title}: {event.how or _no_return(event.measured)} ({event.key})")
            case SliceEnded():
                said = event.report.verdict if event.report is not None else event.how
                limits = within(event.report) if event.report is not None else ""
                rate = f"{event.report.executions_per_s:,.0f}/s" if event.report is not None else ""
                words = (f"{event.number:>5}", said, event.title, f"{event.seconds:.0f} s", rate, limits)
                self._say("  ".join(str(each) for each in words if each))
                if event.doubt:
                    self._say(f"       later nights do not spare it, nor is it a part of a proof: {event.doubt}")
            case TargetListed() if event.spared:
                self._say(f"spared  {event.title}: {event.spared}")
            case NightEnded():
                self._say(f"ended after {event.seconds:.0f} s: {event.why}")
            case _:
                pass

    def _say(self, text: str) -> None:
        told(printable(text))


def _no_return(measured: Measurement | None) -> str:
    if measured is None or measured.no_return is None:
        return "no step was found from which on it came about each time"
    found = measured.no_return
    return f"it came about in {found.runs} of {found.runs} walks from step {found.step} of {measured.steps} on"


def _doubt(met: FindingMet) -> str:
    """Why nobody could tell whether it is there."""
    return f"; it could not be told whether it is there: {met.how[:_WIDE]}" if met.how else ""
