"""The private exponent d, and phi(n), of known moduli: limbs, bytes and digits."""

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
from redactfuzz.scan.keys.public.dense import Stretches, dense
from redactfuzz.scan.keys.public.parts import part_of
from redactfuzz.scan.keys.public.primes import Form

_CAPACITY = 1024
_LARGEST_E = 1 << 24
"""Larger ones leave too few bits by which d is told from other numbers. Hardly any key has one."""
_COMMON = (720_720, 2 * 3 * 5, 17, 19)
"""Factors of what p - 1 and q - 1 may have in common: 1 to 16 first. All of them leave out one key of a hundred."""
_MOST_COMMON = 1 << 49
"""Times e: of 2^64 places so many, four times, lie near enough to be looked at one by one."""
FORMS = (
    Form(lib.RF_LITTLE_ENDIAN, "little-endian limbs", 4),
    Form(lib.RF_BIG_ENDIAN, "big-endian bytes"),
    Form(lib.RF_DIGITS_30, "CPython's 30-bit digits", 4),
)
_REASON = "with the public key, the primes follow from it: that was computed"


@attrs.frozen
class Exponents:
    """Windows as long as the modulus that give its factors: no false reports. Only for keys that the user gave."""

    name: str = "rsa-exponent"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each modulus, number and form."""
        findings = Findings(self.name, image)
        moduli = [modulus for modulus in known.asked if modulus.e < _LARGEST_E]
        if not moduli:
            return findings
        for stretches in dense(image, min(modulus.bits for modulus in moduli) // 8):
            for modulus in moduli:
                for form in FORMS:
                    for offset, part, size in _found(image, stretches, modulus, form):
                        what = f"{part} of {modulus.name} (RSA-{modulus.bits}), {form.name}"
                        findings.add(what, modulus.identity, Severity.TOTAL, _REASON, offset, size)
        return findings


def _found(image: Image, stretches: Stretches, modulus: Modulus, form: Form) -> Iterator[tuple[int, str, int]]:
    size = 4 * -(-modulus.bits // 30) if form.number == lib.RF_DIGITS_30 else -(-modulus.bits // 8)
    if form.number == lib.RF_LITTLE_ENDIAN:
        size = -(-size // 8) * 8
    ratio = _ratio(modulus, form, size)
    offsets, cursor = ffi.new("uint64_t[]", _CAPACITY), ffi.new("rf_cursor *")
    places, step = (stretches.places, stretches.count), aligned(image, form.step)
    while cursor.stretch < stretches.count:
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            count = lib.rf_find_near(ratio, data, *places, step, cursor, offsets, _CAPACITY)
        for offset in [int(offset) for offset in offsets[0:count]]:
            part = part_of(modulus, number_of(image.data[offset : offset + size], form))
            if part is not None:
                yield offset, part, size


def _ratio(modulus: Modulus, form: Form, size: int) -> Any:
    width = 30 * size // 4 if form.number == lib.RF_DIGITS_30 else 8 * size
    times = modulus.e
    for factor in _COMMON:
        times *= factor if factor == _COMMON[0] or times * factor <= _MOST_COMMON else 1
    scaled = (times << width + 64) // modulus.n
    # The bits below the highest 64, and those that phi(n) has less than n, put it off by so much.
    near = (times << width - modulus.bits + 2) + 4
    return ffi.new(
        "rf_ratio *",
        {
            "whole": scaled >> 64 & (1 << 64) - 1,
            "fraction": scaled & (1 << 64) - 1,
            "near": min(near, (1 << 63) - 1),
            "form": form.number,
            "bytes": size,
        },
    )


def number_of(data: bytes, form: Form) -> int:
    """What bytes in a form are."""
    if form.number == lib.RF_DIGITS_30:
        digits = (int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4))
        return sum(digit << 30 * index for index, digit in enumerate(digits))
    return int.from_bytes(data, "big" if form.number == lib.RF_BIG_ENDIAN else "little")
