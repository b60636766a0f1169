"""Whether what looks like a digest is a map whose equations can be solved: several changes at once add up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from redactfuzz.campaign.compare.places import Dumps, names
from redactfuzz.model.canary.variant import Variant
from redactfuzz.model.recording import RecordedSecret, Recording
from redactfuzz.scan.compare.changes import spread
from redactfuzz.scan.compare.dependence import FEW_BITS, Dependence, Relation, sample
from redactfuzz.scan.compare.linear import Change, Together, is_promising, solved, subsets
from redactfuzz.scan.compare.readings import READINGS, Reading, Texts

_FIRST = 6
"""Positions that are asked for first: of a digest no place adds up, and that is the end of it."""
_MOST, _FEWER = 512, 64
"""Changes at most. Of a longer secret so many stand for all; and so many do where it is known that it leaks."""

Run = Callable[[Mapping[str, Variant]], Recording | None]
Changes = Mapping[Reading, Change]


def eliminated(
    run: Run, mine: Dumps, secret: RecordedSecret, said: Dependence, noise: Iterable[int], quick: bool
) -> Dependence:
    """``said``, or an encoding where elimination reads off more than half of the secret. ``quick``: of a sample."""
    dependent = {at for one in said.stretches for at in range(one.start, one.end)}
    if said.kind in (Relation.INDEPENDENT, Relation.ENCODING) or 8 * len(dependent) <= FEW_BITS or secret.positions < 2:
        return said
    asked = _Asked(run, mine, secret, Texts(mine.data, dependent), frozenset(noise))
    first = asked.of(sample(secret.positions, _FIRST), 1)
    if not any(is_promising(alone, together) for alone, together in first):
        return said
    draws = 1 if secret.unit == "bits" else math.ceil(secret.bits / secret.positions)
    positions = tuple(spread(secret.positions, (_FEWER if quick else _MOST) // draws))
    answers = (solved(said, alone, together, secret.bits) for alone, together in asked.of(positions, draws))
    return max([said, *answers], key=lambda one: (one.kind is Relation.ENCODING, one.bits))


class _Asked:
    """Runs with other values of one secret, and what they change in each reading of the dumps."""

    def __init__(self, run: Run, mine: Dumps, secret: RecordedSecret, texts: Texts, noise: frozenset[int]) -> None:
        self._run, self._mine, self._name, self._texts = run, mine, secret.name, texts
        again = self._did({}) or {}
        self._noise = {reading: noise | again.get(reading, {}).keys() for reading in READINGS}

    def of(self, positions: Sequence[int], draws: int) -> Iterator[tuple[list[Change], list[Together]]]:
        """By reading: what so many other values of each position do, and several of the first of them together."""
        singles = [Variant(draw, position) for draw in range(draws) for position in positions]
        groups = list(subsets(len(positions)))
        many = [Variant(0, together=tuple(positions[index] for index in sorted(some))) for some in groups]
        alone = [self._did({self._name: variant}) for variant in singles]
        together = [self._did({self._name: variant}) for variant in many]
        for reading in READINGS:
            read = [self._without_noise(changes, reading) for changes in (*alone, *together)]
            kept = [change for change in read if change is not None]
            if len(kept) == len(read):
                at_once = zip(groups, kept[len(singles) :], strict=True)
                yield kept[: len(singles)], [Together(some, did) for some, did in at_once]

    def _without_noise(self, changes: Changes | None, reading: Reading) -> Change | None:
        if changes is None or reading not in changes:
            return None
        return {at: by for at, by in changes[reading].items() if at not in self._noise[reading]}

    def _did(self, values: Mapping[str, Variant]) -> Changes | None:
        other = self._run(values)
        if other is None or names(other) != self._mine.names:
            return None
        return self._texts.changes(self._mine.of(other))
