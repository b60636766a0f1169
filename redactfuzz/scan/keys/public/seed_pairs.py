"""Seeds of Ed25519 with the public key right behind, as NaCl, libsodium and Go keep a private key: found unasked."""

from __future__ import annotations

from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.elf_core import ElfCore
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.machine import aligned
from redactfuzz.scan.keys.public.curves import THIRD
from redactfuzz.scan.keys.public.dense import Stretches, dense
from redactfuzz.scan.keys.public.sums import limbs_of, prepared

_CURVE = "Curve25519"
_HALF = 32
WHAT, WHY = "Ed25519 private key, seed and public key", "the public key behind it follows from it"
PAIR = 2 * _HALF
"""Bytes of a seed and its public key."""
_CAPACITY, _HEAD = 1024, 64
_MOST, _UNASKED = 1 << 26, 1 << 21
"""Sums of points in a window of an image, where the key of a curve was given, and not: a quarter of a minute, or half a
second."""
_STEP = 8
_SMALL = 64 << 20
"""Bytes of a core in which nobody has to ask for them."""
_ISLAND = 1 << 10
"""Bytes of a stretch where nobody asks: a dozen keys side by side, as Go has them."""
_TOO_MANY = "not all bytes that look random were tried as a seed of Ed25519 before its public key: they are too many"


@attrs.frozen
class SeedPairs:
    """The 64 bytes that ``crypto_sign_keypair`` gives (RFC 8032 section 5.1.5): no false reports.

    In stretches that look random and are short: what is long is compressed, or a table. Where no key of a curve was
    given, in cores of up to 64 MB, and no longer than a second takes: nobody asked for it, so what is left out is no
    gap.
    """

    name: str = "ed25519-pair"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        asked = any(point.asked for point in known.points)
        whole = image.whole
        if not asked and (whole.size > _SMALL or not ElfCore().recognises(whole.data[:_HEAD], whole.size)):
            return findings  # a library is all code
        budget = ffi.new("uint64_t *", _MOST if asked else _UNASKED)
        for stretches in dense(image, PAIR, drawn=PAIR):
            islands = stretches.islands() if asked else stretches.islands(_ISLAND)
            for offset in pairs(image, islands, aligned(image, _STEP), budget):
                add_pair(image, offset, findings)
            if not budget[0]:
                if asked:
                    findings.gap(_TOO_MANY, next(iter(stretches))[0])
                break
        return findings


def add_pair(image: Image, offset: int, findings: Findings) -> None:
    """A key whose seed is at an offset, with its public key behind it."""
    public = bytes(image.data[offset + _HALF : offset + PAIR])
    findings.add(WHAT, identity(public), Severity.TOTAL, WHY, offset, _HALF)


def pairs(image: Image, stretches: Stretches, step: int, budget: Any) -> list[int]:
    """Where seeds are in some stretches, at multiples of ``step``. The budget, sums of points, is used up by and by."""
    core = prepared(_CURVE)
    third = ffi.new("uint64_t[]", limbs_of(THIRD, core.limbs))
    hits, cursor = ffi.new("rf_prime_hit[]", _CAPACITY), ffi.new("rf_cursor *")
    found: list[int] = []
    while cursor.stretch < stretches.count and budget[0]:
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            count = lib.rf_find_pairs(
                *(core, third, data, stretches.places, stretches.count, step),
                *(cursor, budget, hits, _CAPACITY),
            )
        found += [int(hits[at].offset) for at in range(count)]
    return found
