"""What a proof goes through once more: each way in which something else than who has its turn may be otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

import attrs

from redactfuzz.campaign.search import subsets
from redactfuzz.model.plan import Isolation, Stage

if TYPE_CHECKING:
    from redactfuzz.campaign.search.exploration import Exploration


def processes(exploration: Exploration) -> Sequence[bool]:
    """Whether each execution is the first of a process, where others follow one another: what counts for a proof.

    Both after a warm-up. Where an execution leaves something for the next and nobody asked for that, later ones start
    from a state of no meaning: those that are the first count.
    """
    session = exploration.session
    if session.isolation is Isolation.WARM:
        return (False, True)
    return (session.both,)


def ways(space: Stage, exploration: Exploration) -> Iterator[Stage]:
    """Every space that has to be gone through for what is to be proved of ``space``, of the usual machine.

    Nothing where an execution looks at a clock, or goes through other sets of text, so often that nobody goes through
    all subsets.
    """
    kinds = processes(exploration)
    looks = {cold: exploration.looks[cold] for cold in kinds}
    if not all(subsets.are_few(bits) for bits in (exploration.sets, *map(subsets.first, looks.values()))):
        return
    several = declared_several(exploration)
    for cold in kinds:
        stalled, turned = (None, *subsets.of_looks(looks[cold])), (None, *subsets.of(exploration.sets))
        for stalls, turns, double in product(stalled, turned, {False, several}):
            way = attrs.evolve(space, cold=cold, double=double)
            way = way if stalls is None else attrs.evolve(way, stalls=True, stalls_at=stalls)
            yield way if turns is None else attrs.evolve(way, turned=True, turned_at=turns)


def declared_several(exploration: Exploration) -> bool:
    """Whether the scenario itself says that it may crash twice."""
    return not exploration.session.target.record.terms.crashes_once and len(exploration.crashes) > 1
