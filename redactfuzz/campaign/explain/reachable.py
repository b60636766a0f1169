"""Whether this interpreter can really switch where a finding needs it.

The schedule that was found says so when it switches where the interpreter can. When it does not, the same finding may
still be met by switches a few instructions away: each is moved to the nearest real switch site, and where that loses
the finding that a search of those sites reports. Executions end it and not the clock, while the campaign has time.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import attrs

from redactfuzz.campaign.explain.window import Moment, moments
from redactfuzz.campaign.search.found import label_of
from redactfuzz.campaign.search.trial import Trial
from redactfuzz.campaign.session.state import Batch
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Action, Granularity, Schedule
from redactfuzz.model.verdict import Label
from redactfuzz.schedule.shrink import Failing

_BOUND, _MOST = 2, 3
"""Preemptions at least, and as many as the finding has at most: with more, an enumeration of the sites has no end."""
_ENUMERATED, _DRAWN = 2_000, 1_000
"""Executions."""
_SECONDS = 300.0
"""After which a search that is not finished is given up."""
_RANDOM = (Policy.SURW, Policy.POS, Policy.PCT)


def at_switch_sites(trial: Trial, failing: Failing) -> Failing:
    """The same finding with each switch moved to the nearest place where this interpreter makes one.

    ``failing`` itself where that loses it. A crash that strikes anywhere stays where it is.
    """
    described = trial.described(failing.schedule)
    if described is None or not trial.same(described) or label_of(described) is not Label.FINER:
        return failing
    schedule, outcome = failing.schedule, described
    for index, deviation in enumerate(schedule.deviations):
        if deviation.action is Action.EXPIRE or not deviation.thread or deviation.trigger in described.anywhere:
            continue
        for moment in _nearest(trial, schedule, index):
            if not trial.more():
                return failing
            moved = _moved(schedule, index, moment)
            met = trial.described(moved)
            if met is not None and trial.same(met):
                schedule, outcome = moved, met
                break
    better = label_of(outcome) is Label.REACHABLE and outcome.preemptions <= described.preemptions
    return Failing(schedule, outcome) if better else failing


def _nearest(trial: Trial, schedule: Schedule, index: int) -> list[Moment]:
    """The switch sites before and after the place of a deviation; none where it is at one already."""
    deviation = schedule.deviations[index]
    base = trial.described(attrs.evolve(schedule, deviations=schedule.deviations[:index]))
    if base is None or not base.trace:
        return []
    floor = max((step.index for step in base.trace if step.deviation), default=-1)
    places = [m for m in moments(base.trace) if m.index > floor and m.thread == deviation.thread]
    wanted = (deviation.thread, deviation.site, deviation.nth)
    here = next((i for i, m in enumerate(places) if (m.thread, m.site, m.nth) == wanted), None)
    if here is None or _switchable(base, places[here]):
        return []
    around = (reversed(places[:here]), places[here + 1 :])
    nearest = (next((m for m in side if _switchable(base, m)), None) for side in around)
    return [moment for moment in nearest if moment is not None]


def _switchable(outcome: Outcome, moment: Moment) -> bool:
    step = outcome.trace[moment.index]
    return step.thread == moment.thread and step.switchable


def _moved(schedule: Schedule, index: int, moment: Moment) -> Schedule:
    deviations = list(schedule.deviations)
    deviations[index] = attrs.evolve(deviations[index], site=moment.site, nth=moment.nth)
    return attrs.evolve(schedule, deviations=tuple(deviations))


def settled_label(trial: Trial, failing: Failing, label: Label | None) -> Generator[CampaignEvent, None, Label | None]:
    """``label``, where that is about this schedule alone; else what a search of the real switch sites says.

    REACHABLE where it meets the same finding, FINER where it went through all of them in vain, else UNCONFIRMED.
    """
    if label is not Label.FINER:
        return label
    needed = failing.outcome.preemptions
    bound = min(max(needed, _BOUND), _MOST)
    few = Stage(Policy.BOUNDED, Granularity.SWITCHES, bound=bound, first=True, limit=_ENUMERATED)
    many = (Stage(policy, Granularity.SWITCHES) for policy in _RANDOM)
    around: dict[str, Any] = {**failing.schedule.otherwise, "cold": trial.found.stage.cold}
    batch = trial.session.counted(
        # Every schedule of few preemptions, as far as that comes; then such as have many.
        tuple(attrs.evolve(stage, **around) for stage in (few, *many)),
        _ENUMERATED + _DRAWN,
        _SECONDS,
        "explaining",
        seed=trial.found.seed,
        canary_number=trial.found.number,
    )
    met = None
    for item in batch:
        if not isinstance(item, Outcome):
            yield item
            if _exhausted(batch):
                batch.stop()
        elif met is None and item.schedule is not None and trial.same(item):
            met = item.schedule
            batch.stop()
    if met is not None and trial.same(trial.run(met)):
        return Label.REACHABLE
    return Label.FINER if _exhausted(batch) and needed <= bound else Label.UNCONFIRMED


def _exhausted(batch: Batch) -> bool:
    stages = batch.counters.stages
    return bool(stages) and stages[0].exhausted and not stages[0].cut
