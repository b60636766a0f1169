"""Signed JSON Web Tokens (RFC 7519, RFC 7515)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import candidates
from redactfuzz.scan.keys.detector import Findings, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys

_LONGEST = 1 << 14
_TRIES = 64
"""Beginnings that are looked at in so many characters."""
_TOKEN = re.compile(rb"(eyJ[\w-]{8,})\.([\w-]{8,})\.([\w-]{40,})")
_SIGNATURES = {
    "HS256": {32},
    "HS384": {48},
    "HS512": {64},
    "ES256": {64},
    "ES256K": {64},
    "ES384": {96},
    "ES512": {132},
    "EdDSA": {64, 114},
}
"""Bytes of a signature (RFC 7518 section 3, RFC 8037)."""
_RSA = {f"{kind}{bits}" for kind in ("RS", "PS") for bits in (256, 384, 512)}
_REASON = "header and payload decode, and the signature is as long as its algorithm makes it: a bearer may use it"


@attrs.frozen
class SignedTokens:
    """JWTs whose header and payload are JSON objects, with a signature as long as the algorithm makes it."""

    name: str = "jwt"

    def find(self, image: Image, known: KnownKeys) -> Iterator[KeyFinding]:
        """One finding for each token."""
        findings = Findings(self.name, image)
        behind, tries = 0, 0
        for offset, _, width in candidates.literals(image.data, [b"eyJ"]):
            # A token has three beginnings at most (the third in a nested one); a text of nothing else is none.
            tries = tries + 1 if offset < behind else 0
            if tries > _TRIES:
                continue
            if not tries:
                behind = offset + width * _LONGEST
            token = _TOKEN.match(text_at(image.data, offset, width, _LONGEST))
            what = _describe(token[1], token[2], token[3]) if token else None
            if token and what:
                findings.add(what, identity(token[0]), Severity.TOTAL, _REASON, offset, width * len(token[0]))
        yield from findings


def _describe(header: bytes, payload: bytes, signature: bytes) -> str | None:
    algorithm = (_object(header) or {}).get("alg")
    size = len(_decode(signature) or b"")
    if not isinstance(algorithm, str) or _object(payload) is None:
        return None
    fits = 128 <= size <= 2048 if algorithm in _RSA else size in _SIGNATURES.get(algorithm, ())
    return f"JSON Web Token, {algorithm}" if fits else None


def _decode(text: bytes) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return None


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        value: Any = json.loads(_decode(text) or b"")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
