"""Steps that are kept by their kinds are those that were put in."""

from __future__ import annotations

import pickle

import attrs
from hypothesis import given
from hypothesis import strategies as st

from redactfuzz.model.schedule import Site, Step, Steps

KINDS = tuple(Step(0, thread, "app.py", 3, "f", "x = 1", Site("app", "f", "#3")) for thread in ("main", "other"))


@given(st.lists(st.integers(0, 1)), st.integers(0, 5), st.slices(12))
def test_steps_are_those_of_a_tuple(order: list[int], first: int, part: slice) -> None:
    steps = Steps(KINDS, tuple(order), first)
    wanted = tuple(attrs.evolve(KINDS[kind], index=first + at) for at, kind in enumerate(order))
    assert tuple(steps) == wanted
    assert (len(steps), bool(steps)) == (len(wanted), bool(wanted))
    assert steps[part] == wanted[part]
    assert all(steps[at] == wanted[at] for at in range(-len(order), len(order)))
    assert pickle.loads(pickle.dumps(steps)) == steps


def test_steps_of_a_loop_take_little_room_in_another_process() -> None:
    assert len(pickle.dumps(Steps(KINDS, (0, 1) * 50_000))) < 300_000
