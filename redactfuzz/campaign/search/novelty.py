"""Which clean executions are kept to be compared under other secrets: those whose dumps are like none before.

A dump that has the shape of others may still hold, in one block, what no other held there: an encoded secret in the
place of as many letters. Blocks that are hardly ever the same (a digest, a number that is drawn) would make every dump
a new one, and are left out; of executions in which only such blocks are new some are drawn. Where a search may come to
its end each of them is kept while there is room, for what was not compared rules out a proof.
"""

from __future__ import annotations

import enum
import random
from collections import deque

import attrs

from redactfuzz.campaign.search.found import Found
from redactfuzz.model.outcome import Inspection, Outcome

_EACH = 40
"""Executions for each one that is kept: three are spent on it."""
_FIRST = 8
"""So many are kept at once, before there are executions enough."""
_DRAWN = 160
"""Of so many executions with something new that are not kept for it, one is drawn."""
_VALUES, _OFTEN = 3, 8
"""A block varies that had more values than these, and another one in each so many executions."""
_PROGRAM = 512
"""Executions of a program that are kept at once, for each reason."""
_MOST = 4_096
"""Values of one block that are known, and executions that are kept."""
_LEAST = 128
"""So many are kept in any case where all that is run may be a proof."""
_CANDIDATES = 1_024
"""That a corpus is offered, of one campaign."""
_SPENT = 3
"""Executions that one which is kept costs: it is described, run again, and run with other secrets."""


class Why(enum.Enum):
    """What an execution was kept for."""

    SHAPE = "its dumps have a shape of their own"
    PLACE = "it came to a place where none was before"
    CONTENT = "a block of its dumps holds what it never held"
    DRAWN = "it was drawn"


@attrs.define(eq=False)
class _Shape:
    """What the dumps of one shape have held, block by block."""

    executions: int = 0
    blocks: list[set[int]] = attrs.field(factory=list)

    def take(self, content: tuple[int, ...]) -> tuple[bool, bool]:
        """Whether a block is new that is usually the same, and whether any is."""
        self.executions += 1
        self.blocks += [set() for _ in range(len(content) - len(self.blocks))]
        steady = other = False
        for block, known in zip(content, self.blocks, strict=False):
            if block not in known:
                other = True
                steady |= len(known) <= max(_VALUES, self.executions // _OFTEN)
                if len(known) < _MOST:
                    known.add(block)
        return steady, other


@attrs.define(eq=False)
class Unlike:
    """Those of one campaign."""

    _shapes: dict[int, _Shape] = attrs.field(factory=dict)
    _kept: dict[Why, deque[Found]] = attrs.field(factory=lambda: {why: deque() for why in Why})
    _turn: deque[Why] = attrs.field(factory=lambda: deque(Why))
    _why: Why = Why.SHAPE
    _count: int = 0
    _met: set[int] = attrs.field(factory=set)
    _missed: set[int] = attrs.field(factory=set)
    """Shapes for which there was no room."""
    candidates: list[Found] = attrs.field(factory=list)
    """Those that were kept first: what they cover may be worth a place in a corpus."""
    _crowded: int = 0
    """Executions of a search that proves something, with anything new in them, for which there was none."""
    _random: random.Random = attrs.field(factory=lambda: random.Random(0))

    def wants_reported(self, outcome: Outcome) -> bool:
        """The same where the runtime reports what is new in a batch: what earlier batches had is known only here."""
        for why, blocks in ((Why.CONTENT, outcome.inspection.new), (Why.DRAWN, outcome.inspection.new_on_stacks)):
            new = set(blocks) - self._met
            self._met |= new
            if new and len(self._kept[why]) < _PROGRAM:
                self._why = why
                return True
        return False

    def wants(self, outcome: Outcome, executions: int, spare: int | None = None) -> bool:
        """Whether to keep it. As many are kept as a tenth of the executions can be spent on; or, in a search that
        proves something where it comes to its end, as the ``spare`` ones allow, which it is not going to need.
        """
        most = _FIRST + executions // _EACH if not spare else min(max(spare // _SPENT, _LEAST), _MOST)
        room = self._count < most
        why = self._new(outcome.inspection, room=room)
        if outcome.new_place and room and why in (None, Why.DRAWN):
            why = Why.PLACE
        if why is Why.DRAWN and not (spare and room) and self._random.random() * _DRAWN >= 1:
            self._crowded += spare is not None
            return False
        if why is None:
            return False
        self._why = why
        self._count += why is not Why.DRAWN or bool(spare)
        return True

    def _new(self, inspection: Inspection, *, room: bool) -> Why | None:
        """What is new in its dumps; ``DRAWN`` where that is so often, or there is no room for it."""
        shape = self._shapes.get(inspection.shape)
        if shape is None:
            if not room and len(self._missed) < _MOST:
                self._missed.add(inspection.shape)
            if room:
                shape = self._shapes[inspection.shape] = _Shape()
                shape.take(inspection.content)
            return Why.SHAPE if room else Why.DRAWN
        steady, other = shape.take(inspection.content)
        return Why.CONTENT if steady and room else Why.DRAWN if other else None

    @property
    def left(self) -> int:
        """How many were like none before, and are not compared."""
        kept = sum(len(self._kept[why]) for why in (Why.SHAPE, Why.CONTENT))
        return kept + len(self._missed - self._shapes.keys())

    @property
    def unproved(self) -> int:
        """How many that a proof is about had anything in their dumps that none before had, and are not compared."""
        return sum(len(kept) for kept in self._kept.values()) + self._crowded

    def keep(self, found: Found, why: Why | None = None) -> None:
        """One that was wanted just now, or another to be compared."""
        self._kept[why or self._why].append(found)
        if len(self.candidates) < _CANDIDATES:
            self.candidates.append(found)

    def pop(self) -> tuple[Why, Found] | None:
        """The next one; of each reason in turn."""
        for _ in Why:
            why = self._turn[0]
            self._turn.rotate(-1)
            if self._kept[why]:
                return why, self._kept[why].popleft()
        return None
