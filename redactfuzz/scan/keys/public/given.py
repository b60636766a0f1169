"""Public keys that the user names, so that private parts of theirs can be looked for.

Read are JWK and JWKS (RFC 7517), PEM and DER (SubjectPublicKeyInfo, PKCS#1, X.509 certificates; of a private key the
public half), OpenSSH's public keys, PEM and these in one file, and moduli alone. What of a file is not taken is said:
by an error where it is damaged, or where nothing is left, and else by each report.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import attrs

from redactfuzz.dumps.small import Unreadable, data_of
from redactfuzz.scan.keys import der, private_key
from redactfuzz.scan.keys.known import LARGEST, SMALLEST, KnownKeys, Modulus, UnusableKey
from redactfuzz.scan.keys.public import key_texts, spki
from redactfuzz.scan.keys.public.curves import KINDS, Point, point_of

_MOST = 256
"""Keys of one file."""
_LARGEST_FILE = 16 << 20
"""Bytes of a file with public keys."""

_CERTIFICATES = {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"} | {
    "CERTIFICATE REQUEST",
    "NEW CERTIFICATE REQUEST",
}
_TRUSTED = "TRUSTED CERTIFICATE"
"""OpenSSL's: behind the certificate stands what it is trusted for."""
_OTHER_PUBLIC = ("DSA PUBLIC KEY", "DH PUBLIC KEY")
_PRIVATE, _OPENSSH_PRIVATE = "PRIVATE KEY", "OPENSSH PRIVATE KEY"
_HAS_NO_KEY = ("PARAMETERS", "CRL")
"""What lies beside keys and holds none: ends of labels."""
_RFC4716 = re.compile(rb"---- BEGIN SSH2 PUBLIC KEY ----\r?\n(.*?)\n---- END SSH2 PUBLIC KEY ----", re.DOTALL)
_OF_OPENSSH = re.compile(r"(?:ssh|ecdsa)-[a-z0-9-]+-cert-v01@openssh\.com")
_IN_OPENSSH = re.compile(r"ssh-rsa|ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)")
"""Kinds that are looked for."""
_NONE = "holds no public key whose private one is looked for (RSA, P-256, P-384, P-521, secp256k1, Ed25519, X25519)"
_SIGN = re.compile(rb"Modulus\s*=|0[xX]")
_NUMBER = re.compile(r"(?:Modulus\s*=\s*)?(0x[0-9a-f]+|[0-9a-f]+)", re.IGNORECASE)


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
    keys = list(_from_json(stripped, name) if stripped[:1] in b"{[" else _from_text(data, name))
    if all(isinstance(key, str) for key in keys):
        raise UnusableKey(f"{name} {_NONE}.")
    return KnownKeys(
        tuple({key.n: key for key in reversed(keys) if isinstance(key, Modulus)}.values())[::-1],
        tuple({(key.kind, key.x): key for key in reversed(keys) if isinstance(key, Point)}.values())[::-1],
        passed=tuple(key for key in keys if isinstance(key, str)),
    )


def _from_text(data: bytes, name: str) -> Iterator[Modulus | Point | str]:
    """What is no JSON: blocks of PEM and lines of OpenSSH, else DER, else numbers."""
    try:
        blocks, rest = key_texts.blocks(data)
    except key_texts.CutBlock:
        raise UnusableKey(f"{name}: a PEM block begins and does not end; the file is cut or damaged.") from None
    lines, rest = key_texts.lines(rest)
    if not blocks and not lines:
        yield from _from_der_or_number(data, name)
        return
    keys = [*_from_pem(blocks, name), *_from_openssh(lines, name)]
    if key_texts.is_like_openssh(rest):
        raise UnusableKey(f"{name}: a line begins like a public key of OpenSSH and is none.")
    if all(isinstance(key, str) for key in keys):
        _refuse(blocks, lines, name)
    yield from keys
    if left := list(key_texts.long_words(rest)):
        yield f"{name}: line {left[0]}" + (f" (and {len(left) - 1:,} more)" if len(left) > 1 else "")


def _refuse(blocks: Sequence[key_texts.Block], lines: Sequence[tuple[str, bytes]], name: str) -> NoReturn:
    """Of a file in which nothing is looked for: by what is in it."""
    if any(_OF_OPENSSH.match(kind) for kind, _ in lines):
        raise UnusableKey(f"{name} is a certificate of OpenSSH, which is not read; give the public key without it.")
    if blocks and not any(_is_public(block.label) for block in blocks):
        label = blocks[0].label
        why = "a private one is not needed" if "PRIVATE" in label else "this is not read"
        raise UnusableKey(f"{name} holds a {label}; give the public key or a certificate, {why}.")
    raise UnusableKey(f"{name} {_NONE}.")


def _from_der_or_number(data: bytes, name: str) -> Iterator[Modulus | Point | str]:
    numbers = _numbers(data.strip())
    if data[:1] == b"\x30" and not numbers:
        yield _from_der(data, name)
        return
    if not numbers and _OF_OPENSSH.search(data.decode("latin-1")):
        raise UnusableKey(f"{name} is a certificate of OpenSSH, which is not read; give the public key without it.")
    if not numbers:
        raise UnusableKey(
            f"{name} is neither JSON, PEM, DER, OpenSSH nor a number; give a JWKS, a public key or a certificate."
        )
    for index, number in enumerate(numbers, 1):
        yield Modulus(number, name=name if len(numbers) == 1 else f"{name}: number {index}", e_is_told=False)


def _in_ascii(data: bytes) -> bytes:
    """What PowerShell wrote in UTF-16, and what RFC 4716 writes, as it is otherwise; without the mark of an editor."""
    data = data.removeprefix(b"\xef\xbb\xbf")
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


def _numbers(text: bytes) -> list[int]:
    """One number, on however many lines, or one a line.

    Where no sign before each tells which, both are taken that may be: a modulus is odd, and has so many bits.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    each = [_number(line) for line in lines]
    several = [one for one in each if one is not None and _may_be_modulus(one)]
    signs, whole = sum(bool(_SIGN.match(line.strip())) for line in lines), _number(text)
    if len(lines) > 1 and len(several) == len(lines) and signs in (0, len(lines)):
        return several if signs or whole is None or not _may_be_modulus(whole) else [*several, whole]
    return [] if whole is None else [whole]


def _may_be_modulus(number: int) -> bool:
    return SMALLEST <= number.bit_length() <= LARGEST and number % 2 == 1


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
            yield _point_of_jwk(key, label)
        else:
            yield label


_BASE64URL = str.maketrans("-_", "+/")


def _point_of_jwk(key: dict[str, Any], label: str) -> Point | str:
    x = _base64(key.get("x"), label, "x")
    if key["crv"] not in KINDS:
        return label
    point = point_of(key["crv"], x, label)
    if point is not None and key["kty"] == "EC" and "y" in key:
        point = attrs.evolve(point, y=int.from_bytes(_base64(key["y"], label, "y"), "big"))
    return _checked(point, label)


def _checked(point: Point | None, label: str) -> Point:
    """A point on its curve: no number makes another one, so that nothing would be found."""
    if point is None or not point.is_on_its_curve:
        raise UnusableKey(f"{label}: the public key is no point of its curve. Was it cut or reversed?")
    return point


def _base64(value: object, label: str, field: str) -> bytes:
    try:
        if not isinstance(value, str):
            raise TypeError
        plain = value.rstrip("=").translate(_BASE64URL)
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (TypeError, ValueError):
        raise UnusableKey(f'{label}: "{field}" is no base64url number (RFC 7518 section 6.3.1).') from None


def _from_openssh(lines: Sequence[tuple[str, bytes]], name: str) -> Iterator[Modulus | Point | str]:
    for index, (kind, text) in enumerate(lines, 1):
        label = f"{name}: key {index}"
        if "@" in kind:  # a certificate, or a key whose private half is in a token
            yield label
            continue
        try:
            numbers = spki.openssh(base64.b64decode(text + b"=" * (-len(text) % 4)), name)
        except ValueError:
            raise UnusableKey(f"{name}: a line begins like a public key of OpenSSH and is none.") from None
        if numbers is None and _IN_OPENSSH.fullmatch(kind):
            raise UnusableKey(f"{name}: a line begins like a public key of OpenSSH and is none.")
        yield label if numbers is None else _key(numbers, name)


def _public_half(data: bytes, label: str) -> bytes:
    """A private key's public one, in DER."""
    loaders = private_key.library()
    if loaders is None:
        raise OfOtherKind(f"{label}: only the extra `scan` takes the public half of a private key; give that itself.")
    serialization, unsupported = loaders
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            public: Any = serialization.load_der_private_key(data, None).public_key()
    except (TypeError, unsupported):  # it is encrypted, or of an algorithm that the library lacks
        raise OfOtherKind(f"{label} {_NONE}.") from None
    except ValueError:
        raise UnusableKey(f"{label} is a private key that cannot be read; give the public one.") from None
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return bytes(public.public_bytes(serialization.Encoding.DER, form))


def _from_openssh_private(data: bytes, label: str) -> Modulus | Point:
    """Its public half stands before it in the clear, also where it is encrypted."""
    try:
        numbers = spki.openssh_private(data, label)
    except ValueError:
        raise UnusableKey(f"{label} is a private key of OpenSSH that is damaged; give the public one.") from None
    if numbers is None:
        raise OfOtherKind(f"{label} {_NONE}.")
    return _key(numbers, label)


def _is_public(label: str) -> bool:
    return label in _CERTIFICATES or (label.endswith("PUBLIC KEY") and label not in _OTHER_PUBLIC)


def _from_pem(blocks: Sequence[key_texts.Block], name: str) -> Iterator[Modulus | Point | str]:
    for index, block in enumerate(blocks, 1):
        label = name if len(blocks) == 1 else f"{name}: block {index}"
        if block.label.endswith(_HAS_NO_KEY):
            continue
        if block.encrypted or not (_is_public(block.label) or block.label.endswith(_PRIVATE)):
            yield label
            continue
        try:
            yield _from_block(block, label)
        except OfOtherKind:
            yield label


def _from_block(block: key_texts.Block, label: str) -> Modulus | Point:
    """Raises ``OfOtherKind``, or ``UnusableKey`` for what is damaged."""
    try:
        data = block.data
    except ValueError:
        raise UnusableKey(f"{label}: the PEM block is no base64; the file is cut or damaged.") from None
    if block.label == _OPENSSH_PRIVATE:
        return _from_openssh_private(data, label)
    if block.label.endswith(_PRIVATE):
        return _from_der(_public_half(data, label), label)
    if block.label == _TRUSTED:
        with contextlib.suppress(der.NotDer):  # it is told below
            data = data[: der.extent(data)[1]]
    return _from_der(data, label)


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
        found = (_numbers_of(algorithm, key, name) for algorithm, key in spki.infos(outer, 3))
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


def _numbers_of(algorithm: tuple[der.Value, ...], key: bytes, name: str) -> spki.PublicNumbers | None:
    numbers = spki.numbers(algorithm, key, name)
    return _checked(None, name) if numbers is None and spki.is_known(algorithm) else numbers


def _key(numbers: spki.PublicNumbers, name: str) -> Modulus | Point:
    if isinstance(numbers, spki.RsaNumbers):
        return Modulus(numbers.n, numbers.e, name)
    return _checked(numbers, name)
