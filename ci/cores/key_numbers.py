"""What a program writes of its key: numbers in hexadecimal, a line each; and the forms in which memory holds them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from redactfuzz.scan.keys.derived import derived

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
_DIGITS = ((30, 4), (26, 4), (28, 4), (26, 8), (28, 8), (51, 8), (52, 8), (60, 8), (62, 8))
"""(bits, bytes that hold them) of digits of big numbers, the lowest first."""


def read(path: Path) -> dict[str, bytes]:
    """Name -> bytes, the highest first."""
    lines = [line.split() for line in path.read_text("ascii").splitlines()]
    return {name: bytes.fromhex(text.zfill(len(text) + len(text) % 2)) for name, text in lines}


def public_key(numbers: Mapping[str, bytes]) -> PublicKey | None:
    """None where the key has no public half: AES."""
    number = {name: int.from_bytes(value, "big") for name, value in numbers.items()}
    if "n" in number:
        return rsa.RSAPublicNumbers(number["e"], number["n"]).public_key()
    if "x" in number:
        return ec.EllipticCurvePublicNumbers(number["x"], number["y"], ec.SECP256R1()).public_key()
    if "point" in numbers:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), numbers["point"])
    if "ed25519" in numbers:
        return ed25519.Ed25519PublicKey.from_public_bytes(numbers["ed25519"])
    if "ed25519-number" in number:
        return ed25519.Ed25519PublicKey.from_public_bytes(number["ed25519-number"].to_bytes(32, "little"))
    return None


def written(key: PublicKey, encoding: Encoding) -> bytes:
    """Its SubjectPublicKeyInfo."""
    return key.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def is_aes_key(key: bytes, numbers: Mapping[str, bytes]) -> bool:
    """Whether it encrypts a block of zeros into what the program has written of it."""
    if "gcm" in numbers:
        return AESGCM(key).encrypt(bytes(12), bytes(16), None) == numbers["gcm"]
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(bytes(16)) == numbers["aes"]


def forms(name: str, value: bytes) -> Iterator[tuple[str, bytes]]:
    """(what it is called, the bytes) of each form that is looked for; ``value`` has the highest byte first."""
    if name in ("seed", "key"):
        yield "bytes", value
    else:
        value = value.lstrip(b"\0")
        number = int.from_bytes(value, "big")
        yield "big-endian bytes", value
        yield "little-endian limbs", value[::-1]
        words = [value[at : at + 4][::-1] for at in range(0, len(value), 4)]
        yield "32-bit words, the highest first", b"".join(words)
        wide = [value[at : at + 8][::-1] for at in range(0, len(value), 8)]
        yield "64-bit words, the highest first", b"".join(wide)
        yield from _digits(number)
        yield "decimal text", str(number).encode()
    yield "hexadecimal text", value.hex().encode()
    if name == "key":
        yield from ((label, data) for label, data, _ in derived(value) if label.startswith("AES"))
    if name == "seed":
        clamped = bytearray(hashlib.sha512(value).digest()[:32])
        clamped[0] &= 248
        clamped[31] = clamped[31] & 127 | 64
        yield "the scalar that follows from it", bytes(clamped)


def _digits(number: int) -> Iterator[tuple[str, bytes]]:
    for bits, size in _DIGITS:
        count = -(-number.bit_length() // bits)
        digits = [(number >> at * bits) % (1 << bits) for at in range(count)]
        yield f"{bits}-bit digits in {8 * size}-bit words", b"".join(digit.to_bytes(size, "little") for digit in digits)


def places(path: Path, private: Mapping[str, bytes]) -> dict[str, dict[str, int]]:
    """Number -> form -> how many times it is in the core; only what is there."""
    found: dict[str, dict[str, int]] = {}
    core = _without_holes(path)
    for name, value in with_remainders(private).items():
        for form, data in forms(name, value):
            count = core.count(data)
            if count:
                found.setdefault(name, {})[form] = count
    return found


def with_remainders(private: Mapping[str, bytes]) -> dict[str, bytes]:
    """RSA keys have dp and dq as well, from which the primes follow: k of e dp = 1 + k (p - 1) is below e."""
    found = dict(private)
    for prime, name in (("p", "dp"), ("q", "dq")):
        if prime in private:
            value = int.from_bytes(private["d"], "big") % (int.from_bytes(private[prime], "big") - 1)
            found[name] = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return found


def _without_holes(path: Path) -> bytes:
    """What the file holds: a runtime reserves gigabytes that it never touches, and gcore leaves them as holes."""
    parts, at = [], 0
    with path.open("rb") as file:
        end = os.fstat(file.fileno()).st_size
        while at < end:
            try:
                begin = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:  # ENXIO: nothing but a hole follows.
                break
            at = os.lseek(file.fileno(), begin, os.SEEK_HOLE)
            parts.append(os.pread(file.fileno(), at - begin, begin))
    return b"".join(parts)
