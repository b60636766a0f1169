"""Whether an execution is what the record of it says: the first thing in which it differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from redactfuzz.check.order import ANYTHING, LAST, members
from redactfuzz.check.reading import ARMED, EXPIRE, FIRE, STEP, Access, Node, Step, Told
from redactfuzz.model.outcome import Outcome
from redactfuzz.rerun.executed import Executed
from redactfuzz.rerun.leaves import Leaf

_HOW = {STEP: "as it was announced", EXPIRE: "because its wait ended", FIRE: "as a crash"}
_MODES = ("looks at", "changes", "takes")
_KINDS = {"": "it goes on", "end": "nobody can go on", "asleep": "others are awake", "over": "its last step ends it"}
LEAK, BUG = 1, 2
_CAME_OUT = ("nothing came out", "a secret came out", "it met a bug")


@attrs.define
class Objects:
    """Which objects of a record are which of an execution now: a runtime may number them as it meets them.

    What it has numbered before anything ran is the same in all executions of a process, and so in all that are asked
    about here.
    """

    _pairs: dict[int, int] = attrs.field(factory=dict)
    _back: dict[int, int] = attrs.field(factory=dict)

    def pair(self, recorded: int, seen: int) -> bool:
        """Whether the two can be one; from now on they are."""
        return self._pairs.setdefault(recorded, seen) == seen and self._back.setdefault(seen, recorded) == recorded


@attrs.define
class _Named:
    """The same in one execution. ``straight``: in the recorded order, in which the same is met at the same step."""

    before: Objects
    recorded: int
    seen: int
    straight: bool
    since: Objects = attrs.field(factory=Objects)

    def agree(self, one: int, two: int) -> bool:
        """Whether object ``one`` of the record can be ``two``."""
        if self.recorded >= LAST or not (ANYTHING < one <= LAST and ANYTHING < two <= LAST):
            return one == two
        if one <= self.recorded or two <= self.seen:
            return one <= self.recorded and two <= self.seen and self.before.pair(one, two)
        return one - self.recorded == two - self.seen if self.straight else self.since.pair(one, two)

    def tell(self, one: Told, two: Told) -> bool:
        """The same of what was announced. A crash announces whom it strikes, by number."""
        if one.access is None or two.access is None or one.state == ARMED:
            return one == two
        same = two.access._replace(object=one.access.object)
        return one == two._replace(access=same) and self.agree(one.access.object, two.access.object)


def differs(leaf: Leaf, order: Sequence[int], seen: Executed, objects: Objects) -> str:
    """In what the steps of an execution differ from the record of its leaf; empty: in nothing.

    ``order``: of the leaf's steps. Where it is the recorded one, all that stands in a node is compared; else what every
    step has touched, and how things stand at the end.
    """
    straight = list(order) == list(range(len(leaf.steps)))
    named = _Named(objects, leaf.root.named, seen.root.named, straight)
    recorded, threads = leaf.threads, _threads(seen)
    if straight and (what := _node(leaf.root, seen.root, named)):
        return f"before its first step {what}"
    for number, index in enumerate(order, 1):
        step, place = leaf.steps[index], f"step {number}" if straight else f"step {number} (recorded as {index + 1})"
        if number > len(seen.steps):
            return f"{place}: the execution ends before it"
        other = seen.steps[number - 1]
        what = _step(step, other, recorded, threads, named)
        known = not seen.left or number < len(seen.steps)
        if not what and straight and known:
            what = _node(step.node, other.node, named)
        if what:
            return f"{place}: {what}"
    if len(seen.steps) > len(order) or seen.left:
        return f"behind step {len(order)} it goes on"
    last, now = leaf.steps[-1].node, seen.steps[-1].node
    if last.leaf != now.leaf:
        return f"at its end: {_KINDS[last.leaf]} by the certificate, now {_KINDS[now.leaf]}"
    there = [{recorded[each] for each in members(last.there)}, {threads[each] for each in members(now.there)}]
    return "" if there[0] == there[1] else "at its end others are there than by the certificate"


def exposes(leaf: Leaf, seen: Executed) -> str:
    """What has come out of an execution, if that is something else than the record says; empty: it is not."""
    if seen.outcome is None:
        return "nobody knows how it ended"
    recorded, now = leaf.steps[-1].node.outcome, _outcome(seen.outcome)
    if now == recorded:
        return ""
    return f"{_CAME_OUT[min(recorded, BUG)]} by the certificate, now {_exposed(seen.outcome)}"


def _step(step: Step, other: Step, recorded: Mapping[int, int], threads: Mapping[int, int], named: _Named) -> str:
    was = recorded.get(step.by), step.how, recorded.get(step.on)
    now = threads.get(other.by), other.how, threads.get(other.on)
    if was != now:
        return f"thread {was[0]} did it {_HOW[step.how]}, now thread {now[0]} {_HOW[other.how]}"
    same = len(step.touched) == len(other.touched)
    for one, two in zip(step.touched, other.touched, strict=same):
        if not named.agree(one.object, two.object) or one[1:] != two[1:]:
            return f"by the certificate it {_access(one)}, now it {_access(two)}"
    if same:
        return ""
    rest = [*step.touched[len(other.touched) :], *other.touched[len(step.touched) :]]
    more = len(other.touched) > len(step.touched)
    return f"it {_access(rest[0])}, {'of which the certificate says nothing' if more else 'by the certificate alone'}"


def _node(node: Node, other: Node, named: _Named) -> str:
    other = other._replace(named=other.named - named.seen + named.recorded)
    same = len(node.told) == len(other.told) and all(map(named.tell, node.told, other.told))
    if not same:
        return "others have announced something, or something else"
    for name in ("there", "able", "unfair", "named"):
        if getattr(node, name) != getattr(other, name):
            return f"{name} is {getattr(node, name)} by the certificate, now {getattr(other, name)}"
    if node.leaf != other.leaf:
        return f"{_KINDS[node.leaf]} by the certificate, now {_KINDS[other.leaf]}"
    return ""


def _access(access: Access) -> str:
    part = f" ({access.size} bytes from {access.offset})" if access.size else ""
    return f"{_MODES[access.mode]} object {access.object}{part}"


def _threads(seen: Executed) -> Mapping[int, int]:
    told = [*seen.root.told, *(each for step in seen.steps for each in step.node.told)]
    return {each.process: each.thread for each in told}


def _outcome(seen: Outcome) -> int:
    return LEAK if seen.leaks else BUG if seen.bug is not None else 0


def _exposed(seen: Outcome) -> str:
    """With what it was: names of canaries are no secrets, a bug's own words may quote one."""
    if seen.leaks:
        return f"a secret came out: {', '.join(dict.fromkeys(repr(leak.canary) for leak in seen.leaks))}"
    return f"it met a bug ({seen.bug.kind})" if seen.bug is not None else _CAME_OUT[0]
