"""An empty passphrase is tried on a PKCS#12 store, and none that asks for more rounds than anybody would wait for."""

from __future__ import annotations

import hashlib
import hmac
import random

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.effort import found
from redactfuzz.scan.keys.written.pkcs12 import Pkcs12Stores

KEY = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
SALT, IV = random.Random(3).randbytes(8), random.Random(4).randbytes(16)


def value(tag: int, content: bytes) -> bytes:
    """As DER writes it."""
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, size)) + content if size < 128 else bytes((tag, 0x80 | len(length))) + length + content


def oid(text: str) -> bytes:
    return value(6, bytes.fromhex(text))


PBES2, PBKDF2, SHA256, AES = (
    oid("2a864886f70d01050d"), oid("2a864886f70d01050c"), oid("2a864886f70d0209"), oid("60864801650304012a")
)  # fmt: skip
SHA256_ALONE = oid("608648016503040201")
SCRYPT = oid("2b06010401da47040b")
DATA, SEALED, BAG = oid("2a864886f70d010701"), oid("2a864886f70d010706"), oid("2a864886f70d010c0a0102")


def number(count: int) -> bytes:
    return value(2, count.to_bytes(count.bit_length() // 8 + 1, "big"))


def pbkdf2(rounds: int) -> bytes:
    return value(0x30, PBKDF2 + value(0x30, value(4, SALT) + number(rounds) + value(0x30, SHA256 + b"\5\0")))


def scrypt(n: int, r: int, p: int) -> bytes:
    return value(0x30, SCRYPT + value(0x30, value(4, SALT) + number(n) + number(r) + number(p)))


def algorithm(function: bytes) -> bytes:
    return value(0x30, PBES2 + value(0x30, function + value(0x30, AES + value(4, IV))))


def sealed(passphrase: bytes, rounds: int) -> bytes:
    """A key that is encrypted, as it takes so few rounds."""
    key = hashlib.pbkdf2_hmac("sha256", passphrase, SALT, rounds, 32)
    padded = KEY + bytes([16 - len(KEY) % 16]) * (16 - len(KEY) % 16)
    cipher = Cipher(algorithms.AES(key), modes.CBC(IV)).encryptor()
    return value(0x30, algorithm(pbkdf2(rounds)) + value(4, cipher.update(padded) + cipher.finalize()))


def checksum(content: bytes, passphrase: bytes) -> bytes:
    """That of RFC 7292, of one round."""
    key = hashlib.sha256(b"\3" * 64 + SALT * 8 + (passphrase * 64)[:64]).digest()
    digest = value(0x30, value(0x30, SHA256_ALONE + b"\5\0") + value(4, hmac.digest(key, content, "sha256")))
    return value(0x30, digest + value(4, SALT) + number(1))


def store(
    shrouded: bytes, *others: bytes, nested: bool = False, checked: bytes | None = None, rounds: int = 0
) -> bytes:
    bag = value(0x30, BAG + value(0xA0, shrouded))
    if nested:
        bag = value(0x30, oid("2a864886f70d010c0a0106") + value(0xA0, value(0x30, bag)))
    info = value(0x30, DATA + value(0xA0, value(4, value(0x30, bag))))
    content = value(0x30, info + b"".join(others))
    mac = b"" if checked is None else checksum(content, checked)
    if rounds:
        mac = value(0x30, checksum(content, b"")[4:-3] + number(rounds))
    return value(0x30, number(3) + value(0x30, DATA + value(0xA0, value(4, content))) + mac)


def asking(function: bytes) -> bytes:
    return value(0x30, algorithm(function) + value(4, bytes(48)))


CERTIFICATES = value(0x30, SEALED + value(0xA0, value(0x30, number(0) + value(
    0x30, oid("2a864886f70d010701") + algorithm(pbkdf2(2**31 - 1)) + value(0x80, bytes(64))
))))  # fmt: skip
"""Encrypted as a whole: what is in it, and how many rounds that takes, shows when it is decrypted."""

Passphrase = bytes | None


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The stores that the library was asked to open."""
    stores: list[bytes] = []
    real = pkcs12.load_key_and_certificates

    def load(data: bytes, passphrase: Passphrase) -> object:
        stores.append(data)
        if len(data) > 4096 or b"\x7f\xff\xff\xff" in data:
            raise ValueError("it would take minutes")
        return real(data, passphrase)

    monkeypatch.setattr(pkcs12, "load_key_and_certificates", load)
    return stores


def of(data: bytes) -> Findings:
    return found(Pkcs12Stores(), Image("memory", b"\1\2\3" + data + bytes(9)), KnownKeys())


@pytest.mark.parametrize("others", [(), (CERTIFICATES,)], ids=["alone", "beside certificates"])
def test_a_key_that_an_empty_passphrase_opens_is_in_clear(tried: list[bytes], others: tuple[bytes, ...]) -> None:
    results = {passphrase: of(store(sealed(passphrase, 2048), *others)) for passphrase in (b"", b"x")}
    assert [one.severity for one in results[b""]] == [Severity.TOTAL]
    assert [one.severity for one in results[b"x"]] == [Severity.MEDIUM]
    assert not any(each.gaps for each in results.values())
    assert len(tried) == 2


@pytest.mark.parametrize(("checked", "severity"), [(b"\0\0", "TOTAL"), (b"", "TOTAL"), (b"\0x\0\0", "MEDIUM")])
def test_a_checksum_tells_whether_the_passphrase_is_empty(checked: bytes, severity: str) -> None:
    """Some programs write an empty passphrase as nothing at all."""
    result = of(store(sealed(b"", 2048), CERTIFICATES, checked=checked))
    assert [one.severity.name for one in result] == [severity]
    assert not result.gaps


@pytest.mark.parametrize(
    "data",
    [
        store(asking(pbkdf2(2**31 - 1))),
        store(asking(pbkdf2(2**31 - 1)), nested=True),
        store(asking(scrypt(1 << 20, 1 << 8, 1 << 8))),
        store(asking(pbkdf2(1 << 20) + pbkdf2(9))),
        store(asking(pbkdf2(9)), rounds=2**31 - 1),
    ],
    ids=["PBKDF2", "in a bag of bags", "scrypt", "a sum", "the checksum"],
)
def test_a_store_that_asks_for_too_many_rounds_is_not_tried_and_that_is_a_gap(tried: list[bytes], data: bytes) -> None:
    result = of(data)
    assert [one.severity for one in result] == [Severity.MEDIUM]
    assert tried == []
    assert len(result.gaps) == 1


def test_many_stores_have_so_many_rounds_together(tried: list[bytes]) -> None:
    some = b"".join(store(asking(pbkdf2((1 << 19) + count))) for count in range(12))
    result = of(some)
    assert 0 < len(tried) <= 4
    assert result.gaps
    assert not of(store(asking(pbkdf2(2048)))).gaps
