"""The search of the whole space: every schedule, or one of each class, where it can come to its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from redactfuzz.campaign.session.covered import Covered
from redactfuzz.campaign.session.spec import UNBOUNDED
from redactfuzz.model.events import CampaignEvent
from redactfuzz.schedule import portfolio

if TYPE_CHECKING:
    from redactfuzz.campaign.search.exploration import Exploration
    from redactfuzz.campaign.session.state import Session

_LIKELY = 0.8
"""Of what is left: an estimate is no promise."""
_MOST = 10_000_000
"""Executions beyond which an enumeration of every schedule is not begun."""


def reduces(session: Session) -> bool:
    """Whether one schedule of each class stands for all: the runtime tells what each step touches, in full."""
    return not session.target.record.unreported(session)


def search(exploration: Exploration) -> Iterator[CampaignEvent]:
    """Goes through the whole space, where the portfolio has not, and its estimate says that there is time for it.

    Where a proof was asked for it is tried in any case, for as long as the campaign has. Executions that a reduction
    takes do not count against the profile's, which says whether there are seconds for them; a number of executions that
    the user gave is kept.
    """
    found, limits = exploration, exploration.session.limits
    begun = next((c for c in found.covered if c.stage.policy.whole), None)
    if begun is None or begun.report.exhausted or not (limits.proves or fits(found, begun)):
        return
    reduced = reduces(found.session)
    stages = portfolio.whole(limits.granularity, found.proof, reduces=reduced)
    unbounded = limits.proves or (reduced and not limits.counted)
    before = found.executions
    seconds = (1.0 if not unbounded else _LIKELY) * exploration.session.deadline.left  # what follows needs some as well
    yield from found.run(stages, UNBOUNDED if unbounded else found.rest, seconds=seconds, phase="proving")
    if unbounded:
        found.beyond += found.executions - before


def fits(exploration: Exploration, begun: Covered) -> bool:
    """Whether what is left of the campaign is likely to be enough, by Knuth's estimate (Mathematics of Computation 29,
    1975) of the leaves of the tree that was begun."""
    estimate = begun.report.estimate
    if estimate <= 0 or begun.report.truncated:
        return False
    if exploration.session.limits.counted or not reduces(exploration.session):
        return estimate <= _LIKELY * min(exploration.rest, _MOST)
    each = exploration.seconds / max(exploration.executions, 1)
    return estimate * each <= _LIKELY * exploration.session.deadline.left
