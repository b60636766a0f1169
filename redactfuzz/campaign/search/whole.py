"""The search of the whole space: every schedule, or one of each class, where it can come to its end."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from redactfuzz.campaign.search import floor, parts
from redactfuzz.campaign.session.covered import Covered
from redactfuzz.campaign.session.spec import UNBOUNDED
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule import portfolio

if TYPE_CHECKING:
    from redactfuzz.campaign.search.exploration import Exploration
    from redactfuzz.campaign.session.state import Batch, Session

_LIKELY = 0.8
"""Of what is left: an estimate is no promise."""
_TRIED = 1_000
"""Times what is left: a tree of which little was seen may be smaller than its estimate by that much."""
_OTHER_SEED = 1_000_003
"""Number added to the seed for the last batch. Its random strategies would otherwise repeat their schedules."""
_ORDERS = 4
"""Sequential orders of four to seven threads get one in `_ORDERS` of the executions, or seconds, that are left."""
_MOST = 10_000_000
"""Executions beyond which an enumeration of every schedule is not begun."""


def reduces(session: Session) -> bool:
    """Whether one schedule of each class stands for all: the runtime tells what each step touches, in full."""
    return not session.target.record.unreported(session)


def search(exploration: Exploration) -> Iterator[CampaignEvent]:
    """Goes through the whole space, where the portfolio has not, and its estimate says that there is time for it.

    What a reduction has seen in its share of the portfolio is little, and the estimate of its tree poor: where that
    says no, the search is tried for as long as all before took, and asked again. Where a proof was asked for it is
    tried in any case, for as long as the campaign has. Executions that a reduction takes do not count against the
    profile's, which says whether there are seconds for them; a number of executions that the user gave is kept.
    """
    found, limits = exploration, exploration.session.limits
    begun = next((c for c in found.covered if c.stage.policy.whole), None)
    if begun is None or begun.report.exhausted:
        return
    reduced = reduces(found.session)
    stages = parts.own(found.session, portfolio.whole(limits.granularity, found.proof, reduces=reduced))
    unbounded = limits.proves or (reduced and not limits.counted)
    if not (limits.proves or fits(found, begun)):
        if not unbounded or not is_worth_a_try(found, begun):
            return
        batch = yield from beyond(found, stages, most=found.seconds)
        begun = next(c for c in found.covered if c.space == Covered.space_of(stages[0]))
        if batch.exhausted or found.settled or found.bug is not None or not fits(found, begun):
            return
    if unbounded:
        yield from beyond(found, stages)
    else:
        yield from found.run(stages, found.rest, seconds=found.session.deadline.left, phase="proving")


def run_orders(exploration: Exploration) -> Iterator[CampaignEvent]:
    """Run every sequential order of up to seven threads, or a sample if their share of the budget is too small."""
    limits, left = exploration.session.limits, exploration.session.deadline.left
    begun = next((c.report for c in exploration.covered if c.stage.policy is Policy.SEQUENTIAL), None)
    if begun is None or not begun.executions < begun.estimate <= math.factorial(portfolio.ORDERED):
        return
    few = exploration.remaining // _ORDERS if limits.counted else UNBOUNDED
    before = exploration.executions
    yield from exploration.run(portfolio.orders(), few, seconds=left / _ORDERS)
    exploration.beyond += 0 if limits.counted else exploration.executions - before


def finish_search(exploration: Exploration) -> Iterator[CampaignEvent]:
    """Search the whole space if it fits the budget; else complete the bound that a pass needs, and go on at random."""
    limits = exploration.session.limits
    if exploration.may_pass:
        yield from search(exploration)
    yield from complete_bound(exploration, exploration.session.deadline.left - exploration.spared)
    if exploration.may_pass and not exploration.proved:
        seed = (limits.seed + _OTHER_SEED) % 2**64
        yield from exploration.run(portfolio.rest(limits.granularity), exploration.rest, seed=seed)


def list_exhausted(exploration: Exploration) -> list[Covered]:
    """Return the searches of the whole space, or of the part asked for, that left nothing out on the usual machine."""
    reduced = reduces(exploration.session)
    done = [c for c in exploration.covered if c.stage.policy.whole and c.stage.usual and c.report.exhausted]
    done = [c for c in done if not (c.report.truncated or c.report.cut)]
    return [c for c in done if c.stage.policy is Policy.EXHAUSTIVE or reduced]


def find_open_bound(exploration: Exploration) -> Covered | None:
    """Return the enumeration that a pass needs, where it has not come to its end; else None.

    A number of executions that the user gave, and that were run, is an end that was asked for.
    """
    session = exploration.session
    asked = session.limits.counted and not exploration.remaining
    known = asked or session.target.pace.swift or list_exhausted(exploration)
    return None if known else floor.find_open_enumeration(exploration.main, exploration.covered)


def complete_bound(exploration: Exploration, seconds: float) -> Iterator[CampaignEvent]:
    """Run the enumeration that a pass needs, where its estimate says that it takes no more than ``seconds``.

    It takes executions beyond the profile's, so that it does not run where the user gave a number of them.
    """
    begun, each = find_open_bound(exploration), exploration.seconds / max(exploration.executions, 1)
    if begun is None or exploration.session.limits.counted or not exploration.may_pass or begun.report.truncated:
        return
    if 0 < begun.report.estimate * each <= _LIKELY * seconds:
        least = _MOST if seconds > exploration.session.deadline.left else 1
        yield from beyond(exploration, (begun.space,), least=least)


def goes_beyond(exploration: Exploration, stages: Sequence[Stage]) -> bool:
    """Whether these are a reduction of a whole space, which may take more executions than the profile has."""
    reduced = any(stage.policy is Policy.DPOR for stage in stages)
    return reduced and not exploration.session.limits.counted


def beyond(
    exploration: Exploration, stages: Sequence[Stage], least: int = 1, most: float = UNBOUNDED
) -> Generator[CampaignEvent, None, Batch]:
    """Runs them for as long as there is time, beside what comes after them, and for ``most`` seconds; the executions do
    not count."""
    before = exploration.executions
    seconds = min(_LIKELY * exploration.session.deadline.left, most)
    batch = yield from exploration.run(stages, UNBOUNDED, seconds=seconds, least=least, phase="proving")
    exploration.beyond += exploration.executions - before
    return batch


def fits(exploration: Exploration, begun: Covered) -> bool:
    """Whether what is left of the campaign is likely to be enough, by Knuth's estimate (Mathematics of Computation 29,
    1975) of the leaves of the tree that was begun."""
    estimate = parts.expected(exploration, begun)
    if estimate <= 0 or begun.report.truncated:
        return False
    if exploration.session.limits.counted or not reduces(exploration.session):
        return estimate <= _LIKELY * min(exploration.rest, _MOST)
    each = exploration.seconds / max(exploration.executions, 1)
    return takes(exploration, estimate * each)


def is_worth_a_try(exploration: Exploration, begun: Covered) -> bool:
    """Whether the estimate is no more than a thousand times what there is time for."""
    each = exploration.seconds / max(exploration.executions, 1)
    estimate = parts.expected(exploration, begun)
    return not begun.report.truncated and estimate > 0 and takes(exploration, estimate * each / _TRIED)


def takes(exploration: Exploration, seconds: float) -> bool:
    """Whether the campaign is likely to have so many left."""
    return seconds <= _LIKELY * exploration.session.deadline.left
