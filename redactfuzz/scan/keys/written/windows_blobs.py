"""Private keys as Windows keeps them: PRIVATEKEYBLOB of CryptoAPI, BCRYPT_RSAKEY_BLOB and BCRYPT_ECCKEY_BLOB of CNG.

Layouts: as Microsoft documents RSAPUBKEY of CryptoAPI, and the structures of CNG of these names.
"""

from __future__ import annotations

import struct

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import private_key
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import CHECKED, STRUCTURE, Described

_CURVES = {b"2": ("SECP256R1", 32), b"4": ("SECP384R1", 48), b"6": ("SECP521R1", 66)}
_MAGIC = (b"RSA2", b"RSA3", *(kind + size for kind in (b"ECS", b"ECK") for size in _CURVES))
_BEGINNINGS = Literals(*_MAGIC, wide=False)
_LONGEST = 1 << 14
_MOST_BITS = 16384
_CAPI, _CNG, _ELLIPTIC = 12, 24, 8
"""Bytes before the numbers."""
_LONGER = b"RSA3"


Blob = tuple[Described, int]
"""A key, and the bytes of all its numbers with what stands before them."""


@attrs.frozen
class WindowsBlobs:
    """Blobs whose sizes agree, and whose private numbers agree with the public ones."""

    name: str = "windows-blob"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, _, _ in _BEGINNINGS.places(image):
            data = image.data[offset : offset + _LONGEST]
            found = _capi(data) or _cng(data) if data[:3] == b"RSA" else _elliptic(data)
            if found is not None:
                key, size = found
                findings.add(key.what, key.identity, key.severity, key.reason, offset, min(size, len(data)))
        return findings


def _capi(data: bytes) -> Blob | None:
    """Lengths follow from the bits; numbers are little-endian."""
    if len(data) < _CAPI:
        return None
    bits, e = struct.unpack_from("<II", data, 4)
    if not 512 <= bits <= _MOST_BITS or bits % 16:
        return None
    whole, half = bits // 8, bits // 16
    sizes = (whole, half, half, half, half, half, whole)
    n, p, q, _, _, _, d = _numbers(data, _CAPI, sizes, "little")
    key = private_key.rsa(n, e, d, p, q, f"RSA-{bits} private key (CryptoAPI)")
    return (key, _CAPI + sum(sizes)) if key else None


def _cng(data: bytes) -> Blob | None:
    """Lengths are given; numbers are big-endian. The shorter blob has no d: it follows.

    The longer one has two exponents and a coefficient as long as the primes, and d, which is as long as the modulus.
    """
    if len(data) < _CNG:
        return None
    bits, *sizes = struct.unpack_from("<5I", data, 4)
    if not 512 <= bits <= _MOST_BITS or sizes[1] != bits // 8 or sizes[0] > 8 or max(sizes[2:]) > bits // 8:
        return None
    e, n, p, q = _numbers(data, _CNG, tuple(sizes), "big")
    try:
        d = pow(e, -1, (p - 1) * (q - 1)) if p > 1 and q > 1 else 0
    except ValueError:
        return None
    key = private_key.rsa(n, e, d, p, q, f"RSA-{bits} private key (CNG)")
    more = 2 * sizes[2] + sizes[3] + sizes[1] if data[:4] == _LONGER else 0
    return (key, _CNG + sum(sizes) + more) if key else None


def _numbers(data: bytes, at: int, sizes: tuple[int, ...], order: str) -> list[int]:
    numbers = []
    for size in sizes:
        numbers.append(int.from_bytes(data[at : at + size], "big" if order == "big" else "little"))
        at += size
    return numbers


def _elliptic(data: bytes) -> Blob | None:
    curve, size = _CURVES[data[3:4]]
    whole = _ELLIPTIC + 3 * size
    if len(data) < whole or struct.unpack_from("<I", data, 4)[0] != size:
        return None
    x, y, d = _numbers(data, _ELLIPTIC, (size, size, size), "big")
    what, name = f"EC private key on {curve.lower()} (CNG)", identity(x, y)
    library = private_key.library()
    if library is None:
        return Described(what, name, Severity.TOTAL, STRUCTURE), whole
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        public = ec.derive_private_key(d, getattr(ec, curve)()).public_key().public_numbers()
    except (ValueError, library[1]):
        return None
    return (Described(what, name, Severity.TOTAL, CHECKED), whole) if (public.x, public.y) == (x, y) else None
