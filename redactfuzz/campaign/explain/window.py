"""The race window: from which step to which the last deviation may strike, found by moving it step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.campaign.search.trial import Trial
from redactfuzz.campaign.session.deadline import OutOfTime
from redactfuzz.model.origin import Origin, origin_of
from redactfuzz.model.schedule import Action, Deviation, Schedule, Site, Step, Window
from redactfuzz.schedule.shrink import Failing

NOWHERE = Site("", "", "")


@attrs.frozen
class Moved:
    """The finding with its last deviation at the end of the window, so that its steps hold the whole window.

    Where code of the user's lies in it, at the end of that: the steps are to show what the reader can change.
    """

    failing: Failing
    window: Window
    ahead: Step | None = None
    """What would have come next, had the last deviation not struck."""
    beyond: Step | None = None
    """The last step of the window, where it lies after the place at which the finding's deviation strikes."""


@attrs.frozen
class Moment:
    """A choice of an execution: which thread was current, at which site, and for which time."""

    index: int
    thread: str
    site: Site
    nth: int


def moments(steps: Sequence[Step]) -> list[Moment]:
    """The choice before each step.

    Between two of its steps a thread is at the site of the later one, whatever the others do meanwhile. One that
    does nothing any more is nowhere, and so does nobody, before the first step.
    """
    upcoming: dict[str, Site] = {}
    places: list[Site] = [NOWHERE] * len(steps)
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        if step.action is not Action.CRASH:
            upcoming[step.thread] = step.site
        if index:
            places[index] = upcoming.get(steps[index - 1].thread, NOWHERE)
    counts: Counter[tuple[str, Site]] = Counter()
    found = []
    for index, site in enumerate(places):
        thread = steps[index - 1].thread if index else ""
        counts[thread, site] += 1
        found.append(Moment(index, thread, site, counts[thread, site]))
    return found


def find_window(trial: Trial, failing: Failing) -> Iterator[Moved | None]:
    """Yields None after each run and the window as the last item, where there is one.

    The steps are those of the execution without the last deviation: up to it both are the same.
    """
    deviations = failing.schedule.deviations
    if not deviations or not trial.more():
        return
    *before, last = deviations
    base = trial.described(attrs.evolve(failing.schedule, deviations=tuple(before)))
    yield None
    if base is None or not base.trace:
        return
    choices = moments(base.trace)
    floor = max((step.index for step in base.trace if step.deviation), default=-1)
    places = [
        moment
        for moment in choices
        if moment.index > floor and (last.action is Action.CRASH or moment.thread == last.thread)
    ]
    here = next(
        (i for i, m in enumerate(places) if (m.thread, m.site, m.nth) == (last.thread, last.site, last.nth)), None
    )
    if here is None:
        return
    leaking = {here: failing}
    tried = 1
    for walk in (range(here + 1, len(places)), range(here - 1, -1, -1)):
        for place in walk:
            if not trial.more():
                break
            schedule = _struck(failing.schedule, tuple(before), last, places[place])
            try:
                outcome = trial.described(schedule)
            except OutOfTime:
                break
            tried += 1
            yield None
            if outcome is None or not trial.same(outcome):
                break
            leaking[place] = Failing(outcome.schedule or schedule, outcome)
    yield _moved(failing, places, leaking, tried, here, base.trace)


def _struck(schedule: Schedule, before: tuple[Deviation, ...], last: Deviation, moment: Moment) -> Schedule:
    moved = attrs.evolve(last, thread=moment.thread, site=moment.site, nth=moment.nth)
    return attrs.evolve(schedule, deviations=(*before, moved))


def _moved(
    failing: Failing,
    places: list[Moment],
    leaking: dict[int, Failing],
    tried: int,
    here: int,
    steps: Sequence[Step],
) -> Moved:
    end = max(leaking)
    cost = failing.outcome.preemptions
    # Never at the price of a preemption: a crash between two threads displaces nobody, one step later it does.
    cheap = [place for place, at in leaking.items() if place >= here and at.outcome.preemptions <= cost]
    own = [place for place in cheap if origin_of(steps[places[place].index].file) is Origin.OWN]
    shown = max(own or cheap)
    window = Window(places[min(leaking)].index, places[shown].index, len(leaking), tried)
    beyond = steps[places[end].index] if end > shown else None
    return Moved(leaking[shown], window, steps[places[shown].index], beyond)
