"""Prime factors of known moduli, whole, in every form in which programs hold them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys, Modulus
from redactfuzz.scan.keys.machine import aligned, coarsely
from redactfuzz.scan.keys.public.dense import Stretches, dense

_CAPACITY = 1024
_MOST_UNASKED = 1 << 32
"""Bytes that look random times the moduli that nobody asked for: what takes half a minute."""
_TOO_MANY = "not all that look random were divided by for each public key in the dump: give those that matter"
_REASON = "the modulus is divisible by it: every private number follows from one prime factor"


@attrs.frozen
class Form:
    """How a number lies in memory: the number of ``rf_number_form``, and its alignment in bytes where there is any."""

    number: int
    name: str
    step: int = 1


COMMON = (
    Form(lib.RF_LITTLE_ENDIAN, "little-endian limbs", 4),
    Form(lib.RF_BIG_ENDIAN, "big-endian bytes"),
    Form(lib.RF_HIGH_WORDS_32, "32-bit words, highest first", 4),
)
"""In these, and in digits, primes of unusual size are looked for as well."""
DIGITS = (
    Form(lib.RF_DIGITS_26, "26-bit digits", 4),
    Form(lib.RF_DIGITS_28, "28-bit digits", 4),
    Form(lib.RF_DIGITS_30, "CPython's 30-bit digits", 4),
    Form(lib.RF_DIGITS_51, "51-bit digits", 4),
    Form(lib.RF_DIGITS_52, "52-bit digits", 4),
    Form(lib.RF_DIGITS_60, "60-bit digits", 4),
)
FORMS = (
    *COMMON,
    Form(lib.RF_HIGH_WORDS_64, "64-bit words, highest first", 4),
    Form(lib.RF_SWAPPED_WORDS_32, "big-endian 32-bit words, lowest first", 4),
    Form(lib.RF_SWAPPED_WORDS_64, "big-endian 64-bit words, lowest first", 4),
    *DIGITS,
)
UNASKED = (COMMON[0], COMMON[1], DIGITS[2])
"""In these those of public keys that lie in the dump itself."""


@attrs.frozen
class Sizes:
    """Bits of a modulus, of the factor that is looked for, and of what the modulus is divided by it, at most."""

    bits: int
    prime: int
    other: int

    asked: bool

    @property
    def forms(self) -> tuple[Form, ...]:
        """In which they are looked for."""
        if not self.asked:
            return UNASKED
        return FORMS if self.prime == self.other else (*COMMON, *DIGITS)


def sizes_of(modulus: Modulus) -> tuple[Sizes, ...]:
    """Halves, as nearly all libraries make them. Of a key that was asked for also those of python-rsa, and thirds.

    python-rsa makes one prime a sixteenth larger and the other smaller (``rsa.key.find_p_q``); keys of three primes are
    those of RFC 8017 section 3.
    """
    bits, half = modulus.bits, modulus.prime_bits
    equal = Sizes(bits, half, half, modulus.asked)
    if not modulus.asked:
        return (equal,)
    less, third = bits // 2 - bits // 2 // 16, -(-bits // 3)
    others = ((less, bits - less), (bits - less, less), (third, bits - third + 1))
    return (equal, *(Sizes(bits, prime, other, True) for prime, other in others))


@attrs.frozen
class Primes:
    """Windows that divide a known modulus: there are no false reports."""

    name: str = "rsa-prime"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each modulus and form."""
        findings = Findings(self.name, image)
        if not known.moduli:
            return findings
        groups = [_Group(sizes, moduli) for sizes, moduli in _by_size(known.moduli).items()]
        unasked = sum(not modulus.asked for modulus in known.moduli)
        work = 0
        for stretches in dense(image, min(group.sizes.prime for group in groups) // 8):
            islands = stretches.islands() if unasked else stretches
            work += unasked * islands.size
            if work > _MOST_UNASKED:
                findings.gap(_TOO_MANY, next(iter(stretches))[0])
                groups, unasked = [group for group in groups if group.sizes.asked], 0
            for form in FORMS:
                self._found(findings, image, (stretches, islands), form, groups)
        return findings

    def _found(
        self,
        findings: Findings,
        image: Image,
        stretches: tuple[Stretches, Stretches],
        form: Form,
        groups: Sequence[_Group],
    ) -> None:
        # A factor of a size that fits two groups is met in both.
        places = {
            (at, one): group.length(form)
            for group in groups
            if form in group.sizes.forms
            for at, one in group.factors(image, stretches[not group.sizes.asked], form)
        }
        for (offset, modulus), length in sorted(places.items(), key=lambda place: place[0][0]):
            what = f"prime factor of {modulus.name} (RSA-{modulus.bits}), {form.name}"
            findings.add(what, modulus.identity, Severity.TOTAL, _REASON, offset, length)


def _by_size(moduli: Sequence[Modulus]) -> dict[Sizes, list[Modulus]]:
    groups: dict[Sizes, list[Modulus]] = {}
    for modulus in moduli:
        for sizes in sizes_of(modulus):
            groups.setdefault(sizes, []).append(modulus)
    return groups


class _Group:
    """Moduli whose factors have the same size: they are looked for together."""

    def __init__(self, sizes: Sizes, moduli: Sequence[Modulus]) -> None:
        self.sizes = sizes
        self._moduli = moduli
        count = -(-sizes.bits // 64) + 2
        self._limbs = [_limbs(modulus.n, count) for modulus in moduli]
        self._core = ffi.new("rf_modulus[]", [self._described(limbs) for limbs in self._limbs])

    def _described(self, limbs: Any) -> dict[str, Any]:
        sizes = self.sizes
        return {"limbs": limbs, "bits": sizes.bits, "prime_bits": sizes.prime, "other_bits": sizes.other}

    def length(self, form: Form) -> int:
        """Bytes of a factor in this form."""
        return int(lib.rf_prime_bytes(self._core, form.number))

    def factors(self, image: Image, stretches: Stretches, form: Form) -> Iterator[tuple[int, Modulus]]:
        """The offset of each, as many at a time as there is room for."""
        hits, cursor = ffi.new("rf_prime_hit[]", _CAPACITY), ffi.new("rf_cursor *")
        step = aligned(image, form.step) if self.sizes.asked else coarsely(image)
        places = (stretches.places, stretches.count)
        while cursor.stretch < stretches.count:
            with ffi.from_buffer("uint8_t[]", image.data) as data:
                found = lib.rf_find_primes(
                    self._core, len(self._moduli), form.number, data, *places, step, cursor, hits, _CAPACITY
                )
            yield from [(int(hits[at].offset), self._moduli[hits[at].index]) for at in range(found)]


def _limbs(number: int, count: int) -> Any:
    return ffi.new("uint64_t[]", [number >> 64 * index & (1 << 64) - 1 for index in range(count)])
