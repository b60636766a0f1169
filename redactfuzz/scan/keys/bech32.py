"""Secret keys in Bech32 (BIP 173): of age, and of Nostr (NIP-19)."""

from __future__ import annotations

import re

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals

_DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_PREFIXES = Literals(b"AGE-SECRET-", b"nsec1")
_KINDS = (
    (re.compile(rb"(AGE-SECRET-KEY-)1([A-Z0-9]{58})"), "age secret key"),
    (re.compile(rb"(nsec)1([a-z0-9]{58})"), "Nostr secret key"),
)


@attrs.frozen
class Bech32Keys:
    """Texts whose checksum is right, whatever byte follows. One in 10^9 is by chance."""

    name: str = "bech32"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, index, width in _PREFIXES.places(image):
            pattern, what = _KINDS[index]
            match = pattern.match(text_at(image.data, offset, width, 80))
            if match and is_valid(match[1].decode().lower(), match[2].decode().lower()):
                length = width * len(match[0])
                findings.add(what, identity(match[0]), Severity.TOTAL, "its checksum is right", offset, length)
        return findings


def is_valid(prefix: str, data: str) -> bool:
    """Whether the checksum of lower-case Bech32 is right (BIP 173, "Checksum")."""
    values = [_DIGITS.find(letter) for letter in data]
    if min(values) < 0:
        return False
    return _remainder([ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + values) == 1


def encode(prefix: str, secret: bytes) -> str:
    """Lower-case Bech32 of bytes."""
    bits = len(secret) * 8
    number = int.from_bytes(secret, "big") << -bits % 5
    values = [number >> shift & 31 for shift in range((bits + 4) // 5 * 5 - 5, -1, -5)]
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = _remainder(expanded + values + [0] * 6) ^ 1
    values += [check >> 5 * (5 - index) & 31 for index in range(6)]
    return f"{prefix}1{''.join(_DIGITS[value] for value in values)}"


def _remainder(values: list[int]) -> int:
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for index, generator in enumerate(_GENERATOR):
            remainder ^= generator if top >> index & 1 else 0
    return remainder
