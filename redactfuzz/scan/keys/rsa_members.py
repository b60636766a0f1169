"""Numbers of an RSA key in DER without what is around them: of a file that was cut, of memory that was given back.

They are recognised by the public exponent between two large INTEGERs, and verified by what they have in common.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

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
_INTEGER = re.compile(rb"(?=\x02(?:\x81([\x80-\xff])|\x82([\x01-\xff].)))", re.DOTALL)
"""Where the header of a large one is, and its length."""
_SMALLEST = 0x80
"""Bytes of a modulus: a shorter one has a header of two bytes, which is met by chance too often."""
_PRIVATE, _HEADER = 6, 5
"""Private numbers of a key, and bytes of the header of one at most, with a zero in front of the number."""
_EXPONENT = 32
"""Bytes of a public exponent at most (FIPS 186-5, A.1.1: below 2^256)."""
_HEADERS, _GUESSED = 40, 12
"""Bytes before the modulus at most; of d with its header, that give nothing away."""


@attrs.frozen
class Members:
    """Numbers of an RSA key around its public exponent, and how many bytes the key takes before and from it on, at
    most."""

    n: int
    e: int
    private: tuple[int, ...]
    """What d may be: as its length says, and of the sizes that follow from n, since a length may be damaged."""
    primes: tuple[int, ...]
    before: int
    behind: int

    def described(self) -> Described | None:
        """The key, where its numbers agree."""
        for d in self.private:
            if modulus := rsa_numbers.proved(self.n, self.e, d, *self.primes):
                what = f"RSA-{modulus.bit_length()} private key (damaged)"
                return Described(what, identity(modulus), Severity.TOTAL, _REASON)
        return None


def members(ahead: bytes, behind: bytes) -> Members | None:
    """What is read around an exponent that begins between these; None where d is cut, or neither n nor p is there."""
    found = der.readable(behind, 4)
    numbers = list(itertools.takewhile(lambda one: one.tag == der.INTEGER and one.content, found))
    if not numbers:
        return None
    e, *private = der.numbers(numbers)
    n, before = _modulus(ahead)
    here = len(numbers[0].content) + 2  # where d begins, with its header
    sized = list(_sized(behind[here:], n))
    d, primes = private[:1], private[1:]
    if not (d or sized) or not (n or primes):
        return None
    return Members(n, e, (*d, *sized), tuple(primes), before, here + _rest(n, private))


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
        _, behind = der.extent(data, begin.end())
        if behind + _GUESSED >= len(data):
            return True
        start, end = der.extent(data, behind)
    except der.NotDer:
        return False
    # What stands there where lines are missing within the modulus is no exponent, and may look like a long value.
    is_exponent = data[behind] == der.INTEGER and end - start <= _EXPONENT
    return is_exponent and end + _GUESSED >= len(data)


def _rest(n: int, private: Sequence[int]) -> int:
    """Bytes from the header of d up to the end of the key, at most: where one number is damaged the others are there.

    Two primes are as long as n, and so are their exponents; the coefficient is shorter than it.
    """
    d, *primes = (*private, 0)
    sizes = (n.bit_length(), d.bit_length(), 2 * max(primes, default=0).bit_length())
    whole = (max(sizes) + 7) // 8
    return 4 * whole + _PRIVATE * _HEADER


def _modulus(ahead: bytes) -> tuple[int, int]:
    """The INTEGER that ends where `ahead` does, and its size with its header; 0 where there is none."""
    for header in _INTEGER.finditer(ahead):
        start = header.end(1 if header[1] else 2)
        if int.from_bytes(header[1] or header[2], "big") == len(ahead) - start >= _SMALLEST:
            return int.from_bytes(ahead[start:], "big"), len(ahead) - header.start()
    return 0, 0


def _sized(data: bytes, n: int) -> Iterator[int]:
    """What d is at the beginning of `data`, behind its header, if it is about as long as the modulus `n`."""
    start = 4 if data[1:2] == b"\x82" else 3
    size = (n.bit_length() + 7) // 8
    for length in range(size + 1, size - _SHORTER, -1) if size >= _SMALLEST else ():
        if start + length <= len(data):
            yield int.from_bytes(data[start : start + length], "big")
