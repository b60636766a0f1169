"""Private keys of curves in DER: what ``cryptography`` reads, and what it refuses for its form and not for its numbers.

Refused are, among others, keys with their public one as BoringSSL, ring and rustls write them (RFC 5958), scalars
without their leading zeros, and SEC 1 (RFC 5915) without a curve. Where the curve is known the numbers are checked
here; else only the structure is.
"""

from __future__ import annotations

import re
from typing import Any

from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import der, private_key
from redactfuzz.scan.keys.detector import identity
from redactfuzz.scan.keys.private_key import STRUCTURE, UNREAD, Described

_PARAMETERS, _PUBLIC = 0xA0, 0xA1
_POINTS = (b"\2", b"\3", b"\4")
"""First bytes of a point: compressed ones, and others."""
_LEAST, _MOST = 14, 72
"""Bytes of a scalar: secp112r1 to sect571r1."""
_SIZES = {"Ed25519": 32, "X25519": 32, "Ed448": 57, "X448": 56}
_HEADER = bytes.fromhex("020100300506032b65")
UNNAMED = {
    32: ("SECP256R1", "SECP256K1", "BrainpoolP256R1"),
    48: ("SECP384R1", "BrainpoolP384R1"),
    66: ("SECP521R1",),
}
"""Curves that are tried where none is named, by bytes of a coordinate."""
MULTIPLIED = 1 << 26
"""What multiplying a base point costs (`effort.py`): a ten-thousandth of a second."""
_HEADERS = 64
_SCALAR = re.compile(
    rb"\x30.{1,3}\x02\x01[\x00\x01]"
    rb"(?:.{0,40}?\x30.{1,2}\x02\x01\x01|.{1,3}\x06\x03\x2b\x65[\x6e-\x71](?:\x05\x00)?\x04.)?\x04([\x0e-\x48])",
    re.DOTALL,
)
"""What stands before it: SEC 1 alone, within PKCS#8, and RFC 8410."""


def sec1(data: bytes, fields: tuple[der.Value, ...]) -> Described | None:
    """RFC 5915, alone. Raises ``NotDer``."""
    return _elliptic(data, "EC private key (SEC 1)", fields, None)


def pkcs8(data: bytes, algorithm: tuple[der.Value, ...], secret: bytes) -> Described | None:
    """RFC 5915 within PKCS#8, which names the curve. Raises ``NotDer``."""
    return _elliptic(
        data, "EC private key (PKCS#8)", der.sequence(secret), algorithm[1] if len(algorithm) > 1 else None
    )


def scalar_at(data: bytes) -> tuple[int, int] | None:
    """Where in DER that begins as a private key of a curve the scalar begins, and its size."""
    begin = _SCALAR.match(data[:_HEADERS])
    return (begin.end(), begin[1][0]) if begin else None


def scalar_within(data: bytes) -> Described | None:
    """The key whose scalar is whole in DER that is cut: nothing more can be checked. None of DER that is whole."""
    if der.extent(data)[1] <= len(data):
        return None
    begin = _SCALAR.match(data[:_HEADERS])
    scalar = data[begin.end() : begin.end() + begin[1][0]] if begin else b""
    if begin is None or len(scalar) < begin[1][0] or not private_key.random_looking(scalar):
        return None
    return Described("private key of a curve (cut)", identity(scalar), Severity.TOTAL, UNREAD)


def proves(data: bytes, together: int) -> bool:
    """Whether DER that was put together is one key, of which so many bytes lie together: any bytes are a scalar.

    They hold some of the scalar, or the public key stands behind it. Keys of other kinds have numbers that agree.
    """
    begin = _SCALAR.match(data[:_HEADERS])
    return begin is None or together > begin.end() or len(data) >= begin.end() + 2 * begin[1][0]


def _elliptic(data: bytes, what: str, fields: tuple[der.Value, ...], curve: der.Value | None) -> Described | None:
    if len(fields) < 2 or fields[0].content != b"\1" or fields[1].tag != der.OCTETS:
        return None
    inside = {field.tag: der.values(field.content) for field in fields[2:]}
    if not set(inside) <= {_PARAMETERS, _PUBLIC} or any(len(one) != 1 for one in inside.values()):
        return None
    curve = inside[_PARAMETERS][0] if _PARAMETERS in inside else curve
    scalar, point = fields[1].content, inside[_PUBLIC][0] if _PUBLIC in inside else None
    if not _plausible(scalar, curve, point):
        return None
    if private_key.library() is None:
        return Described(what, identity(data), Severity.TOTAL, STRUCTURE)
    return private_key.by_library(data, what) or _by_numbers(data, what, scalar, curve, point)


def _plausible(scalar: bytes, curve: der.Value | None, point: der.Value | None) -> bool:
    """Whether the parts are what they should be, of sizes that fit."""
    if not _LEAST <= len(scalar) <= _MOST or (curve is not None and curve.tag not in (der.OBJECT, der.SEQUENCE)):
        return False
    if point is None:
        return True
    if point.tag != der.BITS or point.content[:1] != b"\0" or not point.content.startswith(_POINTS, 1):
        return False
    return -3 <= len(scalar) - _coordinate(point) <= 1


def _coordinate(point: der.Value) -> int:
    """Bytes of one. A point begins with its form, behind the number of unused bits."""
    size = len(point.content) - 2
    return size // 2 if point.content.startswith(_POINTS[-1], 1) else size


def _by_numbers(
    data: bytes, what: str, scalar: bytes, curve: der.Value | None, point: der.Value | None
) -> Described | None:
    """A key that the library refused: for its numbers, where its curve is known and its point is another one."""
    curves = _curves(_coordinate(point) if point else len(scalar), curve)
    for one in curves:
        public = _public(scalar, one)
        agrees = curve is not None if point is None else public is not None and _same(public, point.content[1:])
        if public is not None and agrees:
            return private_key.described_public(public, what, one.name)
    if (curves and (curve is not None or point is not None)) or not private_key.random_looking(scalar):
        return None
    return Described(what, identity(data), Severity.TOTAL, UNREAD)


def _curves(size: int, curve: der.Value | None) -> list[Any]:
    """What the library has of the curve that is named, or of curves with coordinates of this size where none is."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509 import ObjectIdentifier

    if curve is None:
        return [getattr(ec, name)() for name in UNNAMED.get(size, ())]
    if curve.tag != der.OBJECT:
        return []
    try:
        return [ec.get_curve_for_oid(ObjectIdentifier(_dotted(curve.content)))()]
    except (LookupError, ValueError):
        return []


def _public(scalar: bytes, curve: Any) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        return ec.derive_private_key(int.from_bytes(scalar, "big"), curve).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


def _same(public: Any, point: bytes) -> bool:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    forms = (PublicFormat.UncompressedPoint, PublicFormat.CompressedPoint)
    return point in [public.public_bytes(Encoding.X962, form) for form in forms]


def _dotted(content: bytes) -> str:
    """The numbers of an object identifier (X.690 section 8.19)."""
    numbers, number = [], 0
    for byte in content:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def edwards(data: bytes, kind: str, secret: bytes, others: tuple[der.Value, ...]) -> Described | None:
    """RFC 8410. The public key may stand beside the private one, in one of two notations. Raises ``NotDer``."""
    what, inner = f"{kind} private key (PKCS#8)", der.values(secret)
    if len(inner) != 1 or inner[0].tag != der.OCTETS or len(inner[0].content) != _SIZES[kind]:
        return None
    # What lies behind a header that is a constant of a library: texts, zeros, the next header.
    if not private_key.random_looking(inner[0].content) or _HEADER in inner[0].content:
        return None
    if private_key.library() is None:
        return Described(what, identity(data), Severity.TOTAL, STRUCTURE)
    if key := private_key.by_library(data, what):
        return key
    public = _edwards_public(kind, inner[0].content)
    given = [one.content for one in others if one.tag == 0x81] + [
        der.values(one.content)[0].content for one in others if one.tag == _PUBLIC
    ]
    if any(one[1:] != public.public_bytes_raw() for one in given):
        return None
    return private_key.described_public(public, what)


def public_on(scalar: int, name: str) -> Any:
    """The public key of a number on a curve that the library calls so; None where there is none."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return _public(scalar.to_bytes((scalar.bit_length() + 7) // 8, "big"), getattr(ec, name)())


def public_of(kind: str, secret: bytes) -> bytes:
    """The public key of a private one of RFC 8410; empty where the library is missing."""
    return bytes(_edwards_public(kind, secret).public_bytes_raw()) if private_key.library() is not None else b""


def _edwards_public(kind: str, secret: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ed448, ed25519, x448, x25519

    kinds: dict[str, Any] = {
        "Ed25519": ed25519.Ed25519PrivateKey,
        "Ed448": ed448.Ed448PrivateKey,
        "X25519": x25519.X25519PrivateKey,
        "X448": x448.X448PrivateKey,
    }
    return kinds[kind].from_private_bytes(secret).public_key()
