"""Public keys in the DER of SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7; RFC 3279, 5480, 8410), and of OpenSSH."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import attrs

from redactfuzz.scan.keys import der
from redactfuzz.scan.keys.public.curves import Point, point_of

RSA = (bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d01010a"))
"""Of RSA, and of RSA for PSS alone."""
ELLIPTIC = bytes.fromhex("2a8648ce3d0201")
_CURVES = {
    bytes.fromhex("2a8648ce3d030107"): "P-256",
    bytes.fromhex("2b81040022"): "P-384",
    bytes.fromhex("2b81040023"): "P-521",
    bytes.fromhex("2b8104000a"): "secp256k1",
}
EDWARDS = {bytes.fromhex("2b6570"): "Ed25519", bytes.fromhex("2b656e"): "X25519"}
_PRIVATE_OF_OPENSSH = b"openssh-key-v1\0"
_OPENSSH = {b"nistp256": "P-256", b"nistp384": "P-384", b"nistp521": "P-521"}


@attrs.frozen
class RsaNumbers:
    """The modulus and the public exponent of a key."""

    n: int
    e: int


PublicNumbers = RsaNumbers | Point


def infos(values: tuple[der.Value, ...], depth: int) -> Iterator[tuple[tuple[der.Value, ...], bytes]]:
    """(fields of the algorithm, bytes of the key) of each SubjectPublicKeyInfo among values and inside, so deep."""
    for index, value in enumerate(values):
        if value.tag != der.SEQUENCE or not depth:
            continue
        inner = der.values(value.content)
        following = values[index + 1 : index + 2]
        if inner and inner[0].tag == der.OBJECT and len(inner) <= 2 and following and following[0].tag == der.BITS:
            yield inner, following[0].content[1:]
        else:
            yield from infos(inner, depth - 1)


def numbers(algorithm: tuple[der.Value, ...], key: bytes, name: str) -> PublicNumbers | None:
    """The public key of an algorithm that is looked for; None for others. Raises ``ValueError`` for what is damaged."""
    kind = algorithm[0].content
    if kind in RSA:
        n, e = der.integers(der.sequence(key))
        return RsaNumbers(n, e)
    if kind == ELLIPTIC and len(algorithm) == 2 and algorithm[1].content in _CURVES:
        return sec1(_CURVES[algorithm[1].content], key, name)
    return point_of(EDWARDS[kind], key, name) if kind in EDWARDS else None


def is_known(algorithm: tuple[der.Value, ...]) -> bool:
    """Whether it is one that is looked for: a key of it that is none is damaged."""
    kind = algorithm[0].content
    named = kind == ELLIPTIC and len(algorithm) == 2 and algorithm[1].content in _CURVES
    return named or kind in RSA or kind in EDWARDS


def sec1(kind: str, key: bytes, name: str) -> Point | None:
    """A point as SEC 1 section 2.3.3 writes it, compressed or not."""
    if key[:1] == b"\4" and len(key) % 2:
        half = 1 + len(key) // 2
        point = point_of(kind, key[1:half], name)
        return None if point is None else attrs.evolve(point, y=int.from_bytes(key[half:], "big"))
    return point_of(kind, key[1:], name) if key[:1] in (b"\2", b"\3") else None


def openssh(data: bytes, name: str, *, whole: bool = True) -> PublicNumbers | None:
    """The key of an ``authorized_keys`` line, decoded (RFC 4253 section 6.6, RFC 5656, RFC 8709).

    ``whole``: nothing may follow. Raises ValueError for what is cut off.
    """
    fields, end = _strings(data)
    if not fields or (whole and end != len(data)):
        raise ValueError("it is cut off, or more than a key")
    if fields[0] == b"ssh-rsa" and len(fields) >= 3:
        return RsaNumbers(int.from_bytes(fields[2], "big"), int.from_bytes(fields[1], "big"))
    if fields[0] == b"ssh-ed25519" and len(fields) >= 2:
        return point_of("Ed25519", fields[1], name)
    if fields[0].startswith(b"ecdsa-sha2-") and len(fields) >= 3 and fields[1] in _OPENSSH:
        return sec1(_OPENSSH[fields[1]], fields[2], name)
    return None


def openssh_private(data: bytes, name: str) -> PublicNumbers | None:
    """The public key before a private one of OpenSSH (PROTOCOL.key). Raises ValueError for what is damaged."""
    if not data.startswith(_PRIVATE_OF_OPENSSH):
        raise ValueError("it begins otherwise")
    data = data[len(_PRIVATE_OF_OPENSSH) :]
    for skipped in (0, 0, 0, 4):  # cipher, key derivation and its options; the number of keys is no string
        size = skipped or 4 + int.from_bytes(data[:4], "big")
        data = data[size:]
    return openssh(data[4 : 4 + int.from_bytes(data[:4], "big")], name)


def _strings(data: bytes) -> tuple[list[bytes], int]:
    """Those that are there wholly (RFC 4251 section 5), and where they end."""
    fields, at = [], 0
    while at + 4 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        if at + 4 + size > len(data):
            break
        fields.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return fields, at
