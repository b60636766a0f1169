"""What the DER of a private key is: parsed and checked, because a header alone is a constant of every library.

RSA keys are checked with numbers: n = p q, e d = 1. Others by ``cryptography``, where it is installed (extra ``scan``),
else only by their structure, which the finding then says.
"""

from __future__ import annotations

import functools
import importlib
import warnings
from typing import Any

import attrs

from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import der
from redactfuzz.scan.keys.detector import identity

_NAMES = {
    bytes.fromhex("2a864886f70d010101"): "RSA",
    bytes.fromhex("2a864886f70d01010a"): "RSA-PSS",
    bytes.fromhex("2a8648ce3d0201"): "EC",
    bytes.fromhex("2a8648ce380401"): "DSA",
    bytes.fromhex("2b6570"): "Ed25519",
    bytes.fromhex("2b6571"): "Ed448",
    bytes.fromhex("2b656e"): "X25519",
    bytes.fromhex("2b656f"): "X448",
}
_PBES = (bytes.fromhex("2a864886f70d0105"), bytes.fromhex("2a864886f70d010c01"))
"""Prefixes of password-based encryption: PKCS#5 (RFC 8018) and PKCS#12 (RFC 7292 appendix C)."""

CHECKED = "parsed, and its numbers agree"
STRUCTURE = "only its structure was checked; install the extra `scan` to check its numbers"
ENCRYPTED = "encrypted: it is as safe as its passphrase, which can be tried offline"


@attrs.frozen
class Described:
    """A private key, described without any of it."""

    what: str
    identity: str
    severity: Severity
    reason: str


def describe(data: bytes) -> Described | None:
    """The private key that fills `data`, DER of PKCS#8, PKCS#1 or SEC 1; None when it is none."""
    try:
        fields = der.sequence(data)
        tags = [field.tag for field in fields]
        if tags[:2] == [der.SEQUENCE, der.OCTETS] and len(tags) == 2:
            return _encrypted(data, fields)
        if not fields or tags[0] != der.INTEGER or fields[0].content not in (b"\0", b"\1"):
            return None
        if tags[1:3] == [der.SEQUENCE, der.OCTETS]:
            return _pkcs8(data, fields)
        if tags == [der.INTEGER] * 9:
            return _rsa(fields, "PKCS#1")
        if tags == [der.INTEGER] * 6:
            return _dsa(fields)
        if tags[1:2] == [der.OCTETS] and fields[0].content == b"\1":
            return _by_library(data, "EC private key (SEC 1)", 16 <= len(fields[1].content) <= 66 and 0xA0 in tags)
    except (ValueError, IndexError):  # NotDer, or fewer numbers than there should be
        return None
    return None


def _encrypted(data: bytes, fields: tuple[der.Value, ...]) -> Described | None:
    algorithm = der.values(fields[0].content)
    known = algorithm and algorithm[0].tag == der.OBJECT and algorithm[0].content.startswith(_PBES)
    if not known or len(fields[1].content) < 32:
        return None
    return Described("encrypted private key (PKCS#8)", identity(data), Severity.MEDIUM, ENCRYPTED)


def _pkcs8(data: bytes, fields: tuple[der.Value, ...]) -> Described | None:
    algorithm = der.values(fields[1].content)
    kind = _NAMES.get(algorithm[0].content) if algorithm and algorithm[0].tag == der.OBJECT else None
    if kind is None:
        return None
    if kind.startswith("RSA"):
        return _rsa(der.sequence(fields[2].content), "PKCS#8", kind)
    if kind == "DSA":
        return _dsa_pkcs8(algorithm, fields[2].content)
    inner = der.values(fields[2].content)
    return _by_library(data, f"{kind} private key (PKCS#8)", len(inner) == 1 and len(inner[0].content) >= 16)


def _rsa(fields: tuple[der.Value, ...], form: str, kind: str = "RSA") -> Described | None:
    """RFC 8017 appendix A.1.2."""
    if len(fields) != 9:
        return None
    _, n, e, d, p, q, *_ = der.integers(fields)
    return rsa(n, e, d, p, q, f"{kind}-{n.bit_length()} private key ({form})")


def rsa(n: int, e: int, d: int, p: int, q: int, what: str) -> Described | None:
    """An RSA key whose numbers agree."""
    if n.bit_length() < 256 or n != p * q or min(p, q) <= 1 or e * d % (p - 1) != 1 or e * d % (q - 1) != 1:
        return None
    return Described(what, identity(n), Severity.TOTAL, CHECKED)


def _is_dsa(p: int, q: int, g: int, x: int) -> bool:
    """Whether g has the order q, for sizes that are in use: larger ones would take long to check."""
    return 512 <= p.bit_length() <= 4096 and q.bit_length() <= 512 and 1 < g < p and 0 < x < q and pow(g, q, p) == 1


def _dsa(fields: tuple[der.Value, ...]) -> Described | None:
    _, p, q, g, y, x = der.integers(fields)
    if not _is_dsa(p, q, g, x) or pow(g, x, p) != y:
        return None
    return Described(f"DSA-{p.bit_length()} private key", identity(p, y), Severity.TOTAL, CHECKED)


def _dsa_pkcs8(algorithm: tuple[der.Value, ...], content: bytes) -> Described | None:
    """Here the public number is missing: what can be checked is that g has the order q."""
    p, q, g = der.integers(der.values(algorithm[1].content))
    (x,) = der.integers(der.values(content))
    if not _is_dsa(p, q, g, x):
        return None
    return Described(f"DSA-{p.bit_length()} private key (PKCS#8)", identity(p, pow(g, x, p)), Severity.TOTAL, CHECKED)


def _by_library(data: bytes, what: str, plausible: bool) -> Described | None:
    """A key of another kind. `plausible`: its structure is right, which must suffice where there is no library."""
    loaders = library()
    if not plausible:
        return None
    if loaders is None:
        return Described(what, identity(data), Severity.TOTAL, STRUCTURE)
    serialization, unsupported = loaders
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            key: Any = serialization.load_der_private_key(data, None)
            public = key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
    except unsupported:
        return Described(what, identity(data), Severity.TOTAL, STRUCTURE)
    except (ValueError, TypeError):
        return None
    curve = getattr(getattr(key, "curve", None), "name", "")
    return Described(f"{what} on {curve}" if curve else what, identity(public), Severity.TOTAL, CHECKED)


@functools.cache
def library() -> tuple[Any, type[Exception]] | None:
    """(``cryptography``'s serialization, what it raises for an algorithm that it lacks); None where it is missing."""
    try:
        serialization = importlib.import_module("cryptography.hazmat.primitives.serialization")
        exceptions = importlib.import_module("cryptography.exceptions")
    except ImportError:
        return None
    return serialization, exceptions.UnsupportedAlgorithm
