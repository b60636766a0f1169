"""Brings the events of one campaign to an output and turns whatever happens into a report and an exit status."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from redactfuzz.campaign.session.spec import OptionError
from redactfuzz.model.events import CampaignEnded, CampaignEvent, FindingSeen
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.verdict import EXIT_CODES, INTERNAL, INTERRUPTED, Reason, Verdict
from redactfuzz.report import internal
from redactfuzz.report.outputs import Output


@attrs.frozen
class Result:
    """What came of one scenario."""

    report: Report
    code: int


def pump(title: str, start: Callable[[], Iterator[CampaignEvent]], output: Output) -> Result:
    """Runs a campaign to its end. The output gets a CampaignEnded whatever happens."""
    shown: Report | None = None
    seen: list[Finding] = []
    try:
        for event in start():
            shown = event.report if isinstance(event, CampaignEnded) else None
            output.handle(event)
            if isinstance(event, FindingSeen):
                seen.append(event.finding)
            if isinstance(event, CampaignEnded):
                code = INTERNAL if event.report.uncertified else EXIT_CODES[event.report.verdict]
                return Result(event.report, INTERRUPTED if event.report.interrupted else code)
    except KeyboardInterrupt:
        if shown is not None:  # a second one, while it was being shown: there is nothing more to say
            return Result(shown, INTERRUPTED)
        reason = Reason("Interrupted before the search had ended.", "Run it again.")
        report = Report(title, Verdict.INCONCLUSIVE, reason, interrupted=True)
        return ended(report.with_findings_kept(seen), INTERRUPTED, output)
    except OptionError as error:  # an option that this scenario cannot have, though others can
        report = Report(title, Verdict.ERROR, Reason(f"{error}."))
        return ended(report, EXIT_CODES[Verdict.ERROR], output)
    except BrokenPipeError:
        raise
    except Exception as error:  # one scenario that trips over a bug of ours must not hide the others
        report = Report(title, Verdict.ERROR, Reason(internal.report(error, title)))
        return ended(report.with_findings_kept(seen), INTERNAL, output)
    report = Report(title, Verdict.ERROR, Reason("redactfuzz: internal error: the campaign gave no report."))
    return ended(report.with_findings_kept(seen), INTERNAL, output)


def ended(report: Report, code: int, output: Output) -> Result:
    """Shows a report that no campaign made: of a scenario that could not be run, or not to its end."""
    output.handle(CampaignEnded(report))
    return Result(report, code)
