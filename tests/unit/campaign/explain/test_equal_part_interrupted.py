"""After Ctrl-C nothing is run that says what follows from a secret: what may quote one is withheld."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from redactfuzz.campaign.compare.equal_part import equal_part, keep_equal_error
from redactfuzz.model.finding import Finding
from redactfuzz.model.messages import DIFFERS
from redactfuzz.model.outcome import Bug, BugKind, Outcome
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.model.verdict import Verdict

BUG = Bug(BugKind.EXCEPTION, "ValueError: hunter2", "worker", "app.py:3\nValueError: hunter2", "app.py:3")
SCHEDULE = Schedule(Granularity.CALLS)


def session(ran: list[Any], *, interrupted: bool) -> Any:
    """Each execution under another secret says the same."""
    outcome = Outcome(execution=1, stage=0, bug=BUG)
    facts, oracle = SimpleNamespace(values_change=True), SimpleNamespace(record=print)

    def once(schedule: Schedule, **_: Any) -> Outcome:
        ran.append(schedule)
        return outcome

    return SimpleNamespace(
        interrupted=interrupted,
        target=SimpleNamespace(facts=facts),
        oracle=oracle,
        once=once,
    )


@pytest.mark.parametrize(("interrupted", "summary"), [(True, f"ValueError: {DIFFERS}"), (False, BUG.summary)])
def test_what_a_bug_says_is_withheld_where_nothing_is_compared_any_more(interrupted: bool, summary: str) -> None:
    ran: list[Any] = []
    finding = Finding(
        scenario="s", verdict=Verdict.BUG, schedule=SCHEDULE, execution=1, canary_number=1, seed=0, bug=BUG
    )
    told = equal_part(session(ran, interrupted=interrupted), finding, ["key"])
    assert told.bug is not None
    assert told.bug.summary == summary
    assert ("hunter2" in repr(told)) is not interrupted
    error = keep_equal_error(
        session(ran, interrupted=interrupted), Outcome(execution=1, stage=0, bug=BUG), SCHEDULE, seed=0, number=1
    )
    assert error.summary == summary
    assert (not ran) is interrupted
