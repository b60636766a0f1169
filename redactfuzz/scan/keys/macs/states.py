"""The inner and the outer state of HMAC, which are as good as the key: what libraries keep where that was wiped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.machine import aligned
from redactfuzz.scan.keys.macs.gathered import Gathered
from redactfuzz.scan.keys.macs.hashes import Hash
from redactfuzz.scan.keys.macs.key_bytes import STEP, grain
from redactfuzz.scan.keys.macs.pair import MacPair
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
        search = _Search(image, Gathered(known.macs, findings, _REASON))
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


@attrs.frozen
class _Search:
    """For the states of all pairs."""

    image: Image
    gathered: Gathered

    def look(self, pairs: Sequence[MacPair], stretches: Stretches, step: int, budget: Any) -> None:
        """Adds those of some pairs at multiples of ``step`` in the stretches."""
        for pair in pairs if stretches.count else ():
            for order in ORDERS if self.gathered.looks_for(pair) else ():
                for inner, outer in _both(self.image, stretches, pair, order, step, budget):
                    self._add(pair.hash, order, inner, outer)

    def _add(self, hash_: Hash, order: int, inner: int, outer: int) -> None:
        states = [bytes(self.image.data[at : at + hash_.state]) for at in (inner, outer)]

        def gives(pair: MacPair) -> bool:
            return pair.hash == hash_ and pair.of_states(order, *states)

        self.gathered.add("HMAC states", ORDERS[order], gives, (inner, outer), hash_.state)


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
