"""Formats of Windows, PuTTY, Java, PKCS#12, OpenPGP, and ChaCha20's state. The keys are made by `cryptography`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import struct
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import DETECTORS, KnownKeys
from redactfuzz.scan.keys.private_key import describe
from redactfuzz.scan.keys.written.java_stores import private_keys

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


def ppk(version: int, cipher: str = "none", wrong: bytes = b"") -> bytes:
    def string(data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + data

    public = string(b"ssh-ed25519") + string(EDWARDS.public_key().public_bytes_raw())
    private = string(EDWARDS.private_bytes_raw()) if cipher == "none" else NOISE
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
    body = public + (clear if usage == 0 else bytes([usage, 9, 3, 8]) + NOISE * 12)
    size = len(body)
    header = bytes([0xC5, 0xFF]) + struct.pack(">I", size) if new else b"\x95" + struct.pack(">H", size)
    return (
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n" + wrapped(header + body).replace("\r", "") + "=abcd\n"
        "-----END PGP PRIVATE KEY BLOCK-----\n"
    ).encode()


def chacha(counter: int = 7, key: bytes = NOISE[:32], nonce: bytes = NOISE[40:52]) -> bytes:
    return b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce


FOUND: dict[str, tuple[bytes, str, Severity]] = {
    "xml": (xml(), "RSA-2048 private key (XML of .NET)", Severity.TOTAL),
    "capi": (capi(), "RSA-2048 private key (CryptoAPI)", Severity.TOTAL),
    "cng": (cng(), "RSA-2048 private key (CNG)", Severity.TOTAL),
    "cng elliptic": (cng_elliptic(), "EC private key on secp256r1 (CNG)", Severity.TOTAL),
    "ppk 2": (ppk(2), "PuTTY ssh-ed25519 private key", Severity.TOTAL),
    "ppk 3": (ppk(3), "PuTTY ssh-ed25519 private key", Severity.TOTAL),
    "ppk encrypted": (ppk(3, "aes256-cbc"), "encrypted PuTTY ssh-ed25519 private key", Severity.MEDIUM),
    "jks": (jks(), "encrypted private key (JKS store)", Severity.MEDIUM),
    "pkcs12": (pfx(b"secret"), "private key (PKCS#12 store)", Severity.MEDIUM),
    "pgp": (pgp(), "RSA-2048 secret key (OpenPGP)", Severity.TOTAL),
    "pgp, new header": (pgp(new=True), "RSA-2048 secret key (OpenPGP)", Severity.TOTAL),
    "pgp encrypted": (pgp(254), "encrypted OpenPGP RSA secret key", Severity.MEDIUM),
    "chacha": (chacha(), "ChaCha20 state", Severity.TOTAL),
}
NEAR: dict[str, Callable[[], bytes]] = {
    "xml": lambda: xml(KEY.d ^ DAMAGED),
    "xml without private numbers": lambda: f"<RSAKeyValue><Modulus>{b64(N)}</Modulus></RSAKeyValue>".encode(),
    "capi": lambda: capi(KEY.d ^ DAMAGED),
    "cng": lambda: cng(KEY.p ^ DAMAGED),
    "cng elliptic": lambda: cng_elliptic(ELLIPTIC.private_value ^ DAMAGED),
    "ppk 2": lambda: ppk(2, wrong=b"x"),
    "ppk 3": lambda: ppk(3, wrong=b"x"),
    "jks of another algorithm": lambda: jks("2a864886f70d010101"),
    "pgp": lambda: pgp(d=KEY.d ^ DAMAGED),
    "chacha with text for a key": lambda: chacha(key=b"expand 16-byte kabcdefghijklmnop"),
    "chacha with a large counter": lambda: chacha(1 << 30),
    "chacha with zeros": lambda: chacha(0, nonce=bytes(12)),
}


def find(data: bytes) -> list[KeyFinding]:
    return [one for detector in DETECTORS for one in detector.find(Image("memory", data), KnownKeys())]


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("offset", [0, 1, 1021])
def test_a_key_is_found_in_its_format(name: str, offset: int) -> None:
    data, what, severity = FOUND[name]
    (found,) = find(bytes(offset) + data + bytes(70))
    assert (found.what, found.severity) == (what, severity)
    assert offset <= found.where[0].offset <= offset + 64


@pytest.mark.parametrize("name", NEAR)
def test_what_does_not_agree_is_no_key(name: str) -> None:
    assert not find(NEAR[name]() + bytes(70))


@pytest.mark.parametrize("name", [name for name in FOUND if "encrypted" not in name and name != "jks"])
def test_a_key_that_is_cut_is_none_and_nothing_fails(name: str) -> None:
    data = FOUND[name][0]
    for cut in range(0, len(data) - 200, 61):
        assert not find(data[:cut])


def test_a_store_with_an_empty_passphrase_is_an_open_one() -> None:
    data = pkcs12.serialize_key_and_certificates(b"me", PRIVATE, None, None, serialization.NoEncryption())
    whole = [one for one in find(data) if one.what == "private key (PKCS#12 store)"]
    assert [one.severity for one in whole] == [Severity.TOTAL]


def test_the_key_of_a_java_store_is_what_the_store_holds() -> None:
    ((at, content),) = private_keys(jks())
    assert jks()[at : at + len(content)] == content
    assert describe(content) is None  # it is encrypted by an algorithm of Java's own


def test_utf16_is_read() -> None:
    for name in ("xml", "ppk 2", "pgp"):
        data, what, _ = FOUND[name]
        assert [one.what for one in find(b"\0\n" + data.decode().encode("utf-16-le"))] == [what]


def test_no_finding_shows_a_key() -> None:
    said = "".join(repr(find(data)) for data, _, _ in FOUND.values())
    assert not any(f"{number:x}"[at : at + 8] in said for number in (KEY.d, KEY.p) for at in range(0, 240, 3))
    assert b64(KEY.d)[:12] not in said
