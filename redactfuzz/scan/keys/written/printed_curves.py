"""Private keys of curves among printed numbers: with the public key beside them, or known by what names them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from typing import Any

from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import elliptic, private_key
from redactfuzz.scan.keys.detector import identity
from redactfuzz.scan.keys.private_key import CHECKED, UNREAD, Described
from redactfuzz.scan.keys.written.among_words import Tries
from redactfuzz.scan.keys.written.long_numbers import Number

_Told = tuple[Described, int, int]

_NAMED = re.compile(
    rb"(?:(?<![A-Za-z0-9])(?:[dsk]|priv|secret|seed)|private[ _-]?(?:key|value|number)?)"
    rb"[\"']?[\s:=+(#>\"'-]{1,12}(?:0x)?$",
    re.IGNORECASE,
)
"""What stands before a private number: every number of 32 bytes might be one."""
_BEFORE = 32
_NEAR = 4
"""How many numbers further the public key stands at most."""
_CURVES = {
    28: ("SECP224R1",),
    32: ("SECP256R1", "SECP256K1", "BrainpoolP256R1"),
    48: ("SECP384R1", "BrainpoolP384R1"),
    64: ("BrainpoolP512R1",),
    66: ("SECP521R1",),
}
"""By the bytes of a coordinate."""
_UNCOMPRESSED = 4
_EDWARDS = {32: ("Ed25519", "X25519"), 57: ("Ed448",), 56: ("X448",)}
_MARKED = 0x40
"""What Libgcrypt writes before the public key, in a byte of its own."""
_DNSSEC = re.compile(
    rb"Algorithm: (1[3-6])\b[^\n]*\n[^\n]{0,200}?\bPrivateKey: ([A-Za-z0-9+/]{40,80}={0,2})",
)
"""BIND's ``Private-key-format`` (RFC 6605, RFC 8080), without a public key."""
_ASN1PARSE = re.compile(
    rb"(?:OBJECT +:(?:ED|X)(?:25519|448)\r?\n[^\n]{0,200}?OCTET STRING +\[HEX DUMP\]:04(?:20|38|39)([0-9A-F]{64,114})\b"
    rb"|INTEGER +:01\r?\n[^\n]{0,200}?OCTET STRING +\[HEX DUMP\]:([0-9A-F]{28,144})\r?\n[^\n]{0,200}?cont \[ [01] \])",
)
"""What ``openssl asn1parse`` shows of RFC 8410 and of RFC 5915, without what may be a public key."""


def on_curves(numbers: Sequence[Number], text: bytes, tries: Tries) -> Iterator[_Told]:
    """Each number with the name of a private one of which the public key is near."""
    for at, one in enumerate(numbers) if private_key.library() is not None else ():
        if not _named(text, one):
            continue
        near = [*numbers[at + 1 : at + 1 + _NEAR], *numbers[max(0, at - _NEAR) : at]]
        for key, other in (*_elliptic(one, near, tries), *_edwards(one, near, tries)):
            yield key, min(one.start, other.start), max(one.end, other.end)


def _named(text: bytes, one: Number) -> bool:
    """In rows a prefix of a log may stand between."""
    before = text[max(0, one.start - _BEFORE) : one.start]
    if one.notation == "rows":
        line = text.rfind(b"\n", 0, one.start)
        above = text[max(0, line - _BEFORE) : max(0, line)].rstrip() + b" "
        return bool(_NAMED.search(before) or _NAMED.search(above))
    return bool(_NAMED.search(before))


def _elliptic(one: Number, near: Sequence[Number], tries: Tries) -> Iterator[tuple[Described, Number]]:
    for size, names in _CURVES.items():
        if not size - 4 <= (one.value.bit_length() + 7) // 8 <= size:
            continue
        points = [(each, each.value >> 8 * size & ((1 << 8 * size) - 1)) for each in near if _is_point(each, size)]
        points += [(each, each.value) for each in near if (each.value.bit_length() + 7) // 8 <= size]
        for curve in names if points and tries.one() else ():
            public = elliptic.public_on(one.value, curve)
            for each, x in points if public is not None else ():
                if public.public_numbers().x == x:
                    what = f"EC private key (its numbers) on {public.curve.name}"
                    yield Described(what, _identity(public, size), Severity.TOTAL, CHECKED), each
                    return


def _is_point(one: Number, size: int) -> bool:
    return one.size == 2 * size + 1 and one.value >> 16 * size == _UNCOMPRESSED


def _identity(public: Any, size: int) -> str:
    numbers = public.public_numbers()
    return identity(*(number.to_bytes(size, "big") for number in (numbers.x, numbers.y)))


def _edwards(one: Number, near: Sequence[Number], tries: Tries) -> Iterator[tuple[Described, Number]]:
    for kind in _EDWARDS.get(one.size, ()) if one.notation != "decimal" else ():
        publics = {_public(each, one.size): each for each in near if each.size in (one.size, one.size + 1)}
        if publics and tries.one():
            x = elliptic.public_of(kind, one.value.to_bytes(one.size, "big"))
            if x in publics:
                what = f"{kind} private key (its numbers)"
                yield Described(what, identity(x), Severity.TOTAL, CHECKED), publics[x]


def _public(one: Number, size: int) -> bytes:
    data = one.value.to_bytes(max(one.size, size), "big")
    return data[1:] if one.size == size + 1 and data[0] == _MARKED else data


def structures(text: bytes) -> Iterator[_Told]:
    """Private numbers without a public one, in notations that nothing else has."""
    for match in _DNSSEC.finditer(text) if b"Private-key-format" in text else ():
        value = base64.b64decode(match[2] + b"=" * (-len(match[2]) % 4))
        if private_key.random_looking(value):
            yield _alone("private key of a curve (BIND)", value), match.start(), match.end()
    for match in _ASN1PARSE.finditer(text) if b"HEX DUMP]:" in text else ():
        value = bytes.fromhex((match[1] or match[2]).decode()) if len(match[1] or match[2]) % 2 == 0 else b""
        if private_key.random_looking(value):
            yield _alone("private key of a curve (its numbers)", value), match.start(), match.end()


def _alone(what: str, value: bytes) -> Described:
    return Described(what, identity(value), Severity.TOTAL, UNREAD)
