"""Numbers of objects that are met behind the handler of a kill do not follow from how much that handler met."""

from __future__ import annotations

import itertools
import os

from driving import run

from redactfuzz import Race
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity

COUNTER = itertools.count()
"""Differs between executions, as what a process has cached does."""
BOX = {"a": 0}


def work() -> None:
    mine = [1]
    BOX["a"] += len(mine)
    mine.append(2)


def handler() -> str:
    os.getloadavg()  # what that touches is not known
    for each in [[number] for number in range(next(COUNTER) % 7 * 5)]:
        each.append(1)
    return str(BOX["a"])


def body(race: Race) -> None:
    BOX["a"] = 0
    race.thread(work, name="one")
    race.thread(work, name="two")
    race.crash(handler, by="kill")


def test_a_handler_that_meets_more_objects_than_the_last_time_ends_no_reduction() -> None:
    ran = run(body, (Stage(Policy.DPOR, Granularity.SWITCHES),))
    assert [problem.what for outcome in ran.outcomes for problem in outcome.problems] == []
    assert ran.exhausted
    assert len({str(dumped) for dumped in ran.dumped}) > 2
