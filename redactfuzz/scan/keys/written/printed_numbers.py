"""Private keys that were printed with all their numbers: by ``openssl pkey -text``, by Go's ``%+v``, BIND, .NET, bn.js.

Names alone tell where to look. Which numbers are those of a key they prove themselves: a prime divides its modulus, the
private exponent undoes the public one, a point is a multiple of the base point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import rsa_numbers
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.effort import affords
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import CHECKED, Described
from redactfuzz.scan.keys.written.among_words import Tries
from redactfuzz.scan.keys.written.long_numbers import Number, long_numbers
from redactfuzz.scan.keys.written.printed_curves import on_curves, structures

_NAMES = Literals(
    *(b"odulus", b"rime1", b"Primes", b"priv:", b"private-key", b"Private-key"),
    *(b"{PublicKey:{", b"PrivateKey(", b"RsaKey(", b"EccKey(", b"BigUint", b"<BN: "),
    *(b'"data":[', b'"words":[', b'"mag":['),
    *(b"INTEGER     ", b"HEX DUMP]:"),
    wide=False,
)
"""Of numbers of a key, or of what holds them, in one program or another."""
_AHEAD, _BEHIND = 1 << 12, 1 << 14
"""Characters before and behind a name in which the numbers are: of 8,192 bits in most notations."""
_LEAST, _MOST = 512, 16384
"""Bits of a modulus."""
_NEAR, _BESIDE = 8, 2
"""How many numbers further a prime of it stands at most, and the private exponent where no prime is there."""
_SMALLER, _SHORTER = 64, 72
"""Bits by which a prime is shorter than its modulus at least, and a private exponent at most."""
_EXPONENTS = (65537, 3, 17)
_XML = b"<Modulus>"
"""In what another detector reads."""


@attrs.frozen
class PrintedNumbers:
    """Numbers near a name that are those of one key; and two notations that have a private number alone."""

    name: str = "numbers"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings, tries = Findings(self.name, image), Tries()
        for low, high in _stretches(image):
            text = bytes(image.data[low:high])
            numbers = long_numbers(text)
            for alike in numbers.values():
                for key, start, end in (*_rsa(alike, text), *on_curves(alike, text, tries)):
                    findings.add(key.what, key.identity, key.severity, key.reason, low + start, end - start)
            for key, start, end in structures(text):
                findings.add(key.what, key.identity, key.severity, key.reason, low + start, end - start)
        if tries.exhausted:
            findings.gap("not all numbers near the name of a private one were tried: they are too many", 0)
        return findings


def _stretches(image: Image) -> Iterator[tuple[int, int]]:
    """Where the names are, with what is around them; each byte once."""
    low = high = -1
    for offset, _, _ in _NAMES.places(image):
        start, end = max(0, offset - _AHEAD), min(image.size, offset + _BEHIND)
        if start > high:
            if high >= 0:
                yield low, high
            low = start
        high = end
    if high >= 0:
        yield low, high


def _rsa(numbers: Sequence[Number], text: bytes) -> Iterator[tuple[Described, int, int]]:
    """Each modulus with a prime of it near, or with its private exponent."""
    for at, one in enumerate(numbers):
        n = one.value
        if not (n & 1 and _LEAST <= n.bit_length() <= _MOST) or text.endswith(_XML, 0, one.start):
            continue
        near = [*numbers[max(0, at - _NEAR) : at], *numbers[at + 1 : at + 1 + _NEAR]]
        beside = [*numbers[max(0, at - _BESIDE) : at], *numbers[at + 1 : at + 1 + _BESIDE]]
        other = next((each for each in near if _divides(each.value, n)), None) or next(
            (each for each in beside if _undoes(each.value, n)), None
        )
        if other is not None:
            what = f"RSA-{n.bit_length()} private key (its numbers)"
            start, end = min(one.start, other.start), max(one.end, other.end)
            yield Described(what, identity(n), Severity.TOTAL, CHECKED), start, end


def _divides(p: int, n: int) -> bool:
    size = p.bit_length()
    sized = n.bit_length() // 4 <= size <= n.bit_length() - _SMALLER
    return bool(sized and p & 1 and affords(size * n.bit_length()) and n % p == 0)


def _undoes(d: int, n: int) -> bool:
    sized = 0 <= n.bit_length() - d.bit_length() <= _SHORTER and d & 1 and d < n
    return bool(sized and any(rsa_numbers.proved(n, e, d) for e in _EXPONENTS))
