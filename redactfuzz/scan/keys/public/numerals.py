"""Private numbers of known RSA keys as text: hexadecimal, with colons or without, decimal, base64 and base64url."""

from __future__ import annotations

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, Memo
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.public.parts import CRT_EXPONENT, crt_exponent, part_of
from redactfuzz.scan.keys.public.written_numbers import numbers

_POWERS = 256
_SHORTER = 32
"""Bits by which a CRT exponent may be shorter than its prime: it is drawn evenly below it, as far as anybody knows."""
_REASON = "with the public key, the primes follow from it: that was computed"
_TOO_MANY = "not all numbers as long as a prime were tried as a CRT exponent: they are too many"


@attrs.frozen
class Numerals:
    """Numbers in text that give the factors of a modulus: no false reports. Only for keys that the user gave."""

    name: str = "rsa-text"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each modulus, number and notation."""
        findings = Findings(self.name, image)
        moduli, powers = known.asked, Memo(lambda index, number: crt_exponent(moduli[index], number))
        if not moduli:
            return findings
        tries, sizes = 0, [modulus.bits for modulus in moduli]
        for written in numbers(image.data, min(sizes) // 3 - 8, max(sizes)):
            number, offset = written.number, written.offset
            for index, modulus in enumerate(moduli):
                part = part_of(modulus, number)
                if part is None and modulus.prime_bits - _SHORTER <= number.bit_length() <= modulus.prime_bits:
                    tries += 1
                    if tries > _POWERS:
                        findings.gap(_TOO_MANY, offset)
                    elif powers(index, number):
                        part = CRT_EXPONENT
                if part is not None:
                    what = f"{part} of {modulus.name} (RSA-{modulus.bits}), {written.notation}"
                    findings.add(what, modulus.identity, Severity.TOTAL, _REASON, offset, written.length)
        return findings
