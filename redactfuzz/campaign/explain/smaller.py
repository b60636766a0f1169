"""Looks for the same finding elsewhere: with fewer preemptions, or between calls, where every interpreter replays it.

Shrinking only ever leaves deviations out or moves them a little, and may come to rest where nothing near is smaller. A
short enumeration then meets the same finding in its simplest form. It comes last, because its cost grows with every
preemption, and what is small already leaves little to enumerate.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from redactfuzz.campaign.search.trial import Trial
from redactfuzz.campaign.session.covered import Covered
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule.shrink import Failing

_PART = 3
"""Of the executions that are left for enumerations, each may have this part,"""
_LEAST = 100
"""and not fewer than these."""
_LEVELS = tuple(Granularity)

Space = tuple[int, Granularity]
"""Preemptions at most, and between what."""


def smaller(
    trial: Trial, failing: Failing, covered: Sequence[Covered], tried: set[Space]
) -> Generator[CampaignEvent, None, Failing]:
    """The finding with fewer preemptions, or as many at a coarser granularity; ``failing`` where none was met.

    ``tried`` holds what need not be searched again, and is added to.
    """
    known = tried | set(_searched(trial, covered))
    for space in _spaces(failing, portable=trial.session.target.facts.portable):
        if space in known or trial.enumerated <= 0 or not trial.in_time:
            continue
        tried.add(space)
        found = yield from search(trial, space)
        if found is not None and _better(found, failing):
            return found
    return failing


def _spaces(failing: Failing, *, portable: bool) -> Iterator[Space]:
    """Fewer preemptions, the fewest first; then as many of them between calls, where fewer places are to choose from.

    ``portable``: it must not become finer, because the finer ones belong to one interpreter.
    """
    preemptions, level = failing.outcome.preemptions, _LEVELS.index(failing.schedule.granularity)
    finest = level + 1 if portable else len(_LEVELS)
    for bound in range(1, preemptions):
        yield from ((bound, each) for each in _LEVELS[:finest])
    if preemptions:
        yield from ((preemptions, each) for each in _LEVELS[:level])


def _searched(trial: Trial, covered: Sequence[Covered]) -> Iterator[Space]:
    """The spaces that the exploration has been through in vain, or must have been before it came to the finding."""
    stage = trial.found.stage
    if stage.policy is Policy.BOUNDED and stage.after >= 0:
        coarser = _LEVELS.index(stage.granularity) if stage.bound == 1 and not stage.strike else 1
        yield from ((1, level) for level in _LEVELS[:coarser])
    if not (trial.found.outcome.leaks and trial.session.target.facts.leaks_hide):
        return  # the exploration has gone on: after a bug looking for leaks alone, after a leak for others
    for one in covered:
        stage = one.stage
        alike = stage.policy is Policy.BOUNDED and not stage.strike and stage.otherwise == trial.found.stage.otherwise
        if alike and one.report.exhausted:
            yield one.stage.bound, one.stage.granularity


def search(trial: Trial, space: Space) -> Generator[CampaignEvent, None, Failing | None]:
    """Enumerates ``space`` until the finding is met; None when it was not, within the budget."""
    session, (bound, level), schedule = trial.session, space, trial.found.schedule
    if trial.identity.by_comparison:
        return None  # no execution shows it by itself
    runs = min(max(trial.enumerated // _PART, _LEAST), trial.enumerated)
    around: dict[str, Any] = {**schedule.otherwise, "cold": trial.found.stage.cold}
    batch = session.counted(
        (Stage(Policy.BOUNDED, level, bound=bound, limit=runs, **around),),
        runs,
        trial.until - session.clock(),
        "shrinking",
        seed=trial.found.seed,
        canary_number=trial.found.number,
        writers=bool(trial.identity.place),
    )
    met = None
    for item in batch:
        if not isinstance(item, Outcome):
            yield item
        elif met is None and item.schedule is not None and trial.same(item):
            met = Failing(item.schedule, item)
            batch.stop()
    trial.enumerated -= batch.executions
    if met is None:
        return None
    outcome = trial.described(met.schedule)
    return Failing(met.schedule, outcome) if outcome is not None and trial.same(outcome) else None


def _better(one: Failing, other: Failing) -> bool:
    def rank(failing: Failing) -> tuple[int, int]:
        return failing.outcome.preemptions, _LEVELS.index(failing.schedule.granularity)

    return rank(one) < rank(other)
