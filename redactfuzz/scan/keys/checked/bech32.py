"""Secret keys in Bech32 (BIP 173): of age, Nostr (NIP-19), Sui (SIP-15) and Cardano (CIP-5)."""

from __future__ import annotations

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals

_DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK = 6
_SHORT, _FLAGGED, _LONG, _EXTENDED = 58, 59, 109, 160
"""Letters of 32 bytes, of a byte that names a curve with them, of an expanded Ed25519 key, of one with a chain code."""
_ROLES = (
    "acct", "acct_shared", "addr", "addr_shared", "cc_cold", "cc_hot", "drep", "policy", "pool", "root", "root_shared",
    "stake", "stake_shared",
)  # fmt: skip
_CARDANO = (*(f"{role}_sk" for role in _ROLES), "vrf_sk", "ed25519_sk", "ed25519e_sk")
_CARDANO_EXTENDED = (*(f"{role}_xsk" for role in _ROLES), "ed25519bip32_sk", "xprv")
"""The private ones of CIP-5, and those of Jormungandr."""
_VARIOUS = 10
"""Different letters of a random key, of 32: of 52 random ones fewer are so once in 10^9."""


@attrs.frozen
class _Kind:
    """``prefix`` as it is written, without the ``1`` behind it; ``letters`` of the rest, with its checksum."""

    prefix: str
    what: str
    letters: tuple[int, ...] = (_SHORT,)

    @property
    def begins(self) -> bytes:
        """What is looked for: so much of a beginning as a literal may have."""
        return f"{self.prefix}1".encode()[:12]


_KINDS = (
    _Kind("AGE-SECRET-KEY-PQ-", "age secret key"),
    _Kind("AGE-SECRET-KEY-", "age secret key"),
    _Kind("nsec", "Nostr secret key"),
    _Kind("suiprivkey", "Sui private key", (_FLAGGED,)),
    *(_Kind(prefix, "Cardano signing key", (_LONG, _SHORT)) for prefix in _CARDANO),
    *(_Kind(prefix, "Cardano signing key", (_EXTENDED,)) for prefix in _CARDANO_EXTENDED),
)
_BEGINNINGS = Literals(*(kind.begins for kind in _KINDS))


@attrs.frozen
class Bech32Keys:
    """Texts whose checksum is right, whatever byte follows. One in 10^9 is by chance."""

    name: str = "bech32"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, index, width in _BEGINNINGS.places(image):
            kind = _KINDS[index]
            head = len(kind.prefix) + 1
            text = text_at(image.data, offset, width, head + kind.letters[0])
            if not text.startswith(kind.prefix.encode() + b"1"):
                continue
            for letters in kind.letters:
                key = text[: head + letters]
                if len(key) == head + letters and _is_key(kind.prefix, key[head:]):
                    reason = "its checksum is right"
                    findings.add(kind.what, identity(key), Severity.TOTAL, reason, offset, width * len(key))
                    break
        return findings


def _is_key(prefix: str, data: bytes) -> bool:
    """Whether letters, in the case of what is before them, are a key with a right checksum."""
    text = data.decode("latin-1")
    same = text.isupper() if prefix.isupper() else text.islower()
    return same and len(set(text[:-_CHECK])) >= _VARIOUS and is_valid(prefix.lower(), text.lower())


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
    check = _remainder(expanded + values + [0] * _CHECK) ^ 1
    values += [check >> 5 * (_CHECK - 1 - index) & 31 for index in range(_CHECK)]
    return f"{prefix}1{''.join(_DIGITS[value] for value in values)}"


def _remainder(values: list[int]) -> int:
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for index, generator in enumerate(_GENERATOR):
            remainder ^= generator if top >> index & 1 else 0
    return remainder
