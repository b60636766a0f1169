"""Secret keys of minisign (its ``minisign.h``) and of OpenBSD's signify (its ``signify.c``), one line of base64 each.

What they begin with says the algorithm, and how it is encrypted. Not encrypted are those of ``minisign -W`` and
``signify -n``: their public key is in them, and follows from the seed.
"""

from __future__ import annotations

import base64
import hashlib

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import elliptic, private_key
from redactfuzz.scan.keys.detector import Findings, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import CHECKED, ENCRYPTED, STRUCTURE, Described

_MINISIGN, _SIGNIFY = 158, 104
"""Bytes: two of the algorithm, two of what makes a key of the passphrase, two of the checksum, 32 of salt, 16 of its
cost, 8 of a number, 64 of the key, 32 of a checksum; of signify 2, 2, 4 of rounds, 16 of salt, 8 of a checksum, 8 and
64."""
_BEGINNINGS = Literals(b"RWRTY0Iy", b"RWQAAEIy", b"RWRCSwAA")
"""``EdScB2``; ``Ed``, two zeros and ``B2``; ``EdBK`` and a count of rounds below 65,536."""
_LETTERS = ((_MINISIGN + 2) // 3 * 4, (_MINISIGN + 2) // 3 * 4, (_SIGNIFY + 2) // 3 * 4)
_KEY = 64


@attrs.frozen
class MinisignKeys:
    """Lines of the length of a key, encrypted or with a public key that follows from the seed."""

    name: str = "minisign"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, index, width in _BEGINNINGS.places(image):
            letters = _LETTERS[index]
            text = text_at(image.data, offset, width, letters)
            data = _decoded(text) if len(text) == letters else b""
            key = None if not data else _signify(data) if index == 2 else _minisign(data)
            if key:
                findings.add(key.what, key.identity, key.severity, key.reason, offset, width * letters)
        return findings


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _minisign(data: bytes) -> Described | None:
    if len(data) != _MINISIGN:
        return None
    number, key, check = data[54:62], data[62 : 62 + _KEY], data[62 + _KEY :]
    if data.startswith(b"EdSc"):
        return _encrypted("minisign", data) if private_key.random_looking(key) else None
    right = hashlib.blake2b(data[:2] + number + key, digest_size=32).digest()
    return _plain("minisign", key, check in (right, bytes(32)))


def _signify(data: bytes) -> Described | None:
    if len(data) != _SIGNIFY:
        return None
    rounds, check, key = data[4:8], data[24:32], data[40:]
    if rounds != bytes(4):
        return _encrypted("signify", data) if private_key.random_looking(key) else None
    return _plain("signify", key, hashlib.sha512(key).digest()[:8] == check)


def _encrypted(program: str, data: bytes) -> Described:
    return Described(f"encrypted {program} secret key", identity(data), Severity.MEDIUM, ENCRYPTED)


def _plain(program: str, key: bytes, checked: bool) -> Described | None:
    """A key that is not encrypted: its public one follows; where nothing computes that, its checksum is right."""
    seed, public = key[:32], key[32:]
    follows = elliptic.public_of("Ed25519", seed)
    if not private_key.random_looking(seed) or not (follows == public or (checked and not follows)):
        return None
    return Described(f"{program} secret key", identity(public), Severity.TOTAL, CHECKED if follows else STRUCTURE)
