"""SURW where events announce no objects, as in Python: what steps touched in the first execution is what it goes by."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from core_model import EventKind

from redactfuzz._core._engine import lib
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.engine import Act, Engine

READ, WRITE = int(EventKind.READ), int(EventKind.WRITE)
TOLD = int(lib.RF_OBJECT_TOLD)

Touch = tuple[int, int, int, int]
"""(kind, object, offset, size)"""
Step = tuple[Touch, ...]
"""What it touches."""
SHARED: Step = ((WRITE, 7, 8, 1),)
APART: Step = ()


def ran(engine: Engine, threads: Sequence[Sequence[Step]]) -> tuple[tuple[tuple[int, int], ...], bool]:
    """One execution: ((thread, number of its step), ...), and whether it was asked what steps touch."""
    engine.begin()
    asked = lib.rf_get_status(engine._core).pairs != 0
    at = [0] * len(threads)
    order: list[tuple[int, int]] = []

    def announce(thread: int) -> None:
        if at[thread] < len(threads[thread]):
            engine.pend(thread, site=1_000 * (thread + 1) + at[thread], kind=READ, object=TOLD if asked else 0)

    for thread in range(len(threads)):
        announce(thread)
    while (choice := engine.choose()).action is Act.STEP:
        thread = choice.thread
        order.append((thread, at[thread]))
        for kind, object, offset, size in threads[thread][at[thread]] if asked else ():
            engine.touch(thread, kind=kind, object=object, offset=offset, size=size)
        at[thread] += 1
        announce(thread)
    engine.end()
    return tuple(order), asked


def sampled(threads: Sequence[Sequence[Step]], times: int, *, asks: bool = True) -> list[tuple[tuple[int, int], ...]]:
    """What was done in every second execution: those go by what was touched."""
    engine = Engine([Stage(Policy.SURW, asks=asks)], 1, threads=8, steps=10_000)
    runs = [ran(engine, threads) for _ in range(2 * times + 1)]
    assert [asked for _, asked in runs] == [asks] + [False] * (2 * times)
    return [order for order, _ in runs[1::2]]


def uneven(orders: Sequence[Sequence[tuple[int, int]]], wanted: set[tuple[int, int]]) -> float:
    """Chi-square over the interleavings of three wanted steps of either thread: 19 degrees of freedom."""
    seen = Counter(tuple(thread for thread, step in order if (thread, step) in wanted) for order in orders)
    classes = [tuple(int(i in ones) for i in range(6)) for ones in itertools.combinations(range(6), 3)]
    expected = len(orders) / len(classes)
    assert sum(seen[each] for each in classes) == len(orders)
    return sum((seen[each] - expected) ** 2 / expected for each in classes)


WANTED = {(0, 30), (0, 31), (0, 32), (1, 0), (1, 1), (1, 2)}
LIMIT = 43.8  # p = 0.001


def test_the_interleavings_of_a_place_that_threads_touch_are_sampled_uniformly_though_no_event_names_it() -> None:
    threads = ([APART] * 30 + [SHARED] * 3, [SHARED] * 3)
    assert uneven(sampled(threads, 1_000), WANTED) < LIMIT
    assert uneven(sampled(threads, 1_000, asks=False), WANTED) > 400


def test_who_touches_the_whole_of_an_object_meets_those_that_touch_a_place_of_it() -> None:
    whole: Step = ((WRITE, 7, 0, 0),)
    threads = ([APART] * 30 + [whole] * 3, [SHARED] * 3)
    assert uneven(sampled(threads, 1_000), WANTED) < LIMIT


def test_what_is_unknown_what_nobody_changes_and_what_one_thread_has_is_no_place_to_meet() -> None:
    beside: Step = ((EventKind.OPAQUE, 0, 0, 0), (READ, 9, 8, 1), (WRITE, int(lib.RF_OBJECT_TIME), 0, 0))
    threads = ([(*beside, (WRITE, 5, 8, 1))] * 30 + [(*SHARED, *beside)] * 3, [(*SHARED, *beside)] * 3)
    assert uneven(sampled(threads, 1_000), WANTED) < LIMIT


def test_of_more_places_and_sites_than_there_is_room_for_the_rest_is_left_out() -> None:
    many = [(WRITE, 1 + number, 8, 1) for number in range(3_300)]
    threads = ([tuple(many[at::50]) for at in range(50)] + [APART] * 1_600, [tuple(many)])
    orders = sampled(threads, 20)
    assert {len(order) for order in orders} == {1_651}
    assert len(set(orders)) > 5
