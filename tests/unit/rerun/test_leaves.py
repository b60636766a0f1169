"""Which executions of a certificate are drawn, and in which other orders their steps are done."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from functools import cache
from random import Random
from typing import Any

import pytest
from core_model import EventKind

from redactfuzz.check import Rejected
from redactfuzz.check.order import Path, conflict
from redactfuzz.check.reading import Step
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.rerun.leaves import Leaf, Sample, sampled
from redactfuzz.rerun.orders import linearised
from redactfuzz.schedule.engine import Act, Engine
from redactfuzz.schedule.record import record_of

HEADER = b'{"rfproof": 1, "sources": {"a.py": "00"}, "executions": "one after the other"}\n'
TRAILER = b'{"sha256": "", "executions": 9, "sources": {"b.py": "11"}, "packages": {"c/d.py": "22"}}\n'


@cache
def tree(threads: int) -> bytes:
    """Of threads that each look at an object of their own, then change one that all have."""
    engine = Engine((Stage(Policy.DPOR, proof=True),), 0, threads=8, steps=100)
    text = b""
    while engine.begin():
        for thread in range(threads):
            engine.pend(thread, site=1, kind=EventKind.READ, object=10 + thread)
        done = Counter[int]()
        while (choice := engine.choose()).action is not Act.NOTHING:
            done[choice.thread] += 1
            if done[choice.thread] == 1:
                engine.pend(choice.thread, site=2, kind=EventKind.WRITE, object=1)
        engine.end()
        text += record_of(engine)
    return text


def drawn(count: int, seed: int, threads: int = 3) -> Sample:
    return sampled(io.BytesIO(gzip.compress(HEADER + tree(threads) + TRAILER)), count, Random(seed))


def test_all_are_drawn_where_there_are_not_so_many_each_with_its_steps_from_the_root() -> None:
    found = drawn(100, 0)
    assert [leaf.number for leaf in found.leaves] == [1, 2, 3, 4, 5, 6]
    assert found.executions == 6
    assert {len(leaf.steps) for leaf in found.leaves} == {6}
    orders = {tuple(step.by for step in leaf.steps if step.touched[0].object == 1) for leaf in found.leaves}
    assert len(orders) == 6
    assert dict(found.leaves[0].threads) == {0: 0, 1: 1, 2: 2}


def test_the_same_seed_draws_the_same_and_each_is_as_likely_as_any_other() -> None:
    assert drawn(2, 7) == drawn(2, 7)
    counted = Counter(leaf.number for seed in range(300) for leaf in drawn(2, seed).leaves)
    assert sum(counted.values()) == 600
    assert set(counted) == set(range(1, 7))
    assert min(counted.values()) > 70  # 100 each; five times the deviation below is less


def test_the_line_of_a_leaf_is_that_of_its_last_step() -> None:
    lines = (HEADER + tree(3)).splitlines()
    assert [number for number, line in enumerate(lines, 1) if b'"leaf"' in line] == [
        leaf.line for leaf in drawn(100, 0).leaves
    ]


def test_what_the_trailer_adds_is_a_fact_of_the_header_and_nothing_else_is_taken_from_it() -> None:
    facts = drawn(1, 0).facts
    assert facts["sources"] == {"a.py": "00", "b.py": "11"}
    assert facts["packages"] == {"c/d.py": "22"}
    assert facts["executions"] == "one after the other"


def test_where_all_that_is_drawn_was_left_as_a_repetition_another_one_is_reordered() -> None:
    lines = tree(2).replace(b'"leaf":"end"', b'"leaf":"asleep"').splitlines(keepends=True)
    ends = [number for number, line in enumerate(lines) if b'"leaf"' in line]
    lines[ends[0]] = lines[ends[0]].replace(b'"leaf":"asleep"', b'"leaf":"end"')
    for seed in range(6):
        found = sampled(io.BytesIO(gzip.compress(HEADER + b"".join(lines))), 1, Random(seed))
        assert [leaf.number for leaf in found.whole] == [1]


@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_file_that_is_cut_off_is_rejected_and_nothing_else(part: float) -> None:
    packed = gzip.compress(HEADER + tree(3))
    with pytest.raises(Rejected, match="cut off"):
        sampled(io.BytesIO(packed[: int(part * len(packed))]), 3, Random(0))


# -- orders


def step_of(by: int, *touched: tuple[int, int], **more: Any) -> dict[str, Any]:
    """``touched``: object and mode."""
    accesses = [[each, 0, 0, mode, 0, 0] for each, mode in touched]
    node = {"told": [[by, by, 1, 0]], "there": 7, "able": 7, "unfair": 0, "asleep": 0}
    return {"by": by, "how": 1, "on": by, "ends": 0, "touched": accesses, **node, **more}


def leaf_of(*steps: dict[str, Any]) -> Leaf:
    root = {"told": [[0, 0, 1, 0], [1, 1, 1, 0], [2, 2, 1, 0]], "there": 7, "able": 7, "unfair": 0, "asleep": 0}
    last = {**steps[-1], "leaf": "end", "outcome": 0}
    lines = [root, *({"step": number, **step} for number, step in enumerate([*steps[:-1], last]))]
    text = HEADER + b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    (leaf,) = sampled(io.BytesIO(gzip.compress(text)), 1, Random(0)).leaves
    return leaf


def orders_of(leaf: Leaf, many: int = 200) -> set[tuple[int, ...]]:
    chance = Random(1)
    return {linearised(leaf, chance) for _ in range(many)}


LOOKS, CHANGES = 0, 1


def test_independent_steps_come_in_any_order_and_those_of_a_thread_in_theirs() -> None:
    leaf = leaf_of(step_of(0, (5, CHANGES)), step_of(0, (6, CHANGES)), step_of(1, (7, CHANGES)))
    assert orders_of(leaf) == {(0, 1, 2), (0, 2, 1), (2, 0, 1)}


def test_dependent_steps_keep_their_order_and_two_that_only_look_need_not() -> None:
    leaf = leaf_of(step_of(0, (5, LOOKS)), step_of(1, (5, LOOKS)), step_of(2, (5, CHANGES)))
    assert orders_of(leaf) == {(0, 1, 2), (1, 0, 2)}


def test_the_order_is_transitive() -> None:
    leaf = leaf_of(step_of(0, (5, CHANGES)), step_of(1, (5, LOOKS), (6, CHANGES)), step_of(2, (6, LOOKS)))
    assert orders_of(leaf) == {(0, 1, 2)}


def test_what_has_touched_everything_keeps_its_place() -> None:
    leaf = leaf_of(step_of(0), step_of(1, (0, CHANGES)), step_of(2), step_of(0, (9, CHANGES)))
    assert orders_of(leaf) == {(0, 1, 2, 3), (0, 1, 3, 2)}


def test_threads_begin_in_the_recorded_order_since_their_numbers_follow_from_it() -> None:
    born = [[0, 0, 1, 0], [3, 3, 1, 0]], [[1, 1, 1, 0], [4, 4, 1, 0]]
    leaf = leaf_of(step_of(0, told=born[0]), step_of(1, told=born[1]), step_of(2))
    found = orders_of(leaf)
    assert len(found) == 3
    assert all(order.index(0) < order.index(1) for order in found)


def test_of_drawn_executions_every_order_is_one_of_the_same_class() -> None:
    """Dependent pairs keep their order: an execution by these leads to the same states."""
    moved = 0
    for leaf in drawn(100, 0).leaves:
        for order in orders_of(leaf, 20):
            assert sorted(order) == list(range(len(leaf.steps)))
            at = {index: place for place, index in enumerate(order)}
            for index, step in enumerate(leaf.steps):
                for later in range(index + 1, len(leaf.steps)):
                    if dependent(step, leaf.steps[later]):
                        assert at[index] < at[later]
            moved += order != tuple(range(len(leaf.steps)))
    assert moved > 30


def dependent(one: Step, other: Step) -> bool:
    return one.by == other.by or any(conflict(a, b) for a in one.touched for b in other.touched)


def test_the_order_of_the_checker_is_what_they_are_drawn_by() -> None:
    path = Path()
    leaf = leaf_of(step_of(0, (5, CHANGES)), step_of(1, (5, CHANGES)))
    for step in leaf.steps:
        path.push(path.event(step.by, step.touched, 0, ()))
    assert path.precedes(0, path.steps[1].clock)
    assert orders_of(leaf) == {(0, 1)}
