"""Scenarios under Hypothesis' ``@given``, and parameters that only pytest could give."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz.campaign.face.failure import CampaignFailed
from redactfuzz.campaign.face.scenario import Ambient, spec_of, surrounded
from redactfuzz.campaign.session.spec import Options
from redactfuzz.model.events import CampaignEnded, CampaignEvent
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Reason, Verdict


def drawn(function: Any) -> Any:
    """The scenario below ``@given``, or the function itself."""
    return getattr(getattr(function, "hypothesis", None), "inner_test", function)


def unbound(function: Any) -> list[str]:
    """Parameters beside the Race that have no default and that Hypothesis does not draw."""
    positional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty and parameter.kind not in positional
    ]


def examples(function: Any, options: Options) -> Iterator[CampaignEvent]:
    """Lets Hypothesis run a campaign for each of its examples; the last event ends them all with one report."""
    reports: list[Report] = []
    notes: tuple[str, ...] = ()
    interrupted = False
    # Hypothesis calls us, not the other way round: events other than the reports have nowhere to go meanwhile.
    with surrounded(Ambient(options, lambda event: _keep(event, reports), fixtures=frozenset())):
        try:
            function()
        except* KeyboardInterrupt:
            interrupted = True
        except* CampaignFailed as group:
            notes = tuple(note for error in (group, *group.exceptions) for note in getattr(error, "__notes__", ()))
        except* Exception as group:
            # Of Hypothesis: nothing could be drawn, or its arguments are wrong.
            names = ", ".join(f"{type(error).__name__}: {error}" for error in group.exceptions)
            reason = Reason(f"Hypothesis could not run it: {names}", "Run it with pytest, which shows more.")
            reports.append(Report(spec_of(drawn(function)).title, Verdict.ERROR, reason))
    if interrupted and not reports:
        raise KeyboardInterrupt
    shown = next((report for report in reversed(reports) if not report.verdict.passed), reports[-1])
    yield CampaignEnded(
        attrs.evolve(
            shown,
            executions=sum(report.executions for report in reports),
            notes=(*shown.notes, *notes),
            interrupted=interrupted,
        )
    )


def _keep(event: CampaignEvent, reports: list[Report]) -> None:
    if isinstance(event, CampaignEnded):
        reports.append(event.report)
