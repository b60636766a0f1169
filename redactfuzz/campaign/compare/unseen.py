"""Canaries that no dump shows in a form that is listed, with the redactor bypassed: are they there in another?"""

from __future__ import annotations

from collections.abc import Generator

from redactfuzz.campaign.compare.completed import can_compare, comparing
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Budget
from redactfuzz.schedule import portfolio

_ORDERS = 3
"""Sequential orders that are compared: most scenarios make the same dump in each."""
_SECONDS = 5.0


def in_another_form(session: Session, wanted: frozenset[str]) -> Generator[CampaignEvent, None, frozenset[str]]:
    """Which of these can be read off a dump all the same, with the redactor bypassed."""
    if not wanted or not can_compare(session):
        return frozenset()
    number = session.pinned or session.count_numbers(1) + 1
    batch = session.batch(
        portfolio.opening(),
        Budget(_ORDERS, _SECONDS, stop_at_first=False),
        "controls",
        keep_problems=False,
        bypass=True,
        every=True,
        describe=True,
        steps=False,
        canary_number=number,
    )
    ran: list[Outcome] = []
    for item in batch:
        if isinstance(item, Outcome):
            ran.append(item)
        else:
            yield item
    seen: set[str] = set()
    for outcome in ran:
        if outcome.schedule is None or not outcome.dumps or wanted <= seen:
            continue
        how = {"seed": session.limits.seed, "number": number, "bypass": True}
        with comparing(session, outcome.schedule, **how) as context:
            seen.update(leak.canary for leak in context.compare().leaks)
    return wanted & seen
