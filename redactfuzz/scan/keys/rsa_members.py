"""Numbers of an RSA key in DER without what is around them: of a file that was cut, of memory that was given back.

They are recognised by the public exponent between two large INTEGERs, and verified by what they have in common.
"""

from __future__ import annotations

import itertools
import re

import attrs

from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import der, rsa_numbers
from redactfuzz.scan.keys.detector import identity
from redactfuzz.scan.keys.private_key import Described

EXPONENTS = tuple(
    bytes.fromhex(exponent + header)
    for exponent in ("0203010001", "020103", "020111", "02020101")
    for header in ("0282", "0281")
)
"""65537, 3, 17 or 257, and behind it the beginning of d, of 128 bytes and more."""
AHEAD, BEHIND = 1 << 12, 1 << 13
"""Bytes before the exponent, and from it on, that are of one key at most: one of 16,384 bits has half of that."""
_REASON = "its frame is cut or damaged; among what is there are private numbers that agree"
_SHORTER = 33
"""Bytes that d is shorter than n, at most: lcm(p-1, q-1) is below n by what p-1 and q-1 have in common."""
_BEGIN = re.compile(rb"\x30\x82..\x02\x01\x00(?=\x02\x82)|\x30\x81.\x02\x01\x00(?=\x02[\x40-\x82])", re.DOTALL)
_HEADERS, _GUESSED = 40, 12
"""Bytes before the modulus at most; of d with its header, that give nothing away."""


@attrs.frozen
class Members:
    """Numbers of an RSA key around its public exponent, and how many bytes they take before and from it on."""

    n: int
    e: int
    d: int
    primes: tuple[int, ...]
    before: int
    behind: int

    def described(self) -> Described | None:
        """The key, where its numbers agree."""
        modulus = rsa_numbers.proved(self.n, self.e, self.d, *self.primes)
        if not modulus:
            return None
        return Described(
            f"RSA-{modulus.bit_length()} private key (damaged)", identity(modulus), Severity.TOTAL, _REASON
        )


def members(ahead: bytes, behind: bytes) -> Members | None:
    """What is read around an exponent that begins between these; None where d is cut, or neither n nor p is there."""
    found = der.readable(behind, 4)
    numbers = list(itertools.takewhile(lambda one: one.tag == der.INTEGER and one.content, found))
    if len(numbers) < 2:
        return None
    e, d, *primes = der.numbers(numbers)
    n, before = _modulus(ahead, len(numbers[1].content))
    if not n and not primes:
        return None
    return Members(n, e, d, tuple(primes), before, sum(len(one.content) + 4 for one in numbers))


def within(data: bytes) -> Described | None:
    """The key of which there are numbers in what is left of its DER."""
    for exponent in EXPONENTS:
        at = data.find(exponent)
        found = members(data[max(0, at - AHEAD) : at], data[at : at + BEHIND]) if at >= 0 else None
        if found and (key := found.described()):
            return key
    return None


def only_public(data: bytes) -> bool:
    """Whether DER that is cut ends before the private numbers of an RSA key (RFC 8017 appendix A.1.2)."""
    begin = _BEGIN.search(data[:_HEADERS])
    if begin is None:
        return False
    try:
        _, end = der.extent(data, begin.end())
        if end + _GUESSED >= len(data):
            return True
        _, end = der.extent(data, end)
    except der.NotDer:
        return False
    return end + _GUESSED >= len(data)


def _modulus(ahead: bytes, size: int) -> tuple[int, int]:
    """The INTEGER that ends where `ahead` does and has about `size` bytes, and its size; 0 where there is none."""
    for length in range(max(0x80, size - 1), size + _SHORTER):
        header = b"\2\x81" + length.to_bytes(1, "big") if length < 0x100 else b"\2\x82" + length.to_bytes(2, "big")
        start = len(ahead) - length - len(header)
        if start >= 0 and ahead.startswith(header, start):
            return int.from_bytes(ahead[-length:], "big"), length + len(header)
    return 0, 0
