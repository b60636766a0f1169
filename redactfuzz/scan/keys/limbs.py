"""Low limbs of both primes of a known modulus: what stays in memory after a key was deleted.

Freed memory is overwritten in part, and Montgomery's constants lie in allocations of their own, so single words outlive
the numbers that they belong to. They prove that the key was there. They do not suffice to factor: that takes half
of the bits of a prime (Coppersmith, EUROCRYPT 1996), not 64.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys, Modulus
from redactfuzz.scan.keys.machine import aligned

_PAIRS = 1 << 19
"""Pairs that are held at once (16 MB)."""
_SMALLEST_MAP, _LARGEST_MAP = 16, 29
"""Bits of the address of a bit in the map of words: two maps of 8 KB to 64 MB."""
_MOST_ROUNDS = 16
_STEP = 4 << 20
"""Bytes that are read at once: they are in memory beside the maps, which are most of what a scan needs."""
_WORD = 8
_RELATIONS = ("lowest 64 bits", "Montgomery constants n0")
_TOO_MANY = "not all words were looked at as those of a prime: too many of them may be one"


@attrs.frozen
class Limbs:
    """Words of both primes whose product is a number that only the modulus has, wherever in an image both are."""

    name: str = "rsa-low-limbs"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each modulus and relation; only for moduli that were asked for."""
        findings = Findings(self.name, image)
        for modulus in known.asked:
            for relation, offset in _places(image, modulus, findings):
                what = f"{_RELATIONS[relation]} of both primes of {modulus.name} (RSA-{modulus.bits})"
                reason = _reason(image.size, aligned(image, _WORD))
                findings.add(what, modulus.identity, Severity.LOW, reason, offset, _WORD)
        return findings


def chance(size: int, step: int = _WORD) -> float:
    """How many pairs `size` random bytes hold by chance: of odd words, for two relations, of 2^63 odd products."""
    return (size / (2 * step)) ** 2 / 2**63


def _reason(size: int, step: int) -> str:
    return (
        "evidence that the private key was in this process: two words that only its primes give. "
        "64 low bits of a prime do not suffice to factor. "
        f"Chance puts such words into fewer than one of {_round(1 / chance(size, step))} dumps of this size"
    )


def _round(number: float) -> str:
    return f"10^{max(0, len(str(int(number))) - 1)}"


def _places(image: Image, modulus: Modulus, findings: Findings) -> list[tuple[int, int]]:
    """(index of the relation, offset of a word), sorted."""
    low = modulus.n & (1 << 64) - 1
    search = _Search(image, ffi.new("uint64_t[]", [low, lib.rf_limb_inverse(low)]))
    pairs, count = search.pairs()
    if count > _PAIRS:
        findings.gap(_TOO_MANY, 0)
        count = _PAIRS
    search.confirm(pairs, count)
    return sorted({(pairs[index].product, pairs[index].offset) for index in range(count) if pairs[index].found})


class _Search:
    """Passes over an image, each of which narrows down which words may have a partner."""

    def __init__(self, image: Image, products: Any) -> None:
        self._image = image
        self._products = products
        self._step = aligned(image, _WORD)
        self._words = sum(end - start for start, end in image.filled) // self._step
        size = max(_SMALLEST_MAP, min(_LARGEST_MAP, self._words.bit_length() + 3))
        self._maps = [_Map(size), _Map(size)]

    def pairs(self) -> tuple[Any, int]:
        """What may be a pair, and how many these are: more than there is room for when they do not become few."""
        for stretch in self._stretches():
            lib.rf_limbs_mark(self._maps[0].core, stretch)
        # A word in two is odd, and has a partner in the map by chance for each of two relations.
        count, before = self._words**2 >> self._maps[0].core.size + 1, 2 * self._words
        for number in range(1, _MOST_ROUNDS):
            if count <= _PAIRS or count >= before:
                break
            before, count = count, 0
            self._maps[1].clear(number)
            for stretch in self._stretches():
                count += lib.rf_limbs_narrow(self._maps[0].core, self._maps[1].core, stretch, self._products, 2)
            self._maps.reverse()
        return self._listed()

    def _listed(self) -> tuple[Any, int]:
        self._maps[1].give_back()
        pairs, count = ffi.new("rf_limb_pair[]", _PAIRS), 0
        for stretch in self._stretches():
            listed = min(count, _PAIRS)
            count += lib.rf_limbs_pairs(self._maps[0].core, stretch, self._products, 2, pairs + listed, _PAIRS - listed)
        return pairs, count

    def confirm(self, pairs: Any, count: int) -> None:
        """Marks the pairs of which both are there."""
        lib.rf_limbs_sort(self._maps[0].core, pairs, count)
        for stretch in self._stretches():
            lib.rf_limbs_confirm(self._maps[0].core, stretch, pairs, count)

    def _stretches(self) -> Iterator[Any]:
        """What is filled, in steps; a word may reach into the next one."""
        image = self._image
        for start, end in image.steps(_STEP):
            first = -(-start // self._step) * self._step
            with ffi.from_buffer("uint8_t[]", image.data) as data:
                size = max(0, min(image.size, end + _WORD - 1) - first)
                yield ffi.new("rf_stretch *", {"data": data + first, "size": size, "first": first, "step": self._step})
            image.release(start, end)


class _Map:
    """Bits in memory of C."""

    def __init__(self, size: int) -> None:
        self.core = ffi.new("rf_limb_map *", {"size": size})
        self.clear(0)

    def give_back(self) -> None:
        """Its memory."""
        self._bits = ffi.NULL

    def clear(self, number: int) -> None:
        """For another round."""
        self.give_back()  # before the next is taken
        self._bits = ffi.new("uint64_t[]", (1 << int(self.core.size)) // 64)
        self.core.bits, self.core.round = self._bits, number
