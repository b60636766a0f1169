"""The inner and the outer state of HMAC, which are as good as the key: what libraries keep where that was wiped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, aligned
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.macs.key_bytes import STEP, grain
from redactfuzz.scan.keys.macs.pair import MacPair, lines
from redactfuzz.scan.keys.public.dense import BLOCK, Stretches, dense, joined

ORDERS = {lib.RF_STATE_WORDS: "words of a little-endian machine", lib.RF_STATE_BYTES: "big-endian bytes"}
_REACH = 1 << 12
"""Bytes between the beginnings of both, where no count of one block is behind them."""
_COUNTED = 4096
"""States that have such a count behind them, in a window of an image."""
_CAPACITY = 256
_MOST = 1 << 25
"""Compressions in a window of an image, for all pairs: some ten seconds."""
_ISLAND = 1 << 10
"""Bytes of the stretches that are looked at first, so that what is compressed does not use up what is allowed."""
_REASON = "the MAC follows from both"
_TOO_MANY = "not all bytes that look random were tried as the states of a MAC: they are too many"


@attrs.frozen
class HmacStates:
    """Two windows of bytes that look random from which a known MAC follows (RFC 2104 section 4): no false reports.

    They lie side by side; or within 4 KB with the same 8 bytes before or behind both, as two parts of one structure; or
    anywhere with the same count of one block behind them, as in OpenSSL, which allocates each by itself.
    """

    name: str = "hmac-state"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key and order, with the places of all its states."""
        findings = Findings(self.name, image)
        if not known.macs:
            return findings
        step, budget = aligned(image, STEP), ffi.new("uint64_t *", _MOST)
        search = _Search(image, known.macs, findings)
        for shortest in sorted({_shortest(pair) for pair in known.macs}):
            pairs = [pair for pair in known.macs if _shortest(pair) == shortest]
            parts = list(dense(image, shortest, grain(shortest, step)))
            for stretches in (joined(one.islands(_ISLAND) for one in parts), joined(parts)):
                search.look(pairs, stretches, step, budget)
                if stretches.count and not budget[0]:
                    findings.gap(_TOO_MANY, int(stretches.places[0].offset))
        return findings


def _shortest(pair: MacPair) -> int:
    return min(pair.hash.state, 2 * BLOCK)


class _Search:
    """For the states of all pairs. Another pair of a key that was found is not looked for by itself."""

    def __init__(self, image: Image, pairs: tuple[MacPair, ...], findings: Findings) -> None:
        self._image = image
        self._pairs = pairs
        self._findings = findings
        self._found: set[MacPair] = set()
        self._met: set[int] = set()

    def look(self, pairs: Sequence[MacPair], stretches: Stretches, step: int, budget: Any) -> None:
        """Adds those of some pairs at multiples of ``step`` in the stretches."""
        for pair in pairs if stretches.count else ():
            if pair in self._found:
                continue
            for order in ORDERS:
                for inner, outer in _both(self._image, stretches, pair, order, step, budget):
                    self._add(pair, order, inner, outer)

    def _add(self, pair: MacPair, order: int, inner: int, outer: int) -> None:
        size = pair.hash.state
        states = [bytes(self._image.data[at : at + size]) for at in (inner, outer)]
        its = [each for each in self._pairs if each.hash == pair.hash and each.of_states(order, *states)]
        if not its:  # somebody has written to the file
            return
        self._found.update(its[1:])
        what = f"HMAC states of {lines(its)} ({pair.hash.name}), {ORDERS[order]}"
        for offset in (inner, outer):
            if offset not in self._met:
                self._met.add(offset)
                self._findings.add(what, its[0].identity, Severity.TOTAL, _REASON, offset, size)


def _both(
    image: Image, stretches: Stretches, pair: MacPair, order: int, step: int, budget: Any
) -> Iterator[tuple[int, int]]:
    room = _REACH // step + 1
    windows, counted = ffi.new("rf_mac_window[]", room), ffi.new("rf_mac_window[]", _COUNTED)
    near = ffi.new("rf_mac_near *", {"windows": windows, "room": room, "reach": _REACH})
    near.counted, near.counted_room = counted, _COUNTED
    pairs, cursor = ffi.new("rf_mac_pair[]", _CAPACITY), ffi.new("rf_cursor *")
    places = (stretches.places, stretches.count)
    while cursor.stretch < stretches.count and budget[0]:
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            count = lib.rf_find_mac_states(
                *(pair.core, order, data, image.size, *places, step, near, cursor, budget, pairs, _CAPACITY)
            )
        yield from [(int(pairs[at].inner), int(pairs[at].outer)) for at in range(count)]
