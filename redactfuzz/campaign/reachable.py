"""Whether this interpreter can really switch where a finding needs it.

The schedule that was found says so when it switches where the interpreter can. When it does not, the same finding may
still be met by switches a few instructions away: a short enumeration of the real switch sites tells.
"""

from __future__ import annotations

from collections.abc import Generator

import attrs

from redactfuzz.campaign.smaller import search
from redactfuzz.campaign.trial import Trial
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Label
from redactfuzz.schedule.shrink import Failing

_BOUND = 2
"""Preemptions: an enumeration with more at every switch site has no end."""
_RUNS = 1_000
_SECONDS = 10.0
"""For the enumerations here; one of them gets a fifth of it."""


def settled_label(trial: Trial, failing: Failing, label: Label | None) -> Generator[CampaignEvent, None, Label | None]:
    """``label``, or REACHABLE where the same finding is met by switches that this interpreter makes."""
    if label is not Label.FINER:
        return label
    least = max(1, failing.outcome.preemptions)
    # Shrinking may have used up the budget; what a finding is worth is not told without the label.
    until = max(trial.until, trial.session.clock() + _SECONDS)
    trial = attrs.evolve(trial, until=until, runs_left=trial.runs + _RUNS)
    for bound in sorted({min(least, _BOUND), _BOUND}):
        if not trial.more():
            break
        if (yield from search(trial, (bound, Granularity.SWITCHES))) is not None:
            return Label.REACHABLE
    return label
