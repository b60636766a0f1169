"""Signed JSON Web Tokens (RFC 7519, RFC 7515)."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import mmap
import re
from collections.abc import Mapping
from typing import Any

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.placeholders import stands_for_a_key

_BEGINNINGS = Literals(b"eyJ", b"eyAi", b"eyAg", b"ewog", b"ewoJ", b"ewoi", b"ew0K")
"""What ``{"`` is in base64, with blanks or breaks of lines between as well."""
_LONGEST = 1 << 16
_TRIES = 64
"""Beginnings of long headers that are looked at in one word. A token has three at most (the third in a nested one)."""
_FIRST = 256
"""Characters by which most of what begins like a header is seen to be none."""
_SHORTEST = 11
"""Characters of a header."""
_PARTS = {
    1: (re.compile(rb"[\w-]+"), re.compile(rb"\.([\w-]{8,})\.([\w-]{40,})")),
    2: (re.compile(rb"(?:[\w-]\0)+"), re.compile(rb"\.\0((?:[\w-]\0){8,})\.\0((?:[\w-]\0){40,})")),
}
"""By the bytes of a character: the word that a header ends, and what follows it."""
_SIGNATURES = {
    "HS256": {32},
    "HS384": {48},
    "HS512": {64},
    "ES256": {64},
    "ES256K": {64},
    "ES384": {96},
    "ES512": {132},
    "EdDSA": {64, 114},
    "Ed25519": {64},
    "Ed448": {114},
    "ML-DSA-44": {2420},
    "ML-DSA-65": {3309},
    "ML-DSA-87": {4627},
}
"""Bytes of a signature (RFC 7518 section 3, RFC 8037, RFC 9864; FIPS 204)."""
_RSA = {f"{kind}{bits}" for kind in ("RS", "PS") for bits in (256, 384, 512)}
_RSA_SIZES = range(128, 1025, 64)
_REASON = "header and payload decode, and the signature is as long as its algorithm makes it: a bearer may use it"
_HASH = re.compile(rb"(?:(?:sha|md)\d{1,3}[_-])?(?:[0-9a-f]*|[0-9A-F]*)")
"""What a redactor writes in the place of a signature: 43 letters of base64url are none by chance."""
_PUBLISHED = {
    "statuslist+jwt",
    "entity-statement+jwt",
    "trust-mark+jwt",
    "trust-mark-delegation+jwt",
    "resolve-response+jwt",
    "jwk-set+jwt",
}
"""Types of documents that are made for everybody to read (Token Status List; OpenID Federation 1.0)."""
_OF_A_DOCUMENT = "its type is that of a signed document which is published: nobody gets in with it"
_WITH_CERTIFICATES = "it has its signer's certificates, and does not say who may use it or until when: a document"
_FOR_A_BEARER = {"exp", "sub", "aud", "nbf", "scope", "nonce", "jti"}
"""Claims of a token, of which a document that goes with its certificates has none (RFC 7519 section 4.1)."""
_BY_ANYBODY = "it is signed with a word of documentation, with which everybody can make one"
_DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_WORDS = (
    *(b"secret", b"your-256-bit-secret", b"your-384-bit-secret", b"your-512-bit-secret", b"key", b"password", b"test"),
    *(b"a-string-secret-at-least-256-bits-long", b"a-string-secret-at-least-512-bits-long", b"changeme", b"secretkey"),
    base64.urlsafe_b64decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
    ),
)
"""Keys of the examples of jwt.io, PyJWT and others, and that of RFC 7515 appendix A.1."""


@attrs.frozen
class SignedTokens:
    """JWTs whose header and payload are JSON objects, with a signature as long as the algorithm makes it."""

    name: str = "jwt"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each token."""
        findings = Findings(self.name, image)
        words: dict[int, _Word] = {}
        for offset, _, width in _BEGINNINGS.places(image):
            word = words.get(width)
            if word is None or offset >= word.end:
                word = words[width] = _word(image.data, offset, width)
            if not word.payload:
                continue
            if not _may_begin(image.data[offset : min(word.end, offset + width * _FIRST) : width]):
                continue
            word.tries += 1
            if word.tries > _TRIES:
                findings.gap("not all beginnings of a token in one word were looked at: they are too many", offset)
                continue
            header = image.data[offset : word.end : width]
            described = _describe(header, word.payload, word.signature) if len(header) >= _SHORTEST else None
            if described:
                what, length, harmless = described
                token = b".".join((header, word.payload, word.signature[:length]))
                severity = Severity.LOW if harmless else Severity.TOTAL
                findings.add(what, identity(token), severity, harmless or _REASON, offset, width * len(token))
        return findings


@attrs.define
class _Word:
    """Letters in a row, and what follows them of a token. All beginnings in it have the same end."""

    end: int
    payload: bytes = b""
    signature: bytes = b""
    tries: int = 0


def _word(data: bytes | mmap.mmap, offset: int, width: int) -> _Word:
    letters, rest = _PARTS[width]
    first = letters.match(data, offset, offset + width * _LONGEST)
    end = first.end() if first else offset
    following = rest.match(data, end, end + width * _LONGEST)
    return _Word(end, following[1][::width], following[2][::width]) if following else _Word(end)


def _may_begin(text: bytes) -> bool:
    """Whether the first characters of a header, or all of a short one, begin a JSON object that does not end before."""
    if len(text) < _FIRST:
        return _object(text) is not None
    try:
        json.JSONDecoder().raw_decode((_decode(text) or b"").decode("utf-8", "ignore"))
    except json.JSONDecodeError as error:
        return error.pos > _FIRST // 2 or "Unterminated string" in error.msg
    except RecursionError:
        return False
    return False


def _describe(header: bytes, payload: bytes, signature: bytes) -> tuple[str, int, str] | None:
    """What it is, the characters of its signature, behind which something else begins, and why it is harmless."""
    members, claims = _object(header) or {}, _object(payload)
    algorithm = members.get("alg")
    if not isinstance(algorithm, str) or claims is None:
        return None
    sizes = _RSA_SIZES if algorithm in _RSA else _SIGNATURES.get(algorithm, ())
    lengths = [length for length in (-(-4 * size // 3) for size in sizes) if length <= len(signature)]
    if not lengths or _HASH.fullmatch(signature[: max(lengths)]) or stands_for_a_key(signature[: max(lengths)]):
        return None
    harmless = _harmless(members, claims)
    if not harmless and _is_by_anybody(algorithm, header + b"." + payload, _decode(signature[: max(lengths)])):
        harmless = _BY_ANYBODY
    return f"JSON Web Token, {algorithm}", max(lengths), harmless


def _harmless(members: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Why nobody gets in with it; nothing where it is a token."""
    if str(members.get("typ")).lower().removeprefix("application/") in _PUBLISHED:
        return _OF_A_DOCUMENT
    return _WITH_CERTIFICATES if "x5c" in members and not _FOR_A_BEARER & claims.keys() else ""


def _is_by_anybody(algorithm: str, text: bytes, signature: bytes | None) -> bool:
    if algorithm not in _DIGESTS or not signature:
        return False
    return any(hmac.digest(word, text, _DIGESTS[algorithm]) == signature for word in _WORDS)


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
