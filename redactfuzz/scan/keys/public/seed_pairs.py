"""Seeds of Ed25519 with the public key right behind, as NaCl, libsodium and Go keep a private key: found unasked."""

from __future__ import annotations

from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, aligned, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.public.curves import THIRD
from redactfuzz.scan.keys.public.dense import Stretches, dense
from redactfuzz.scan.keys.public.scalars import limbs_of, prepared

_CURVE = "Curve25519"
_HALF = 32
_CAPACITY = 1024
_MOST = 1 << 18
"""Multiplications in a window of an image: three seconds."""
_STEP = 8
_SMALL = 64 << 20
"""Bytes of an image in which nobody has to ask for them."""
_MEMORY = (b"\x7fELF", b"MDMP")
_ISLAND = 256
"""Bytes of a stretch: code and what is compressed look random for longer."""
_TOO_MANY = "not all bytes that look random were tried as a seed of Ed25519 before its public key: they are too many"


@attrs.frozen
class SeedPairs:
    """The 64 bytes that ``crypto_sign_keypair`` gives (RFC 8032 section 5.1.5): no false reports.

    In stretches that look random and are short: what is long is compressed, or a table. In images of memory of up to
    64 MB, and in everything where a public key was given.
    """

    name: str = "ed25519-pair"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        if not _is_worth_it(image, known):
            return findings
        budget = ffi.new("uint64_t *", _MOST)
        for stretches in dense(image, 2 * _HALF):
            islands = stretches.islands(_ISLAND)
            for offset in _pairs(image, islands, budget):
                public = bytes(image.data[offset + _HALF : offset + 2 * _HALF])
                reason = "the public key behind it follows from it"
                what = "Ed25519 private key, seed and public key"
                findings.add(what, identity(public), Severity.TOTAL, reason, offset, _HALF)
            if not budget[0]:
                findings.gap(_TOO_MANY, next(iter(stretches))[0])
                break
        return findings


def _is_worth_it(image: Image, known: KnownKeys) -> bool:
    """Where somebody asks for keys, and in small images of memory: of much code it takes as long as all the rest."""
    asked = any(modulus.asked for modulus in known.moduli) or any(point.asked for point in known.points)
    return asked or (image.whole.size <= _SMALL and image.whole.data[:4] in _MEMORY)


def _pairs(image: Image, stretches: Stretches, budget: Any) -> list[int]:
    core = prepared(_CURVE).core
    third = ffi.new("uint64_t[]", limbs_of(THIRD, core.limbs))
    hits, cursor = ffi.new("rf_prime_hit[]", _CAPACITY), ffi.new("rf_cursor *")
    found: list[int] = []
    while cursor.stretch < stretches.count and budget[0]:
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            count = lib.rf_find_pairs(
                *(core, third, data, stretches.places, stretches.count, aligned(image, _STEP)),
                *(cursor, budget, hits, _CAPACITY),
            )
        found += [int(hits[at].offset) for at in range(count)]
    return found
