"""Public keys that the user names, so that private parts of theirs can be looked for.

Read are JWK and JWKS (RFC 7517), PEM and DER (SubjectPublicKeyInfo, PKCS#1, X.509 certificates), OpenSSH's public keys,
and a modulus alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.dumps.small import Unreadable, data_of
from redactfuzz.scan.keys import der
from redactfuzz.scan.keys.macs.pair import MacPair
from redactfuzz.scan.keys.public import spki
from redactfuzz.scan.keys.public.curves import Point, point_of

SMALLEST, LARGEST = 512, 16384
"""Bits of a modulus. The largest is what OpenSSL allows, and what ``rf_find_primes`` has room for."""
_MOST = 256
"""Keys of one file."""
_LARGEST_FILE = 16 << 20
"""Bytes of a file with public keys."""

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----")
_PUBLIC = {b"PUBLIC KEY", b"RSA PUBLIC KEY", b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"} | {
    b"CERTIFICATE REQUEST",
    b"NEW CERTIFICATE REQUEST",
}
_RFC4716 = re.compile(rb"---- BEGIN SSH2 PUBLIC KEY ----\r?\n(.*?)\n---- END SSH2 PUBLIC KEY ----", re.DOTALL)
_OF_OPENSSH = re.compile(rb"(?:ssh|ecdsa)-[a-z0-9-]+-cert-v01@openssh\.com ")
_OPENSSH = re.compile(rb"(?:^|\s)((?:ssh|ecdsa)-[a-z0-9-]+) +(AAAA[A-Za-z0-9+/]+={0,2})", re.MULTILINE)
_NONE = "holds no public key whose private one is looked for (RSA, P-256, P-384, P-521, secp256k1, Ed25519, X25519)"
_NUMBER = re.compile(r"(?:Modulus\s*=\s*)?(0x[0-9a-f]+|[0-9a-f]+)", re.IGNORECASE)


class UnusableKey(ValueError):
    """A file or number that names no key to look for. The message says which and why."""


@attrs.frozen
class Modulus:
    """An RSA public key. Raises ``UnusableKey`` for numbers that are none."""

    n: int
    e: int = 65537
    name: str = "RSA key"
    asked: bool = True
    """False of one that was met in the dump itself: it is looked for in fewer ways."""
    e_is_told: bool = True
    """False where it is only what nearly all keys have."""

    def __attrs_post_init__(self) -> None:
        if not SMALLEST <= self.bits <= LARGEST:
            raise UnusableKey(f"{self.name}: a modulus of {self.bits} bits; give one of {SMALLEST} to {LARGEST}.")
        if self.n % 2 == 0:
            raise UnusableKey(f"{self.name}: the modulus is even, so it is none. Was the number cut or reversed?")

    @property
    def bits(self) -> int:
        """Of the modulus."""
        return self.n.bit_length()

    @property
    def prime_bits(self) -> int:
        """Of each of two primes of equal size."""
        return (self.bits + 1) // 2

    @property
    def identity(self) -> str:
        """A hash prefix of public numbers."""
        return hashlib.sha256(self.n.to_bytes((self.bits + 7) // 8, "big")).hexdigest()[:8]


@attrs.frozen
class FileRule:
    """A rule of the user's own (``tokens/custom.py``): ``pattern`` is one of RE2, ``group`` the secret's, or 0."""

    what: str
    pattern: Any
    groups: int
    group: int
    entropy: float
    keywords: tuple[bytes, ...]
    allowed: tuple[Any, ...]


@attrs.frozen
class KnownKeys:
    """What the user has given about keys that a dump must not hold."""

    moduli: tuple[Modulus, ...] = ()

    points: tuple[Point, ...] = ()
    rules: tuple[FileRule, ...] = ()
    macs: tuple[MacPair, ...] = ()
    """Messages and their MACs, whose keys are looked for."""
    passed: tuple[str, ...] = ()
    """Names of public keys that lay beside those, and are of a kind that is not looked for."""

    def __add__(self, other: KnownKeys) -> KnownKeys:
        moduli: dict[int, Modulus] = {}
        for each in (*self.moduli, *other.moduli):
            before = moduli.setdefault(each.n, each)
            if each.e_is_told and not before.e_is_told:
                moduli[each.n] = attrs.evolve(before, e=each.e, e_is_told=True)
        met = {(point.kind, point.x) for point in self.points}
        pairs = {pair.public for pair in self.macs}
        return KnownKeys(
            tuple(moduli.values()),
            self.points + tuple(point for point in other.points if (point.kind, point.x) not in met),
            self.rules + other.rules,
            self.macs + tuple(pair for pair in other.macs if pair.public not in pairs),
            (*self.passed, *other.passed),
        )

    @property
    def asked(self) -> tuple[Modulus, ...]:
        """The moduli that the user has given."""
        return tuple(modulus for modulus in self.moduli if modulus.asked)


def read_known(path: Path) -> KnownKeys:
    """The public keys in a file. Raises ``UnusableKey``, also when the file cannot be read."""
    try:
        data = data_of(path, _LARGEST_FILE)
    except Unreadable as error:
        raise UnusableKey(f"{path}: {error}") from None
    return parse_known(data, path.name)


def parse_known(data: bytes, name: str) -> KnownKeys:
    """The public keys in what a file called `name` holds. Raises ``UnusableKey``."""
    data = _in_ascii(data)
    stripped = data.strip()
    if not stripped:
        raise UnusableKey(
            f"{name} is empty; it should hold a JWKS, a PEM, DER or OpenSSH public key, a certificate or a number."
        )
    if stripped[:1] in b"{[":
        keys = list(_from_json(stripped, name))
    elif b"-----BEGIN" in data:
        keys = list(_from_pem(data, name))
    elif _OPENSSH.search(data):
        keys = list(_from_openssh(data, name))
    elif data[:1] == b"\x30" and not _number(stripped):
        keys = [_from_der(data, name)]
    else:
        number = _number(stripped)
        if number is None and _OF_OPENSSH.search(data):
            raise UnusableKey(f"{name} is a certificate of OpenSSH, which is not read; give the public key without it.")
        if number is None:
            raise UnusableKey(
                f"{name} is neither JSON, PEM, DER, OpenSSH nor a number; give a JWKS, a public key or a certificate."
            )
        keys = [Modulus(number, name=name, e_is_told=False)]
    if all(isinstance(key, str) for key in keys):
        raise UnusableKey(f"{name} {_NONE}.")
    return KnownKeys(
        tuple(key for key in keys if isinstance(key, Modulus)),
        tuple(key for key in keys if isinstance(key, Point)),
        passed=tuple(key for key in keys if isinstance(key, str)),
    )


def _in_ascii(data: bytes) -> bytes:
    """What PowerShell wrote in UTF-16, and what RFC 4716 writes, as it is otherwise."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError:
            return data
    return _RFC4716.sub(_one_line, data)


def _one_line(match: re.Match[bytes]) -> bytes:
    """The key alone, with its kind before it: headers have a colon, or are the rest of one that ends in a backslash."""
    text = re.sub(rb"\\\r?\n", b"", match[1])
    body = b"".join(line.strip() for line in text.splitlines() if b":" not in line)
    try:
        blob = base64.b64decode(body)
    except binascii.Error:
        return match[0]
    return blob[4 : 4 + int.from_bytes(blob[:4], "big")] + b" " + body


def _number(text: bytes) -> int | None:
    try:
        plain = "".join(text.decode("ascii").split()).replace(":", "")
    except UnicodeDecodeError:
        return None
    match = _NUMBER.fullmatch(plain)
    if not match:
        return None
    digits = match[1].lower().removeprefix("0x")
    if len(digits) > LARGEST:  # more digits than the largest has bits; Python takes long to read so many, or refuses
        return None
    # A modulus has at least 128 hex digits; what consists of decimal digits alone by chance is vanishingly rare.
    return int(digits, 10) if digits.isdecimal() and "0x" not in plain and "=" not in plain else int(digits, 16)


def _from_json(data: bytes, name: str) -> Iterator[Modulus | Point | str]:
    """Of what is not looked for, its name; so do those for other forms."""
    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError) as problem:
        where = f" (line {problem.lineno}, column {problem.colno})" if isinstance(problem, json.JSONDecodeError) else ""
        raise UnusableKey(f"{name} begins like JSON and is none{where}.") from None
    keys = document.get("keys", [document]) if isinstance(document, dict) else document
    if not isinstance(keys, list):
        raise UnusableKey(f'{name}: "keys" of a JWKS is a list (RFC 7517 section 5.1).')
    if len(keys) > _MOST:
        raise UnusableKey(f"{name} has {len(keys):,} keys, and at most {_MOST:,} are looked for at a time.")
    for index, key in enumerate(keys):
        label = f"{name}: key {index}"
        if not isinstance(key, dict):
            yield label
            continue
        label = f"{name}: {key['kid']}" if isinstance(key.get("kid"), str) else label
        if key.get("kty") == "RSA":
            n, e = (int.from_bytes(_base64(key.get(field), label, field), "big") for field in "ne")
            yield Modulus(n, e, label)
        elif key.get("kty") in ("EC", "OKP") and isinstance(key.get("crv"), str):
            point = point_of(key["crv"], _base64(key.get("x"), label, "x"), label)
            yield label if point is None else point
        else:
            yield label


def _base64(value: object, label: str, field: str) -> bytes:
    try:
        if not isinstance(value, str):
            raise TypeError
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (TypeError, ValueError):
        raise UnusableKey(f'{label}: "{field}" is no base64url number (RFC 7518 section 6.3.1).') from None


def _from_openssh(data: bytes, name: str) -> Iterator[Modulus | Point | str]:
    for index, match in enumerate(_OPENSSH.finditer(data), 1):
        try:
            numbers = spki.openssh(base64.b64decode(match[2] + b"=" * (-len(match[2]) % 4)), name)
        except ValueError:
            raise UnusableKey(f"{name}: a line begins like a public key of OpenSSH and is none.") from None
        yield f"{name}: key {index}" if numbers is None else _key(numbers, name)


def _from_pem(data: bytes, name: str) -> Iterator[Modulus | Point | str]:
    blocks = [(match[1], match[2]) for match in _PEM.finditer(data)]
    if not blocks:
        raise UnusableKey(f"{name}: a PEM block begins and does not end; the file is cut or damaged.")
    public = [(label, body) for label, body in blocks if label in _PUBLIC]
    if not public:
        label = blocks[0][0].decode()
        why = "a private one is not needed" if "PRIVATE" in label else "this is not read"
        raise UnusableKey(f"{name} holds a {label}; give the public key or a certificate, {why}.")
    for index, (_, body) in enumerate(public):
        label = name if len(public) == 1 else f"{name}: block {index + 1}"
        try:
            yield _from_der(base64.b64decode(b"".join(body.split()), validate=True), label)
        except binascii.Error:
            raise UnusableKey(f"{label}: the PEM block is no base64; the file is cut or damaged.") from None
        except OfOtherKind:
            yield label


class OfOtherKind(UnusableKey):
    """A public key of a kind that is not looked for."""


def _from_der(data: bytes, name: str) -> Modulus | Point:
    """A PKCS#1 key, or the one SubjectPublicKeyInfo that a public key or a certificate holds."""
    try:
        outer = der.sequence(data)
        if outer and outer[0].tag == der.INTEGER:
            n, e = der.integers(outer[:2])
            return Modulus(n, e, name)
        # A SubjectPublicKeyInfo is its own algorithm and key; a certificate's is inside.
        found = (spki.numbers(algorithm, key, name) for algorithm, key in spki.infos(outer, 3))
        numbers = next((one for one in found if one is not None), None)
    except der.NotDer as problem:
        raise UnusableKey(f"{name} begins like DER and is no public key or certificate: {problem}.") from None
    except ValueError as problem:
        if isinstance(problem, UnusableKey):
            raise
        raise UnusableKey(f"{name} begins like DER and is no RSA public key (RFC 8017 appendix A.1.1).") from None
    if numbers is None:
        raise OfOtherKind(f"{name} {_NONE}.")
    return _key(numbers, name)


def _key(numbers: spki.PublicNumbers, name: str) -> Modulus | Point:
    return Modulus(numbers.n, numbers.e, name) if isinstance(numbers, spki.RsaNumbers) else numbers
