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


@attrs.frozen
class WindowsBlobs:
    """Blobs whose sizes agree, and whose private numbers agree with the public ones."""

    name: str = "windows-blob"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, _, _ in _BEGINNINGS.places(image):
            data = image.data[offset : offset + _LONGEST]
            key = _capi(data) or _cng(data) if data[:3] == b"RSA" else _elliptic(data)
            if key is not None:
                findings.add(key.what, key.identity, key.severity, key.reason, offset, len(data[:4]))
        return findings


def _capi(data: bytes) -> Described | None:
    """Lengths follow from the bits; numbers are little-endian."""
    if len(data) < 12:
        return None
    bits, e = struct.unpack_from("<II", data, 4)
    if not 512 <= bits <= _MOST_BITS or bits % 16:
        return None
    whole, half = bits // 8, bits // 16
    n, p, q, _, _, _, d = _numbers(data, 12, (whole, half, half, half, half, half, whole), "little")
    return private_key.rsa(n, e, d, p, q, f"RSA-{bits} private key (CryptoAPI)")


def _cng(data: bytes) -> Described | None:
    """Lengths are given; numbers are big-endian. The shorter blob has no d: it follows."""
    if len(data) < 24:
        return None
    bits, *sizes = struct.unpack_from("<5I", data, 4)
    if not 512 <= bits <= _MOST_BITS or sizes[1] != bits // 8 or sizes[0] > 8 or max(sizes[2:]) > bits // 8:
        return None
    e, n, p, q = _numbers(data, 24, tuple(sizes), "big")
    try:
        d = pow(e, -1, (p - 1) * (q - 1)) if p > 1 and q > 1 else 0
    except ValueError:
        return None
    return private_key.rsa(n, e, d, p, q, f"RSA-{bits} private key (CNG)")


def _numbers(data: bytes, at: int, sizes: tuple[int, ...], order: str) -> list[int]:
    numbers = []
    for size in sizes:
        numbers.append(int.from_bytes(data[at : at + size], "big" if order == "big" else "little"))
        at += size
    return numbers


def _elliptic(data: bytes) -> Described | None:
    curve, size = _CURVES[data[3:4]]
    if len(data) < 8 + 3 * size or struct.unpack_from("<I", data, 4)[0] != size:
        return None
    x, y, d = _numbers(data, 8, (size, size, size), "big")
    what, name = f"EC private key on {curve.lower()} (CNG)", identity(x, y)
    if private_key.library() is None:
        return Described(what, name, Severity.TOTAL, STRUCTURE)
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        public = ec.derive_private_key(d, getattr(ec, curve)()).public_key().public_numbers()
    except ValueError:
        return None
    return Described(what, name, Severity.TOTAL, CHECKED) if (public.x, public.y) == (x, y) else None
