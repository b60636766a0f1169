"""Prime factors of known moduli, whole, in every form in which programs hold them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys, Modulus

_CAPACITY = 4096
_REASON = "the modulus is divisible by it: every private number follows from one prime factor"


@attrs.frozen
class Form:
    """How a number lies in memory: the number of ``rf_number_form``, and the alignment in bytes that is looked at."""

    number: int
    name: str
    step: int = 1


FORMS = (
    Form(lib.RF_LITTLE_ENDIAN, "little-endian limbs", 4),
    Form(lib.RF_BIG_ENDIAN, "big-endian bytes"),
    Form(lib.RF_HIGH_WORDS_32, "32-bit words, highest first", 4),
    Form(lib.RF_HIGH_WORDS_64, "64-bit words, highest first", 4),
    Form(lib.RF_SWAPPED_WORDS_32, "big-endian 32-bit words, lowest first", 4),
    Form(lib.RF_SWAPPED_WORDS_64, "big-endian 64-bit words, lowest first", 4),
    Form(lib.RF_DIGITS_30, "CPython's 30-bit digits", 4),
)


@attrs.frozen
class Primes:
    """Windows that divide a known modulus: no false reports. Unbalanced and third primes are not looked for."""

    name: str = "rsa-prime"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each modulus and form."""
        findings = Findings(self.name, image)
        for modulus in known.moduli:
            limbs, core = _modulus(modulus)
            for form in FORMS:
                length = int(lib.rf_prime_bytes(core, form.number))
                for offset in _offsets(image, core, form):
                    what = f"prime factor of {modulus.name} (RSA-{modulus.bits}), {form.name}"
                    findings.add(what, modulus.identity, Severity.TOTAL, _REASON, offset, length)
            del limbs
        return findings


def _modulus(modulus: Modulus) -> tuple[Any, Any]:
    """(the limbs, which must be kept; what the core reads)."""
    size = 2 * -(-modulus.prime_bits // 64)
    limbs = ffi.new("uint64_t[]", [modulus.n >> 64 * index & (1 << 64) - 1 for index in range(size)])
    return limbs, ffi.new("rf_modulus *", {"limbs": limbs, "prime_bits": modulus.prime_bits})


def _offsets(image: Image, core: Any, form: Form) -> Iterator[int]:
    """As many at a time as there is room for."""
    offsets, step = ffi.new("uint64_t[]", _CAPACITY), _step(image, form)
    start, count = 0, _CAPACITY
    while count == _CAPACITY:
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            rest = image.size - start
            count = lib.rf_find_primes(core, form.number, data + start, rest, step, offsets, _CAPACITY)
        found = [start + offset for offset in offsets[0:count]]
        yield from found
        start = found[-1] + step if found else image.size


def _step(image: Image, form: Form) -> int:
    """Only a Windows minidump puts memory at any offset; a core, at page boundaries."""
    return 1 if image.whole.data[:4] == b"MDMP" else form.step
