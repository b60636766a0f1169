"""Writes private keys in formats of Windows, PuTTY, Java, PKCS#12, OpenPGP, and ChaCha20's state: real or damaged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import struct
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x448, x25519
from cryptography.hazmat.primitives.serialization import pkcs12

PRIVATE = rsa.generate_private_key(65537, 2048)
KEY = PRIVATE.private_numbers()
N, E = KEY.public_numbers.n, KEY.public_numbers.e
ELLIPTIC = ec.generate_private_key(ec.SECP256R1()).private_numbers()
EDWARDS = ed25519.Ed25519PrivateKey.generate()
NOISE = random.Random(4).randbytes(64)
DAMAGED = 1 << 77


def b64(number: int) -> str:
    return base64.b64encode(number.to_bytes(-(-number.bit_length() // 8), "big")).decode()


def xml(d: int = KEY.d) -> bytes:
    crt = {"P": KEY.p, "Q": KEY.q, "DP": KEY.dmp1, "DQ": KEY.dmq1, "InverseQ": KEY.iqmp}
    values = {"Modulus": N, "Exponent": E, **crt, "D": d}
    return ("<RSAKeyValue>" + "".join(f"<{k}>{b64(v)}</{k}>" for k, v in values.items()) + "</RSAKeyValue>").encode()


def capi(d: int = KEY.d) -> bytes:
    parts = ((N, 256), (KEY.p, 128), (KEY.q, 128), (KEY.dmp1, 128), (KEY.dmq1, 128), (KEY.iqmp, 128), (d, 256))
    numbers = b"".join(number.to_bytes(size, "little") for number, size in parts)
    return b"\7\2\0\0\0\xa4\0\0" + b"RSA2" + struct.pack("<II", 2048, E) + numbers


def cng(p: int = KEY.p) -> bytes:
    parts = ((E, 3), (N, 256), (p, 128), (KEY.q, 128))
    numbers = b"".join(number.to_bytes(size, "big") for number, size in parts)
    return b"RSA2" + struct.pack("<5I", 2048, 3, 256, 128, 128) + numbers


def cng_elliptic(d: int = ELLIPTIC.private_value) -> bytes:
    public = ELLIPTIC.public_numbers
    return b"ECS2" + struct.pack("<I", 32) + b"".join(one.to_bytes(32, "big") for one in (public.x, public.y, d))


def ppk(version: int, cipher: str = "none", wrong: bytes = b"", seed: bytes = b"") -> bytes:
    def string(data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + data

    public = string(b"ssh-ed25519") + string(EDWARDS.public_key().public_bytes_raw())
    private = string(seed or EDWARDS.private_bytes_raw()) if cipher == "none" else NOISE
    signed = b"".join(string(part) for part in (b"ssh-ed25519", cipher.encode(), b"me", public, private + wrong))
    key = hashlib.sha1(b"putty-private-key-file-mac-key").digest() if version == 2 else b""
    mac = hmac.new(key, signed, "sha1" if version == 2 else "sha256").hexdigest()
    argon = "Key-Derivation: Argon2id\r\nArgon2-Memory: 8192\r\n" if version == 3 and cipher != "none" else ""
    lines = (
        f"PuTTY-User-Key-File-{version}: ssh-ed25519\r\nEncryption: {cipher}\r\nComment: me\r\n"
        f"Public-Lines: 2\r\n{wrapped(public)}{argon}Private-Lines: 1\r\n{wrapped(private)}Private-MAC: {mac}\r\n"
    )
    return lines.encode()


def wrapped(data: bytes) -> str:
    text = base64.b64encode(data).decode()
    return "".join(text[at : at + 64] + "\r\n" for at in range(0, len(text), 64))


def tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    return bytes([tag]) + (bytes([size]) if size < 128 else b"\x82" + struct.pack(">H", size)) + content


def jks(oid: str = "2b060104012a02110101") -> bytes:
    algorithm = tagged(0x30, tagged(0x06, bytes.fromhex(oid)) + b"\5\0")
    key = tagged(0x30, algorithm + tagged(0x04, NOISE * 5))
    entry = struct.pack(">IH", 1, 6) + b"server" + bytes(8) + struct.pack(">I", len(key)) + key + struct.pack(">I", 0)
    return b"\xfe\xed\xfe\xed" + struct.pack(">II", 2, 1) + entry + NOISE[:20]


def pfx(passphrase: bytes) -> bytes:
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"me", PRIVATE, None, None, hidden)


def integer(number: int) -> bytes:
    return struct.pack(">H", number.bit_length()) + number.to_bytes(-(-number.bit_length() // 8), "big")


def pgp(usage: int = 0, d: int = KEY.d, new: bool = False) -> bytes:
    public = b"\4" + bytes(4) + b"\1" + integer(N) + integer(E)
    secret = integer(d) + integer(KEY.p) + integer(KEY.q) + integer(pow(KEY.p, -1, KEY.q))
    clear = b"\0" + secret + struct.pack(">H", sum(secret) & 0xFFFF)
    return armored(public + (clear if usage == 0 else bytes([usage, 9, 3, 8]) + NOISE * 12), new)


def armored(body: bytes, new: bool = False) -> bytes:
    """A packet with a secret key."""
    size = len(body)
    header = bytes([0xC5, 0xFF]) + struct.pack(">I", size) if new else b"\x95" + struct.pack(">H", size)
    return (
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n" + wrapped(header + body).replace("\r", "") + "=abcd\n"
        "-----END PGP PRIVATE KEY BLOCK-----\n"
    ).encode()


_CURVES: dict[int, Any] = {
    25: x25519.X25519PrivateKey.generate(), 26: x448.X448PrivateKey.generate(),
    27: ed25519.Ed25519PrivateKey.generate(), 28: ed448.Ed448PrivateKey.generate(),
}  # fmt: skip


def pgp_of(version: int, algorithm: int, *, wrong: bool = False, encrypted: bool = False) -> bytes:
    """A key of a curve (RFC 9580 section 5.5.5.7) or of RSA; version 5 is LibrePGP's; ``wrong``: in its secret."""
    if algorithm == 1:
        public = integer(N) + integer(E)
        secret = integer(KEY.d) + integer(KEY.p) + integer(KEY.q) + integer(pow(KEY.p, -1, KEY.q))
    else:
        public = _CURVES[algorithm].public_key().public_bytes_raw()
        secret = _CURVES[algorithm].private_bytes_raw()
    check = struct.pack(">H", sum(secret) & 0xFFFF)
    if wrong:
        secret = secret[:9] + bytes((secret[9] ^ 1,)) + secret[10:]
    size = struct.pack(">I", len(public)) if version > 4 else b""
    days = bytes(2) if version < 4 else b""
    stated = bytes(1) + struct.pack(">I", len(secret)) if version == 5 else b""
    clear = b"\0" + stated + secret + (b"" if version == 6 else check)
    hidden = b"\xfe\x1a" + NOISE[:70]
    body = bytes((version,)) + bytes(4) + days + bytes((algorithm,)) + size + public
    return armored(body + (hidden if encrypted else clear))


def chacha(counter: int = 7, key: bytes = NOISE[:32], nonce: bytes = NOISE[40:52]) -> bytes:
    return b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce
