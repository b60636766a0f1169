"""Private numbers of known RSA keys as text: hexadecimal, with colons or without, decimal, base64 and base64url."""

from __future__ import annotations

import binascii
import re
import string
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import candidates
from redactfuzz.scan.keys.detector import Findings, Memo
from redactfuzz.scan.keys.known import KnownKeys, Modulus
from redactfuzz.scan.keys.public.parts import crt_exponent, part_of

_HEX = string.hexdigits.encode()
_BASE64 = (string.ascii_letters + string.digits + "+/-_").encode()
_COLONS = re.compile(rb"(?:[0-9A-Fa-f]{2}:\s*){15,}[0-9A-Fa-f]{2}")
_SPACED = _HEX + b": \t\r\n"
_LONGEST = 1 << 16
"""Characters in a row of an alphabet in which numbers are looked for."""
_POWERS = 256
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
        tries = 0
        for notation, offset, length, number in _numbers(image, moduli) if moduli else ():
            for index, modulus in enumerate(moduli):
                part = part_of(modulus, number)
                if part is None and modulus.prime_bits - 8 <= number.bit_length() <= modulus.prime_bits:
                    tries += 1
                    if tries > _POWERS:
                        findings.gap(_TOO_MANY, offset)
                    elif powers(index, number):
                        part = "CRT exponent"
                if part is not None:
                    what = f"{part} of {modulus.name} (RSA-{modulus.bits}), {notation}"
                    findings.add(what, modulus.identity, Severity.TOTAL, _REASON, offset, length)
        return findings


def _numbers(image: Image, moduli: tuple[Modulus, ...]) -> Iterator[tuple[str, int, int, int]]:
    """(notation, offset, length, number) of each that may be large enough."""
    least = min(modulus.bits for modulus in moduli) // 3 - 8
    data = image.data
    for offset, length in candidates.runs(data, _HEX, least // 4, _LONGEST):
        text = data[offset : offset + length]
        yield "hexadecimal", offset, length, int(text, 16)
        if text.isdigit() and length <= 4096:
            yield "decimal", offset, length, int(text)
    for offset, length in candidates.runs(data, _BASE64, least // 6, _LONGEST):
        number = _base64(data[offset : offset + length])
        if number is not None:
            yield "base64", offset, length, number
    for offset, length in candidates.runs(data, _SPACED, least // 8 * 3, _LONGEST):
        for match in _COLONS.finditer(data[offset : offset + length]):
            number = int(re.sub(rb"[:\s]", b"", match[0]), 16)
            yield "hexadecimal with colons", offset + match.start(), match.end() - match.start(), number


def _base64(text: bytes) -> int | None:
    """As JWK has it, and XML: the bytes from the highest."""
    plain = text.translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return int.from_bytes(binascii.a2b_base64(plain + b"=" * (-len(plain) % 4)), "big")
    except binascii.Error:
        return None
