"""Keys in DER whose bytes were written as characters are found: by JavaScript and Python, and in dumps of MySQL."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import DETECTORS, KnownKeys
from redactfuzz.scan.keys.written.der_texts import DerTexts

PASSPHRASE = BestAvailableEncryption(b"of a test")
ESCAPED = {0: b"\\0", 10: b"\\n", 13: b"\\r", 26: b"\\Z", 34: b'\\"', 39: b"\\'", 92: b"\\\\"}


def der(key: Any, form: PrivateFormat = PrivateFormat.PKCS8, encryption: Any = None) -> bytes:
    return bytes(key.private_bytes(Encoding.DER, form, encryption or NoEncryption()))


def public(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


RSA, EC, ED = (
    rsa.generate_private_key(65537, 2048),
    ec.generate_private_key(ec.SECP256R1()),
    ed25519.Ed25519PrivateKey.generate(),
)
TRADITIONAL = PrivateFormat.TraditionalOpenSSL
KEYS = {
    "RSA-2048 private key (PKCS#8)": der(RSA),
    "RSA-2048 private key (PKCS#1)": der(RSA, TRADITIONAL),
    "EC private key (PKCS#8) on secp256r1": der(EC),
    "EC private key (SEC 1) on secp256r1": der(EC, TRADITIONAL),
    "Ed25519 private key (PKCS#8)": der(ED),
    "encrypted private key (PKCS#8)": der(EC, encryption=PASSPHRASE),
    "private key (PKCS#12 store)": pkcs12.serialize_key_and_certificates(b"of a test", EC, None, None, PASSPHRASE),
}


def text(data: bytes) -> str:
    """A string whose characters are the bytes."""
    return data.decode("latin-1")


def mysqldump(data: bytes) -> bytes:
    return b"INSERT INTO t VALUES (1,_binary '%b','x');\n" % b"".join(ESCAPED.get(one, bytes([one])) for one in data)


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "JSON": lambda data: json.dumps({"key": text(data)}).encode(),
    "JSON in upper case": lambda data: re.sub(
        r"(?<=\\u00)..", lambda digits: digits[0].upper(), json.dumps({"key": text(data)})
    ).encode(),
    "JSON beyond ASCII": lambda data: json.dumps({"key": text(data)}, ensure_ascii=False).encode(),
    "utf-8": lambda data: text(data).encode(),
    "utf-16": lambda data: text(data).encode("utf-16-le"),
    "utf-16, the high byte first": lambda data: text(data).encode("utf-16-be"),
    "mysqldump": mysqldump,
}
IN_UTF_16_NOT = "RSA-2048 private key (PKCS#1)"
"""Nothing in it is rare enough there (docs/keys.md)."""


def found(data: bytes) -> list[str]:
    image = Image("a dump", b"\xff before it \xff" + data + b"\xff\xff behind")
    return [one.what for detector in DETECTORS for one in detector.find(image, KnownKeys())]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("what", KEYS)
def test_a_key_whose_bytes_are_characters_is_found(form: str, what: str) -> None:
    if form.startswith("utf-16") and what == IN_UTF_16_NOT:
        return
    told = found(FORMS[form](KEYS[what]))
    # Of Ed25519 any 32 bytes are a key, so that those of utf-8 are one as well.
    assert [one for one in told if one.startswith(f"{what} in ")] or told == [what]
    assert len(told) == 1 or what.startswith("Ed25519")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key", [RSA, EC, ED], ids=["RSA", "EC", "Ed25519"])
def test_its_public_key_is_nothing(form: str, key: Any) -> None:
    assert found(FORMS[form](public(key))) == []


@pytest.mark.parametrize("what", KEYS)
def test_what_python_shows_of_such_a_string_is_read_once_its_escapes_are_taken_back(what: str) -> None:
    shown = repr(text(KEYS[what])).encode().decode("unicode_escape")  # each byte is one character, those of utf-8 too
    assert [one.split(" in ")[0] for one in found(shown.encode("latin-1"))][:1] == [what] or "PKCS#12" in what


def test_where_it_lies_is_where_it_is_written() -> None:
    data = KEYS["EC private key (PKCS#8) on secp256r1"]
    written = text(data).encode()
    image = Image("a dump", b"\xff" * 100 + written + b"\xff" * 100)
    [where] = [one.where[0] for detector in DETECTORS for one in detector.find(image, KnownKeys())]
    assert where.offset == 100
    assert len(written) - 1 <= where.length <= len(written)


def test_gzip_in_a_string_of_mysql_is_not_opened_and_that_is_told() -> None:
    def told(data: bytes) -> list[int | None]:
        return [gap.offset for gap in DerTexts().find(Image("a dump", b"ab" + data), KnownKeys()).unread]

    packed = gzip.compress(b"of a test " * 20, mtime=1764509821)
    assert told(mysqldump(packed)) == [2 + mysqldump(packed).index(packed[:3])]
    assert told(packed) == told(mysqldump(b"of a test \0\0")) == []
