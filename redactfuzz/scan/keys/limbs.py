"""Low limbs of both primes of a known modulus: what stays in memory after a key was deleted.

Freed memory is overwritten in part, and Montgomery's constants lie in allocations of their own, so single words outlive
the numbers that they belong to. They prove that the key was there. They do not suffice to factor: that takes half
of the bits of a prime (Coppersmith, EUROCRYPT 1996), not 64.
"""

from __future__ import annotations

from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys, Modulus

_SHORT, _LONG = 1 << 12, 1 << 20
"""Pairs that are held at once: at first, and at most (32 MB)."""
_SMALLEST_MAP, _LARGEST_MAP = 16, 27
"""Bits of the address of a bit in the map of words: 8 KB to 16 MB."""
_MOST_PARTS = 6
_RELATIONS = ("lowest 64 bits", "Montgomery constants n0")


@attrs.frozen
class Limbs:
    """Words of both primes whose product is a number that only the modulus has."""

    name: str = "rsa-low-limbs"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each modulus and relation."""
        findings = Findings(self.name, image)
        for modulus in known.moduli:
            for relation, offset in _places(image, modulus):
                what = f"{_RELATIONS[relation]} of both primes of {modulus.name} (RSA-{modulus.bits})"
                findings.add(what, modulus.identity, Severity.LOW, _reason(image.whole.size), offset, 8)
        return findings


def chance(size: int) -> float:
    """How many pairs `size` random bytes hold by chance: of odd words, for two relations, of 2^63 odd products."""
    return (size / 16) ** 2 / 2**63


def _reason(size: int) -> str:
    return (
        "evidence that the private key was in this process: two words that only its primes give. "
        "64 low bits of a prime do not suffice to factor. "
        f"Chance puts such words into fewer than one of {_round(1 / chance(size))} dumps of this size"
    )


def _round(number: float) -> str:
    return f"10^{len(str(int(number))) - 1}"


def _places(image: Image, modulus: Modulus) -> list[tuple[int, int]]:
    """(index of the relation, offset of a word), sorted."""
    low = modulus.n & (1 << 64) - 1
    products = ffi.new("uint64_t[]", [low, lib.rf_limb_inverse(low)])
    found: set[tuple[int, int]] = set()
    with ffi.from_buffer("uint8_t[]", image.data) as data:
        for start in starts(image):
            pairs = _pairs(data + start, image.size - start, products)
            found.update((relation, start + offset) for relation, offset in pairs)
    return sorted(found)


def starts(image: Image) -> range:
    """Where words begin, modulo 8. Only a Windows minidump puts memory at any offset; a core, at page boundaries."""
    return range(min(8, image.size)) if image.data[:4] == b"MDMP" else range(1)


def _pairs(data: Any, size: int, products: Any) -> set[tuple[int, int]]:
    bits = max(_SMALLEST_MAP, min(_LARGEST_MAP, (size // 8).bit_length() + 3))
    words = ffi.new("uint64_t[]", (1 << bits) // 64)
    limb_map = ffi.new("rf_limb_map *", {"bits": words, "size": bits})
    # As many parts as keep the list of those that may have a partner short; the first try nearly always does.
    for part_bits, capacity in [(0, _SHORT), *((bits, _LONG) for bits in range(0, _MOST_PARTS + 1, 2))]:
        limb_map.part_bits = part_bits
        pairs = ffi.new("rf_limb_pair[]", capacity)
        found: set[tuple[int, int]] = set()
        for part in range(1 << part_bits):
            limb_map.part = part
            ffi.memmove(words, bytes(ffi.sizeof(words)), ffi.sizeof(words))
            lib.rf_limbs_mark(limb_map, data, size)
            count = lib.rf_limbs_pairs(limb_map, data, size, products, len(products), pairs, capacity)
            if count > capacity and part_bits < _MOST_PARTS:
                break
            lib.rf_limbs_confirm(limb_map, data, size, pairs, min(count, capacity))
            confirmed = (pairs[index] for index in range(min(count, capacity)) if pairs[index].found)
            found.update((pair.product, pair.offset) for pair in confirmed)
        else:
            return found
    return found
