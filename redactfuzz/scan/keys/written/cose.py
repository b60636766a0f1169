"""Private keys of curves in COSE_Key (RFC 9052 section 7, RFC 9053 section 7): maps of CBOR, as passkeys have them.

The private number has the label -4, whose byte is followed by the head of a byte string. Wherever the public x is in
the same map, it proves the number; where it is not, what stands right before must be the head of such a map.
"""

from __future__ import annotations

import re

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import elliptic, private_key
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.effort import affords
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import CHECKED, STRUCTURE, UNREAD, Described

_ELLIPTIC, _EDWARDS = 2, 1
"""Types of keys (EC2 and OKP)."""
_CURVES = {
    1: (_ELLIPTIC, "SECP256R1", 32), 2: (_ELLIPTIC, "SECP384R1", 48), 3: (_ELLIPTIC, "SECP521R1", 66),
    8: (_ELLIPTIC, "SECP256K1", 32), 4: (_EDWARDS, "X25519", 32), 5: (_EDWARDS, "X448", 56),
    6: (_EDWARDS, "Ed25519", 32), 7: (_EDWARDS, "Ed448", 57),
}  # fmt: skip
"""By their numbers (IANA, "COSE Elliptic Curves"; 8 is of RFC 8812): the type, the name, bytes of a coordinate."""
_SIZES = sorted({size for _, _, size in _CURVES.values()})
_D, _X, _BYTES = 0x23, 0x21, 0x58
"""Labels -4 and -2, and the head of a byte string whose length is one byte more."""
_PRIVATE = Literals(*(bytes((_D, _BYTES, size)) for size in _SIZES), wide=False)
_HEAD = 3
_NEAR = 300
"""Bytes before and behind a private number in which the public one may be: y and a name lie between."""
_MAP = re.compile(
    rb"[\xa3-\xa9]\x01([\x01\x02])(?:\x02[\x40-\x57].{0,23}?)?(?:\x03(?:[\x00-\x17\x20-\x37]|[\x18\x38].|[\x19\x39]..))?"
    rb"(?:\x04[\x81-\x8a][\x01-\x0a]{1,10})?\x20([\x01-\x08])(?:\x21\x58.(.{32,66})(?:\x22(?:[\xf4\xf5]|\x58..{32,66}))?)?\Z",
    re.DOTALL,
)
"""A map with the type, an identifier, an algorithm and operations that may be there, the curve, and perhaps x and y."""
_MOST_PUBLIC = 4
_COST = 1 << 29
"""Of one multiplication, a millisecond, as ``affords`` counts it."""


@attrs.frozen
class CoseKeys:
    """Private numbers of which the public x is near, or that lie in a map that says what they are."""

    name: str = "cose"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, index, _ in _PRIVATE.places(image):
            size = _SIZES[index]
            at = offset + _HEAD
            secret = image.data[at : at + size]
            if len(secret) < size or not private_key.random_looking(secret):
                continue
            before = image.data[max(0, offset - _NEAR) : offset]
            key = _described(secret, before, image.data[at + size : at + size + _NEAR])
            if key:
                findings.add(key.what, key.identity, key.severity, key.reason, at, size)
        return findings


def _described(secret: bytes, before: bytes, behind: bytes) -> Described | None:
    head = _MAP.search(before)
    if private_key.library() is None:
        return _by_structure(secret, head, STRUCTURE)
    near = dict.fromkeys((*_publics(before, len(secret)), *_publics(behind, len(secret))))
    for curve in _CURVES.values():
        if near and curve[2] == len(secret) and affords(_COST):
            x = _x(secret, *curve)
            if x in near:
                what = f"{curve[1] if curve[0] == _EDWARDS else 'EC'} private key (COSE)"
                return Described(what, identity(x), Severity.TOTAL, CHECKED)
    return None if near else _by_structure(secret, head, UNREAD)


def _by_structure(secret: bytes, head: re.Match[bytes] | None, reason: str) -> Described | None:
    """Where the map names a type and a curve that fit one another, and the number."""
    kind, _, size = _CURVES[head[2][0]] if head else (0, "", 0)
    if head is None or head[1][0] != kind or size != len(secret):
        return None
    return Described("private key of a curve (COSE)", identity(secret), Severity.TOTAL, reason)


def _publics(data: bytes, size: int) -> list[bytes]:
    """What may be x, of so many bytes."""
    found: list[bytes] = []
    at, head = -1, bytes((_X, _BYTES, size))
    while (at := data.find(head, at + 1)) >= 0 and len(found) < _MOST_PUBLIC:
        x = data[at + _HEAD : at + _HEAD + size]
        found += [x] if len(x) == size else []
    return found


def _x(secret: bytes, kind: int, name: str, size: int) -> bytes:
    """The public key's; empty where the number is none of the curve."""
    if kind == _EDWARDS:
        return elliptic.public_of(name, secret)
    public = elliptic.public_on(int.from_bytes(secret, "big"), name)
    return b"" if public is None else int(public.public_numbers().x).to_bytes(size, "big")
