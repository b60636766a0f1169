"""Which places make a space large: what a reduction counts of the races whose other order it had to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core_model import EventKind, Flag

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.conflicts import RawConflict, conflicts_of, cuts_of, sites_of
from redactfuzz.schedule.engine import Act, Engine

Touch = Callable[[Engine, int], None]


def explored(touches: Mapping[int, Touch], policy: Policy = Policy.DPOR) -> Engine:
    """Threads of one step each, at site 10 more than its number, which touches what it says."""
    engine = Engine((Stage(policy),), 0, threads=8, steps=500)
    while engine.begin():
        for thread in touches:
            engine.pend(thread, site=10 + thread, kind=EventKind.READ, object=100 + thread)
        while (choice := engine.choose()).action not in (Act.NOTHING, Act.STOP):
            touches[choice.thread](engine, choice.thread)
        engine.end()
    assert engine.report(0).exhausted
    return engine


def writes(object: int, offset: int = 0) -> Touch:
    def touch(engine: Engine, thread: int) -> None:
        engine.touch(thread, kind=EventKind.WRITE, object=object, offset=offset)

    return touch


def everything(site: int) -> Touch:
    def touch(engine: Engine, thread: int) -> None:
        engine.touch(thread, kind=EventKind.OPAQUE, object=0, site=site)

    return touch


def test_two_that_write_one_object_conflict_once_with_its_number_and_place() -> None:
    engine = explored({1: writes(7, 3), 2: writes(7, 3)})
    assert engine.report(0).executions == 2
    (one,) = conflicts_of(engine, 0)
    assert one == RawConflict(
        first=11, then=12, times=1, object=7, offset=3, size=0, unknown=(), is_data_race=False
    )
    assert sites_of(engine) == {11, 12}


def test_two_that_write_two_objects_conflict_nowhere() -> None:
    engine = explored({1: writes(7), 2: writes(8)})
    assert engine.report(0).executions == 1
    assert conflicts_of(engine, 0) == []


def test_what_touched_everything_is_told_by_its_own_site() -> None:
    (one,) = conflicts_of(explored({1: everything(50), 2: writes(8)}), 0)
    assert (one.first, one.then, one.object, one.unknown) == (50, 12, 0, (50,))
    (other,) = conflicts_of(explored({1: writes(8), 2: everything(50)}), 0)
    assert (other.first, other.then, other.unknown) == (11, 50, (50,))
    (both,) = conflicts_of(explored({1: everything(50), 2: everything(60)}), 0)
    assert both.unknown == (50, 60)


def test_what_touched_everything_at_no_place_that_is_known_is_no_call_to_blame() -> None:
    (one,) = conflicts_of(explored({1: everything(0), 2: writes(8)}), 0)
    assert (one.first, one.then, one.object, one.unknown) == (11, 12, 0, ())


def test_an_object_that_both_touch_explains_a_conflict_whatever_else_they_touch() -> None:
    def both(engine: Engine, thread: int) -> None:
        engine.touch(thread, kind=EventKind.WRITE, object=7)
        engine.touch(thread, kind=EventKind.OPAQUE, object=0, site=50)

    (one,) = conflicts_of(explored({1: both, 2: writes(7)}), 0)
    assert (one.first, one.then, one.object, one.unknown) == (11, 12, 7, ())


def test_what_begins_a_class_is_counted_and_nothing_else() -> None:
    engine = explored({thread: writes(7) for thread in (1, 2, 3, 4)})
    report = engine.report(0)
    assert report.executions == 24
    found = conflicts_of(engine, 0)
    assert sum(one.times for one in found) == report.executions - 1
    assert [one.times for one in found] == sorted((one.times for one in found), reverse=True)


def waiting(policy: Policy) -> Engine:
    """One thread hands over, at site 20, until the other has written twice."""
    engine = Engine((Stage(policy),), 0, threads=4, steps=500)
    while engine.begin():
        left = 2
        engine.pend(0, site=20, kind=EventKind.READ, object=3, flags=Flag.YIELD)
        engine.pend(1, site=30, kind=EventKind.WRITE, object=3)
        while (choice := engine.choose()).action not in (Act.NOTHING, Act.STOP):
            left -= choice.thread
            if choice.thread and left:
                engine.pend(1, site=31, kind=EventKind.WRITE, object=3)
            if not choice.thread and left:
                engine.pend(0, site=20, kind=EventKind.READ, object=3, flags=Flag.YIELD)
        engine.end()
    assert engine.report(0).exhausted
    return engine


def test_what_fairness_cuts_has_a_place_and_what_cuts_nothing_has_none() -> None:
    for policy in (Policy.DPOR, Policy.EXHAUSTIVE):
        engine = waiting(policy)
        assert engine.report(0).cut
        assert cuts_of(engine, 0) == [20]
    assert cuts_of(explored({1: writes(7), 2: writes(7)}), 0) == []
