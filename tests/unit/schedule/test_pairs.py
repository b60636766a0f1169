"""Which places met over memory, as the core notes it in a replay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import pytest
from core_model import EventKind, Flag

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.engine import Act, Engine, RawDeviation
from redactfuzz.schedule.pairs import noted

READ, WRITE, RMW = EventKind.READ, EventKind.WRITE, EventKind.RMW
UNKNOWN, ALL, TIME = 0, 0xFFFFFFFF, 0xFFFFFFFE


@attrs.frozen
class Does:
    """One step: what it touches, and where."""

    kind: EventKind
    site: int
    object: int = 7
    offset: int = 0
    size: int = 0
    flags: Flag = Flag.NONE


def met(
    threads: Mapping[int, Sequence[Does]], *deviations: RawDeviation, announced: bool = False, pairs: bool = True
) -> set[tuple[int, int, bool]]:
    """Pairs of one execution, in which the threads go on in the default order but for the deviations."""
    engine = Engine([Stage(Policy.REPLAY, pairs=pairs)], 1, threads=8, steps=1000, frontier=0)
    engine.replay(deviations)
    assert engine.begin()
    left = {thread: list(steps) for thread, steps in threads.items()}

    def pend(thread: int) -> None:
        kind = left[thread][0].kind if announced else EventKind.START
        engine.pend(thread, site=left[thread][0].site, kind=kind, object=left[thread][0].object if announced else 0)

    for thread in left:
        pend(thread)
    while (choice := engine.choose()).action is Act.STEP:
        does = left[choice.thread].pop(0)
        if not announced:
            where = {"object": does.object, "offset": does.offset, "size": does.size, "flags": int(does.flags)}
            engine.touch(choice.thread, site=does.site, kind=does.kind, **where)
        if left[choice.thread]:
            pend(choice.thread)
    assert choice.action is Act.NOTHING
    engine.end()
    return noted(engine)


def test_who_looks_at_what_another_has_written_is_a_pair_and_the_other_order_is_none() -> None:
    threads = {0: [Does(WRITE, 10)], 1: [Does(READ, 20)]}
    assert met(threads) == {(10, 20, False)}
    first = RawDeviation(0xFFFF, 0, 1, Act.STEP, 1)
    assert met(threads, first) == set()


def test_nothing_is_noted_where_nobody_asks() -> None:
    assert met({0: [Does(WRITE, 10)], 1: [Does(READ, 20)]}, pairs=False) == set()


def test_nobody_meets_himself_nor_another_object() -> None:
    assert met({0: [Does(WRITE, 10), Does(READ, 11)], 1: [Does(READ, 20, object=8)]}) == set()


def test_the_last_writer_counts_alone() -> None:
    threads = {0: [Does(WRITE, 10), Does(WRITE, 11)], 1: [Does(READ, 20)]}
    assert met(threads) == {(11, 20, False)}


def test_an_update_that_is_lost_writes_over_what_its_thread_has_not_seen() -> None:
    update = {0: [Does(READ, 10), Does(WRITE, 11)], 1: [Does(READ, 20), Does(WRITE, 21)]}
    assert met(update) == {(11, 20, False)}
    stopped = RawDeviation(0, 11, 1, Act.STEP, 1)
    assert met(update, stopped) == {(21, 11, True)}


def test_one_step_that_reads_and_writes_loses_nothing() -> None:
    assert met({0: [Does(RMW, 10)], 1: [Does(RMW, 20)]}) == {(10, 20, False)}


def test_who_adds_a_key_has_lost_none_of_another_and_who_goes_through_all_sees_the_last() -> None:
    reshape = 13  # RF_RESHAPE
    threads: dict[int, list[Does]] = {thread: [Does(reshape, 10 + thread)] for thread in (0, 1)}  # type: ignore[arg-type]
    assert met(threads) == set()
    assert met({**threads, 2: [Does(READ, 20)]}) == {(11, 20, False)}


def test_places_of_one_object_are_apart_and_the_whole_of_it_is_all_of_them() -> None:
    writes = [Does(WRITE, 10, offset=3, size=1), Does(WRITE, 11, offset=5, size=1)]
    assert met({0: writes, 1: [Does(READ, 20, offset=5, size=1)]}) == {(11, 20, False)}
    assert met({0: writes, 1: [Does(READ, 20, offset=4, size=1)]}) == set()
    assert met({0: writes, 1: [Does(READ, 20)]}) == {(10, 20, False), (11, 20, False)}
    assert met({0: [*writes, Does(WRITE, 12)], 1: [Does(READ, 20, offset=5, size=1)]}) == {(12, 20, False)}


def test_bytes_that_overlap_meet() -> None:
    wide = {0: [Does(WRITE, 10, offset=0, size=8)], 1: [Does(READ, 20, offset=3, size=2)]}
    assert met(wide) == {(10, 20, False)}
    narrow = {0: [Does(WRITE, 10, offset=3, size=2)], 1: [Does(READ, 20, offset=0, size=8)]}
    assert met(narrow) == {(10, 20, False)}
    beside = {0: [Does(WRITE, 10, offset=0, size=3)], 1: [Does(READ, 20, offset=3, size=2)]}
    assert met(beside) == set()


@pytest.mark.parametrize("strange", [UNKNOWN, ALL, TIME])
def test_what_is_no_memory_meets_nobody(strange: int) -> None:
    assert met({0: [Does(WRITE, 10, object=strange)], 1: [Does(READ, 20, object=strange)]}) == set()


def test_what_no_other_thread_notices_meets_nobody() -> None:
    assert met({0: [Does(WRITE, 10, flags=Flag.LOCAL)], 1: [Does(READ, 20, flags=Flag.LOCAL)]}) == set()


def test_a_lock_is_met_by_what_was_announced() -> None:
    locked = {0: [Does(EventKind.ACQUIRE, 10), Does(EventKind.RELEASE, 11)], 1: [Does(EventKind.ACQUIRE, 20)]}
    assert met(locked, announced=True) == {(11, 20, False)}
    told = {0: [Does(WRITE, 10)], 1: [Does(READ, 20)]}
    assert met(told, announced=True) == set()  # what is read and written is reported by its bytes


def test_the_step_is_the_place_of_what_has_none() -> None:
    engine = Engine([Stage(Policy.REPLAY, pairs=True)], 1, threads=8, steps=10, frontier=0)
    engine.begin()
    for thread in (0, 1):
        engine.pend(thread, site=30 + thread)
    for thread, kind in ((0, WRITE), (1, READ)):
        assert engine.choose().thread == thread
        engine.touch(thread, kind=kind, object=7)
    engine.end()
    assert noted(engine) == {(30, 31, False)}


def test_an_execution_knows_nothing_of_the_one_before() -> None:
    engine = Engine([Stage(Policy.REPLAY, pairs=True)], 1, threads=8, steps=10, frontier=0)
    for thread, kind, found in ((0, WRITE, set()), (1, READ, set())):
        assert engine.begin()
        engine.pend(thread, site=30 + thread)
        engine.choose()
        engine.touch(thread, kind=kind, object=7)
        engine.end()
        assert noted(engine) == found


def test_what_has_no_room_is_left_out_and_nothing_breaks() -> None:
    many = 20_000
    engine = Engine([Stage(Policy.REPLAY, pairs=True)], 1, threads=8, steps=10, frontier=0)
    engine.begin()
    for thread in (0, 1):
        engine.pend(thread, site=30 + thread)
    for thread, kind in ((0, WRITE), (1, READ)):
        engine.choose()
        for number in range(1, many):
            engine.touch(thread, site=1000 * (thread + 1) * many + number, kind=kind, object=number)
    engine.end()
    pairs = noted(engine)
    assert len(pairs) == 8192 * 3 // 4
    assert all(other - writer == 1000 * many and not over for writer, other, over in pairs)


def test_a_block_without_pairs_is_no_larger_than_it_was() -> None:
    sizes = [Engine([Stage(Policy.REPLAY, pairs=pairs)], 1, threads=8, steps=10, frontier=0).size for pairs in (0, 1)]
    assert sizes[1] - sizes[0] > 500_000
