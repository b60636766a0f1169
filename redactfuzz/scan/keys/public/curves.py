"""Elliptic curves whose private scalars are looked for, and public points on them. Of a point only its x is needed.

Curves over prime fields in the form y^2 = x^3 + a x + b (SEC 2 version 2; SP 800-186). Curve25519 is one in other
coordinates: x = u + A / 3 (RFC 7748 section 4.1; draft-ietf-lwig-curve-representations appendix E.2).
"""

from __future__ import annotations

import hashlib

import attrs

_25519 = 2**255 - 19
_A = 486662
THIRD = _A * pow(3, -1, _25519) % _25519
"""By so much x is more than u, modulo p."""


@attrs.frozen
class Curve:
    """A curve with its base point. ``limbs`` are those of 64 bits that the core has room for."""

    name: str
    p: int
    a: int
    x: int
    y: int
    scalar_bytes: int
    limbs: int

    def y_of(self, x: int) -> int | None:
        """One of the two y of the points with this x; None where there is none."""
        p = self.p
        square = (self.y**2 - self.x**3 - self.a * self.x + x**3 + self.a * x) % p
        root = pow(square, (p + 3) // 8 if p % 8 == 5 else (p + 1) // 4, p)
        # Modulo p = 5 (mod 8) it may be the root of minus the square: that times a root of -1 is the other one.
        turned = root * pow(2, (p - 1) // 4, p) % p
        return next((one for one in (root, turned) if one * one % p == square), None)


_P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
_P384 = 2**384 - 2**128 - 2**96 + 2**32 - 1
_P521 = 2**521 - 1
_K256 = 2**256 - 2**32 - 977
CURVES = {
    curve.name: curve
    for curve in (
        Curve(
            "P-256",
            _P256,
            _P256 - 3,
            0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
            0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
            32,
            4,
        ),
        Curve(
            "P-384",
            _P384,
            _P384 - 3,
            0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
            0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
            48,
            6,
        ),
        Curve(
            "P-521",
            _P521,
            _P521 - 3,
            0xC6858E06B70404E9CD9E3ECB662395B4429C648139053FB521F828AF606B4D3DBAA14B5E77EFE75928FE1DC127A2FFA8DE3348B3C1856A429BF97E7E31C2E5BD66,
            0x11839296A789A3BC0045C8A5FB42C7D1BD998F54449579B446817AFBD17273E662C97EE72995EF42640C550B9013FAD0761353C7086A272C24088BE94769FD16650,
            66,
            9,
        ),
        Curve(
            "secp256k1",
            _K256,
            0,
            0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
            0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
            32,
            4,
        ),
        Curve(
            "Curve25519",
            _25519,
            (1 - _A * THIRD) % _25519,
            (9 + THIRD) % _25519,
            0x20AE19A1B8A086B4E01EDD2C7748D14C923D4D7E6D7C61B229E9C5A27ECED3D9,
            32,
            4,
        ),
    )
}


@attrs.frozen
class Point:
    """A public key: ``kind`` is the name of its curve, or ``Ed25519`` or ``X25519``."""

    kind: str
    x: int
    public: bytes = attrs.field(repr=False)
    """As it is written: the x, or for Ed25519 and X25519 all of it."""
    name: str = "EC key"
    asked: bool = True
    """False of one that was met in the dump itself."""
    y: int | None = attrs.field(default=None, eq=False, repr=False)
    """Where it is written beside the x."""

    @property
    def curve(self) -> Curve:
        """Whose base point it is a multiple of."""
        return CURVES.get(self.kind, CURVES["Curve25519"])

    @property
    def is_on_its_curve(self) -> bool:
        """Whether any private key can have it."""
        y = self.curve.y_of(self.x)
        return y is not None and self.y in (None, y, -y % self.curve.p)

    @property
    def identity(self) -> str:
        """A hash prefix of public bytes."""
        return hashlib.sha256(self.public).hexdigest()[:8]


KINDS = {"P-256", "P-384", "P-521", "secp256k1", "Ed25519", "X25519"}
"""Of public keys whose private ones are looked for."""


def point_of(kind: str, public: bytes, name: str) -> Point | None:
    """The point of a public key: its x (big-endian), or the bytes of RFC 7748 or 8032; None when it is none."""
    if kind == "X25519" and len(public) == 32:
        return Point(kind, (_little(public) + THIRD) % _25519, public, name)
    if kind == "Ed25519" and len(public) == 32:
        y = _little(public)
        # The map from Edwards to Montgomery coordinates (RFC 7748 section 4.1); for y = 1 there is none.
        return None if y % _25519 == 1 else Point(kind, _montgomery(y), public, name)
    curve = CURVES.get(kind)
    x = int.from_bytes(public, "big")
    return Point(kind, x, public, name) if curve is not None and x < curve.p and 8 < len(public) <= 66 else None


def _little(public: bytes) -> int:
    return int.from_bytes(public, "little") & (1 << 255) - 1


def _montgomery(y: int) -> int:
    return ((1 + y) * pow(1 - y, -1, _25519) + THIRD) % _25519
