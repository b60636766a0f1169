"""Partial order reduction: a crash that runs no code of the program is made where a dump shows something."""

from __future__ import annotations

import pytest
from core_model import EventKind, Flag

from redactfuzz._core._engine import lib
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.engine import Act, Engine

pytestmark = pytest.mark.once

TRIGGER = 2
BOTH = frozenset({0, 1})


def struck(flags: int, shows: frozenset[int] | None = None, *, more: int = 0) -> list[frozenset[int]]:
    """Two threads write to an object each, and a crash strikes: which of them had, in each execution, when it did.

    A dump shows something in the state ``shows``. ``more``: in so many executions it turns out that steps touch more.
    """
    engine = Engine((Stage(Policy.DPOR),), 0, threads=4, steps=100)
    found = []
    while engine.begin():
        done: frozenset[int] = frozenset()
        for thread in (0, 1):
            engine.pend(thread, site=thread + 1, kind=EventKind.WRITE, object=thread + 1)
        engine.pend(TRIGGER, kind=EventKind.CRASH, flags=flags)
        while True:
            if lib.rf_get_status(engine._core).watched == lib.RF_ALL_WATCHED and done == shows:
                lib.rf_shows(engine._core, 1)
            choice = engine.choose()
            if choice.action is not Act.STEP:
                break
            done |= {choice.thread}
        assert choice.action is Act.FIRE
        found.append(done)
        if len(found) <= more:
            lib.rf_touches_more(engine._core)
        engine.end()
    assert engine.report(0).exhausted
    return found


def test_where_no_dump_shows_anything_it_is_made_at_the_end_alone() -> None:
    assert struck(Flag.STRIKE | Flag.LOCAL) == [BOTH]


def test_where_a_dump_shows_something_it_is_made_once() -> None:
    assert struck(Flag.STRIKE | Flag.LOCAL, frozenset({0})) == [BOTH, frozenset({0})]
    assert struck(Flag.STRIKE | Flag.LOCAL, frozenset()) == [BOTH, frozenset()]


def test_a_crash_that_runs_code_of_the_program_is_a_step_and_comes_everywhere() -> None:
    assert set(struck(Flag.STRIKE)) == {frozenset(), frozenset({0}), frozenset({1}), BOTH}


def test_when_steps_touch_more_than_was_known_it_begins_again() -> None:
    assert struck(Flag.STRIKE | Flag.LOCAL, more=3) == [BOTH] * 4
    assert struck(Flag.STRIKE | Flag.LOCAL, frozenset({0}), more=1) == [BOTH, BOTH, frozenset({0})]
