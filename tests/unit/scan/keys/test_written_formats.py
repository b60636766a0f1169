"""Formats of Windows, PuTTY, Java, PKCS#12, OpenPGP, and ChaCha20's state. The keys are made by `cryptography`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from key_writers import (
    DAMAGED,
    ELLIPTIC,
    KEY,
    NOISE,
    PRIVATE,
    N,
    b64,
    capi,
    chacha,
    cng,
    cng_elliptic,
    jks,
    pfx,
    pgp,
    ppk,
    xml,
)

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import DETECTORS, KnownKeys
from redactfuzz.scan.keys.der_key import describe
from redactfuzz.scan.keys.written.java_stores import keys

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
    "ppk 2": lambda: ppk(2, wrong=b"x", seed=NOISE[:32]),
    "ppk 3": lambda: ppk(3, wrong=b"x", seed=NOISE[:32]),
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
    ((at, content, private),) = keys(jks())
    assert private
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
