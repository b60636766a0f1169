"""How likely a finding is along its schedule: which steps are measured, and how often it comes about from there.

A step is measured by executions that follow the schedule up to it, and then go on as a random walk. Of a schedule of
many steps a few are measured: first some that lie evenly, then, by bisection, where it becomes certain, and where the
likelihood changes most.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

import attrs

from redactfuzz.campaign.search.trial import Trial, diverged_where
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.measured import Likelihood
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Schedule

RUNS = 20
"""Continuations of each step."""
STEPS = 24
"""Steps that are measured, at most."""
_AT_FIRST = 9
"""Of these, where a schedule has as many or more: those that lie evenly. The rest are left for the bisection."""
_PHASE = "measuring"


def chosen(known: Mapping[int, Likelihood], steps: int, most: int = STEPS) -> list[int]:
    """Which steps of 0 to ``steps`` to measure next; none where enough is known."""
    if not known:
        count = steps + 1 if steps < most else min(_AT_FIRST, most)
        return sorted({round(i * steps / max(count - 1, 1)) for i in range(count)})
    room = most - len(known)
    if room <= 0:
        return []
    measured = sorted(known)
    gaps = [(low, high) for low, high in itertools.pairwise(measured) if high - low > 1]
    settles = _settles(known)
    wanted = [_middle(settles)] if settles in gaps else []
    # It takes so many more to find where it becomes certain: what is left may go elsewhere.
    spare = room - (settles[1] - settles[0] - 1).bit_length() if wanted else room
    gaps = [gap for gap in gaps if gap != settles and known[gap[0]].part != known[gap[1]].part]
    if gaps and spare > 0:
        wanted.append(_middle(max(gaps, key=lambda gap: abs(known[gap[1]].part - known[gap[0]].part))))
    return sorted(wanted)


def _settles(known: Mapping[int, Likelihood]) -> tuple[int, int]:
    """The last step at which it was not certain, and the next that was measured; where there is none, one twice."""
    measured = sorted(known)
    open_ones = [step for step in measured if not known[step].always]
    low = open_ones[-1] if open_ones else measured[0]
    return low, next((step for step in measured if step > low), low)


def _middle(gap: tuple[int, int]) -> int:
    return (gap[0] + gap[1]) // 2


@attrs.frozen
class Clean:
    """An execution that showed nothing: its schedule, and how many steps it shares for sure with the finding's."""

    schedule: Schedule
    preemptions: int
    shared: int


def walk(
    trial: Trial, schedule: Schedule, steps: Sequence[int], seconds: float, clean: Callable[[Clean], object]
) -> Generator[CampaignEvent, None, dict[int, Likelihood]]:
    """Measures ``steps``. ``clean`` gets each execution that made its dump and showed nothing."""
    around: dict[str, Any] = {**schedule.otherwise, "cold": trial.found.stage.cold}
    # When a crash is drawn to strike follows from how long an execution is, which the first one shows.
    first = Stage(Policy.SEQUENTIAL, schedule.granularity, first=True, limit=1, **around)
    walks = [Stage(Policy.WALK, schedule.granularity, bound=step, limit=RUNS, **around) for step in steps]
    shown = dict.fromkeys(steps, 0)
    runs, strayed = dict(shown), dict(shown)
    batch = trial.session.counted(
        (first, *walks),
        1 + RUNS * len(steps),
        seconds,
        _PHASE,
        seed=trial.found.seed,
        canary_number=trial.found.number,
        schedule=schedule,
        every=True,
        notable=lambda outcome: outcome.stage > 0,
        writers=bool(trial.identity.place),
    )
    for item in batch:
        if not isinstance(item, Outcome):
            yield item
            continue
        if not 0 < item.stage <= len(steps):
            continue
        step = steps[item.stage - 1]
        if diverged_where(item) is not None:
            strayed[step] += 1
            continue
        runs[step] += 1
        if trial.identity.matches(item.leaks, item.bug, moved=True):
            shown[step] += 1
        elif item.clean and item.dumps and item.schedule is not None:
            clean(Clean(item.schedule, item.preemptions, step))
    trial.runs += batch.executions
    return {step: Likelihood(step, shown[step], runs[step], strayed[step]) for step in steps}
