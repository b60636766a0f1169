"""What the DER of a private key is: parsed and checked, because a header alone is a constant of every library.

RSA keys are checked with numbers: n = p q, e d = 1. Others by ``cryptography``, where it is installed (extra ``scan``).
What that refuses, or has no algorithm for, is checked by its structure alone, which the finding then says: there is no
other thing of this structure (RFC 5958, RFC 5915).
"""

from __future__ import annotations

from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import der, elliptic, rsa_numbers
from redactfuzz.scan.keys.detector import identity
from redactfuzz.scan.keys.effort import affords
from redactfuzz.scan.keys.private_key import CHECKED, ENCRYPTED, UNREAD, Described, random_looking

_RSA, _EC, _DSA, _DH = "RSA", "EC", "DSA", "DH"
_NAMES = {
    bytes.fromhex("2a864886f70d010101"): _RSA,
    bytes.fromhex("2a864886f70d01010a"): "RSA-PSS",
    bytes.fromhex("2a864886f70d010107"): "RSA-OAEP",
    bytes.fromhex("2a8648ce3d0201"): _EC,
    bytes.fromhex("2b8104010c"): _EC,  # id-ecDH
    bytes.fromhex("2a8648ce380401"): _DSA,
    bytes.fromhex("2a864886f70d010301"): _DH,
    bytes.fromhex("2a8648ce3e0201"): _DH,
    bytes.fromhex("2b6570"): "Ed25519",
    bytes.fromhex("2b6571"): "Ed448",
    bytes.fromhex("2b656e"): "X25519",
    bytes.fromhex("2b656f"): "X448",
}
_FAMILIES = {
    bytes.fromhex("608648016503040311"): "ML-DSA",
    bytes.fromhex("608648016503040312"): "ML-DSA",
    bytes.fromhex("608648016503040313"): "ML-DSA",
    bytes.fromhex("6086480165030403"): "SLH-DSA",
    bytes.fromhex("6086480165030404"): "ML-KEM",
    bytes.fromhex("2a8503"): "GOST",
}
"""Beginnings of the identifiers of algorithms of which nothing is checked but the structure, the longer ones first."""
PBES = {9: bytes.fromhex("2a864886f70d0105"), 10: bytes.fromhex("2a864886f70d010c01")}
"""By their size, beginnings of identifiers of password-based encryption: PKCS#5 (RFC 8018), PKCS#12 (RFC 7292)."""
_NO_PBES = bytes.fromhex("2a864886f70d01050c"), bytes.fromhex("2a864886f70d01050e")
"""PBKDF2 and PBMAC1, which encrypt nothing."""
_OPTIONAL = {0xA0, 0xA1, 0x81}
"""Tags of attributes and of the public key, behind the private one in PKCS#8 (RFC 5958)."""


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
        if tags == [der.INTEGER] * 6 and (key := _dsa(fields)):
            return key
        if tags[:4] == [der.INTEGER] * 4:
            return _rsa(fields, "PKCS#1")
        if tags[1:2] == [der.OCTETS] and fields[0].content == b"\1":
            return elliptic.sec1(data, fields)
    except (ValueError, IndexError):  # NotDer, or fewer numbers than there should be
        return None
    return None


def _encrypted(data: bytes, fields: tuple[der.Value, ...]) -> Described | None:
    algorithm = der.values(fields[0].content)
    if not algorithm or algorithm[0].tag != der.OBJECT or len(fields[1].content) < 32:
        return None
    identifier = algorithm[0].content
    if not identifier.startswith(tuple(PBES.values())) or identifier in _NO_PBES:
        return None
    return Described("encrypted private key (PKCS#8)", identity(data), Severity.MEDIUM, ENCRYPTED)


def _pkcs8(data: bytes, fields: tuple[der.Value, ...]) -> Described | None:
    algorithm = der.values(fields[1].content)
    if not algorithm or algorithm[0].tag != der.OBJECT or any(field.tag not in _OPTIONAL for field in fields[3:]):
        return None
    identifier, secret = algorithm[0].content, fields[2].content
    kind = _NAMES.get(identifier, "")
    if kind.startswith(_RSA):
        return _rsa(der.sequence(secret), "PKCS#8", kind)
    if kind == _DSA:
        return _dsa_pkcs8(algorithm, secret)
    if kind == _DH:
        return _dh(data, algorithm, secret)
    if kind == _EC:
        return elliptic.pkcs8(data, algorithm, secret)
    if kind:
        return elliptic.edwards(data, kind, secret, fields[3:])
    family = next((name for prefix, name in _FAMILIES.items() if identifier.startswith(prefix)), "")
    what = f"{family} private key (PKCS#8)" if family else "private key of another algorithm (PKCS#8)"
    return Described(what, identity(data), Severity.TOTAL, UNREAD) if random_looking(secret) else None


def _rsa(fields: tuple[der.Value, ...], form: str, kind: str = _RSA) -> Described | None:
    """RFC 8017 appendix A.1.2. Some encoders leave out the primes, or write zeros; three primes are more members."""
    _, n, e, d, *primes = der.numbers(fields[:6])
    modulus = rsa_numbers.proved(n, e, d, *primes)
    if not modulus:
        return None
    return Described(f"{kind}-{n.bit_length()} private key ({form})", identity(modulus), Severity.TOTAL, CHECKED)


def _dh(data: bytes, algorithm: tuple[der.Value, ...], content: bytes) -> Described | None:
    """PKCS#3 and X9.42: nothing to check but that the number is below the prime."""
    p, g, *_ = der.integers(der.values(algorithm[1].content)[:2])
    (x,) = der.numbers(der.values(content))
    if not (512 <= p.bit_length() <= 16384 and p & 1 and 1 < g < p and x < p and random_looking(content[2:])):
        return None
    return Described(f"DH-{p.bit_length()} private key (PKCS#8)", identity(data), Severity.TOTAL, UNREAD)


def _is_dsa(p: int, q: int, g: int, x: int) -> bool:
    """Whether g has the order q, for sizes that are in use: larger ones would take long to check."""
    sized = 512 <= p.bit_length() <= 4096 and q.bit_length() <= 512 and 1 < g < p and 0 < x < q
    return sized and affords(p.bit_length() ** 2 * q.bit_length()) and pow(g, q, p) == 1


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
