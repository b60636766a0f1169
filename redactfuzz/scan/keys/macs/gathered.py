"""What all searches for HMAC keys have in common: which pairs a find belongs to, and that it is told once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.macs.pair import MacPair, hashes, lines


@attrs.frozen
class Gathered:
    """The findings of a search for the keys of some pairs."""

    pairs: Sequence[MacPair]
    findings: Findings
    reason: str
    _others: set[MacPair] = attrs.field(factory=set)
    _met: set[int] = attrs.field(factory=set)

    def looks_for(self, pair: MacPair) -> bool:
        """Whether it is to be searched for by itself: not another pair of a key that was found."""
        return pair not in self._others

    def add(self, what: str, how: str, gives: Callable[[MacPair], bool], offsets: Sequence[int], size: int) -> None:
        """What lies there, where it gives the MAC of any: somebody may have written to the file meanwhile.

        Of what begins at one place the first counts. ``what`` it is, and ``how`` it lies.
        """
        its = [pair for pair in self.pairs if gives(pair)]
        if not its:
            return
        self._others.update(its[1:])
        told = f"{what} of {lines(its)} ({hashes(its)}), {how}"
        for offset in offsets:
            if offset not in self._met:
                self._met.add(offset)
                self.findings.add(told, its[0].identity, Severity.TOTAL, self.reason, offset, size)
