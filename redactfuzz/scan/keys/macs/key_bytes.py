"""Keys of HMAC as bytes, in memory that looks random."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.machine import aligned
from redactfuzz.scan.keys.macs.gathered import Gathered
from redactfuzz.scan.keys.macs.pair import MacPair
from redactfuzz.scan.keys.public.dense import BLOCK, Stretches, dense, joined

SIZES = ((16, 20, 24, 28), (32, 40, 48), (64, 128))
"""Bytes of keys, of which those are put together that are looked for in the same stretches.

They are those of digests (RFC 7518 section 3.2 asks for as many, TLS 1.2 has them), of ciphers, and of blocks, as .NET
and clouds have them. Of other lengths a key is found as text, or with a pad.
"""
REASON = "the MAC was made with it"
STEP = 4
_CAPACITY = 64
_MOST = 1 << 25
"""Compressions in a window of an image, for all pairs: some ten seconds."""
_ALONE, _FINER = 128, 1 << 22
"""Bytes of a stretch in which a key lies by itself, and compressions at each offset of such stretches: beyond what is
promised, as of private scalars."""
_TOO_MANY = "not all bytes that look random were tried as the key of a MAC: they are too many"


def grain(shortest: int, step: int) -> int:
    """At multiples of what 16 bytes must look random, so that a number of so many bytes at multiples of ``step`` holds
    such whole; of 16 and less than 32 bytes at any offset one of them may be of something else."""
    return min(BLOCK, max(step, 1 << (shortest - BLOCK + 1).bit_length() - 1, 2))


@attrs.frozen
class HmacKeys:
    """Windows of bytes that look random with which a known MAC is made: no false reports."""

    name: str = "hmac-key"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        if not known.macs:
            return findings
        step, search = aligned(image, STEP), _Search(image, Gathered(known.macs, findings, REASON))
        budget, spare = ffi.new("uint64_t *", _MOST), ffi.new("uint64_t *", _FINER)
        parts = {sizes: list(dense(image, sizes[0], grain(sizes[0], step))) for sizes in SIZES}
        for islands in (True, False):
            for sizes, its in parts.items():
                stretches = joined(one.islands() if islands else one.longer() for one in its)
                search.look(stretches, sizes, step, budget)
                if stretches.count and not budget[0]:
                    findings.gap(_TOO_MANY, int(stretches.places[0].offset))
        for sizes, its in parts.items() if step > 1 else ():
            search.look(joined(one.islands(_ALONE) for one in its), sizes, 1, spare)
        return findings


@attrs.frozen
class _Search:
    """For the keys of all pairs."""

    image: Image
    gathered: Gathered

    def look(self, stretches: Stretches, sizes: Sequence[int], step: int, budget: Any) -> None:
        """Adds the keys of these sizes at multiples of ``step`` in the stretches.

        The shortest one counts: zeros behind a key change nothing (RFC 2104 section 2).
        """
        for pair in self.gathered.pairs if stretches.count else ():
            for size in sizes if self.gathered.looks_for(pair) else ():
                for offset in _windows(self.image, stretches, pair, size, step, budget):
                    key = bytes(self.image.data[offset : offset + size])
                    gives = partial(MacPair.of_key, key=key)
                    self.gathered.add("HMAC key", f"{size} bytes", gives, (offset,), size)


def _windows(image: Image, stretches: Stretches, pair: MacPair, size: int, step: int, budget: Any) -> Iterator[int]:
    offsets, cursor = ffi.new("uint64_t[]", _CAPACITY), ffi.new("rf_cursor *")
    places = (stretches.places, stretches.count)
    while cursor.stretch < stretches.count and budget[0]:
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            count = lib.rf_find_mac_keys(pair.core, size, data, *places, step, cursor, budget, offsets, _CAPACITY)
        yield from map(int, offsets[0:count])
