"""Leaves of a certificate, and other orders of their steps, executed again one after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from random import Random

import attrs

from redactfuzz.check import Rejected
from redactfuzz.check.reading import FIRE
from redactfuzz.model.plan import Turn
from redactfuzz.rerun.alike import Objects, differs, exposes
from redactfuzz.rerun.executed import Executed, Runner
from redactfuzz.rerun.leaves import Leaf, Sample
from redactfuzz.rerun.orders import linearised

_SECONDS = 60.0
"""For one execution at most; that it hangs is noticed before."""


@attrs.frozen
class Done:
    """What was executed again so far."""

    leaves: int = 0
    orders: int = 0
    moved: int = 0
    """Of these, those that are not the recorded one: all steps of a class may depend on one another."""
    parted: int = 0
    """Of these, those in which some step was another one than the record has, and nothing else came out,"""
    first: str = ""
    """and the first thing that was."""


def again(runner: Runner, sample: Sample, count: int, chance: Random, until: float) -> Iterator[Done]:
    """Executes what was drawn, and ``count`` orders of it: how far it has come, after each.

    It ends before that when ``until`` (of the monotonic clock) is over. Raises Rejected, which names leaf and step.
    """
    objects, done = Objects(), Done()
    for leaf in sample.leaves:
        if time.monotonic() > until:
            return
        order = tuple(range(len(leaf.steps)))
        seen = _executed(runner, leaf, order, until)
        if what := differs(leaf, order, seen, objects) or exposes(leaf, seen):
            raise Rejected(leaf.line, f"leaf {leaf.number:,}, executed again, is another one: {what}")
        done = attrs.evolve(done, leaves=done.leaves + 1)
        yield done
    for number in range(count):
        if time.monotonic() > until:
            return
        leaf = sample.whole[number % len(sample.whole)]
        order = linearised(leaf, chance)
        seen = _executed(runner, leaf, order, until)
        parted = differs(leaf, order, seen, objects)
        if what := exposes(leaf, seen):
            where = f", {parted}" if parted else ""
            raise Rejected(
                leaf.line, f"leaf {leaf.number:,}, its steps in another order of the same class: {what}{where}"
            )
        done = attrs.evolve(
            done,
            orders=number + 1,
            moved=done.moved + (order != tuple(range(len(order)))),
            parted=done.parted + bool(parted),
            first=done.first or (f"leaf {leaf.number:,}, {parted}" if parted else ""),
        )
        yield done


def _executed(runner: Runner, leaf: Leaf, order: Sequence[int], until: float) -> Executed:
    threads = leaf.threads
    steps = [leaf.steps[index] for index in order]
    way = [Turn(each.how, threads[each.on], threads[each.by] if each.how == FIRE else 0) for each in steps]
    seen = runner.run(tuple(way), min(_SECONDS, max(until - time.monotonic(), 0.0)))
    if seen is None:
        raise Rejected(leaf.line, f"leaf {leaf.number:,}, executed again: no execution came of it")
    return seen
