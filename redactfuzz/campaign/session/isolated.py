"""Executions that need a process each: at which place one run parted from the other, and whether a warm-up helps.

What a process makes once (an import, a cache) makes its first execution another one than those that follow. Where these
go one way, the campaign is run in a process of its own, after an execution that does not count: tens of times as fast.
This process stays one where the scenario has never run in; it goes on, with a process for each execution, where the
other could not decide.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

import attrs

from redactfuzz.campaign.session.spec import relative
from redactfuzz.campaign.session.streamed import Gone, ended, forked, received, send
from redactfuzz.model.events import CampaignEnded, CampaignEvent, CampaignStarted, Probed
from redactfuzz.model.finding import Report
from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Step
from redactfuzz.model.verdict import Verdict

if TYPE_CHECKING:
    from redactfuzz.campaign.session.state import Session

_REMEDY = (
    "Do once what is done at the first use, such as an import, when the scenario's file is imported; make anew in the"
    " scenario's body what it changes"
)
_WARM = "executions follow one another after a warm-up, which does not count, or are each the first of a process"
_UNDECIDED = (Verdict.INCONCLUSIVE, Verdict.VACUOUS)
_COST = "every execution has a process of its own, which takes 15 to 70 times as long"


def reason_of(probed: Probed) -> str:
    """What the runtime decided, as a sentence for the certificate and the report."""
    if probed.isolation is not Isolation.PROCESS or probed.parted == (None, None):
        return probed.reason
    return f"{probed.reason}; {parted(probed)}: {_COST}. {_REMEDY}"


def reason_of_warm(probed: Probed) -> str:
    """The same where executions follow one another, after a warm-up."""
    return f"{probed.reason}; {parted(probed)}: {_WARM}"


def parted(probed: Probed) -> str:
    """Where one run parted from the one before it."""
    earlier, later = probed.parted
    if earlier is None and later is None:
        return "where they parted is not known"
    step = next(each.index for each in (later, earlier) if each is not None) + 1
    return f"they parted at step {step}: the one {_at(earlier)}, the other {_at(later)}"


def _at(step: Step | None) -> str:
    if step is None:
        return "had ended"
    place = f" at {relative(step.file)}:{step.line} in {step.function}" if step.file else ""
    return f"with thread '{step.thread}'{place}"


def after_warm_up(
    session: Session, campaign: Callable[[Session], Generator[CampaignEvent, None, None]]
) -> Generator[CampaignEvent, None, Report | None]:
    """Runs it in a process of its own, and gives its report; None where it could not decide."""
    made = forked(lambda connection: send(campaign(_warm(session)), connection))
    if made is None:
        return None
    report, events = None, received(made[1])
    try:
        for event in events:
            if isinstance(event, CampaignEnded):
                report = event.report
            elif not isinstance(event, CampaignStarted):
                yield event
    except Gone:
        pass
    except KeyboardInterrupt:
        if report is None:
            raise
    finally:
        ended(*made)
    if report is not None and (report.interrupted or report.verdict not in _UNDECIDED):
        return report
    why = report.reason.what if report is not None and report.reason is not None else "the process of it has died."
    session.isolation_reason += f". After a warm-up it could not be told: {why}"
    session.deadline.again()
    return None


def _warm(session: Session) -> Session:
    limits = attrs.evolve(session.limits, isolation=Isolation.WARM)
    other = type(session)(session.spec, limits, session.runtime, session.store, session.oracle, session.clock)
    other.problems, other.deadline = list(session.problems), session.deadline
    other.isolation_reason = reason_of_warm(session.warms) if session.warms is not None else ""
    return other
