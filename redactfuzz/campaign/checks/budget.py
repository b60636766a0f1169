"""The reason why a search is too small for a pass: it says what is missing, how long that takes, and what helps."""

from __future__ import annotations

import math

from redactfuzz.campaign.checks.large import about
from redactfuzz.campaign.search import floor, whole
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.session.covered import Covered
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.verdict import Reason


def explain_shortfall(session: Session, found: Exploration) -> Reason | None:
    """Return why the search is too small for a pass; None where it is not."""
    if found.debt:
        return _explain_floor(session, found)
    search = whole.find_open_bound(found)
    return None if search is None else _explain_bound(session, found, search)


def _explain_floor(session: Session, found: Exploration) -> Reason:
    """Say what is missing of the floor under a pass."""
    limits = session.limits
    spent = f"{found.executions:,} executions took {session.seconds:.1f} s of {limits.seconds:g}"
    least = f"executions to {100 * floor.LEAST} or more" if found.executions >= limits.executions else "seconds"
    return Reason(
        f"The budget ended before the search had its floor ({spent}); still needed: {found.debt}.",
        f"Raise {least}: a pass after less would mean nothing.",
    )


def _explain_bound(session: Session, found: Exploration, search: Covered) -> Reason:
    """Say how much is missing of the enumeration without whose end there is no pass."""
    report, bound, fewer = search.report, search.stage.bound, session.target.advice.fewer
    preemptions = "1 preemption" if bound == 1 else f"{bound} preemptions"
    what = f"The budget ended before every schedule of at most {preemptions} between calls was run: "
    if report.truncated:
        return Reason(f"{what}{report.executions:,}.", f"There is no room for more of them: {fewer}.")
    if report.estimate <= 0 or not report.executions:
        return Reason(f"{what}{report.executions:,}.", f"Raise seconds, or {fewer}.")
    times = max(report.estimate / report.executions, 1.0)
    share, seconds = f"about {about(report.estimate)} ({100 / times:.2g} %)", about(math.ceil(times * session.seconds))
    what = f"{what}{report.executions:,} of {share}; all of them take about {seconds} s."
    return Reason(what, f"Raise seconds to {seconds}, or {fewer}.")
