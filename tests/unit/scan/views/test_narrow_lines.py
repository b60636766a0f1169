"""A key in PEM that was folded narrower than its label is found, whatever its kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

PRIVATE = rsa.generate_private_key(65537, 2048)
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
FORMATS = {
    "OpenSSH": PrivateFormat.OpenSSH,
    "PKCS#8": PrivateFormat.PKCS8,
    "traditional": PrivateFormat.TraditionalOpenSSL,
}


def folded(text: str, width: int, end: str = "\n") -> str:
    """As ``fold -w`` does it."""
    return end.join(line[at : at + width] for line in text.splitlines() for at in range(0, len(line), width)) + end


def keys(folder: Path, text: str) -> int:
    (folder / "dump").write_text(text)
    return len(scan_dump(folder / "dump", ScanRequest(MatcherSet(), KnownKeys())).keys)


@pytest.mark.parametrize("width", [16, 20, 26, 34])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("key", [PRIVATE, ELLIPTIC], ids=["RSA", "EC"])
def test_a_key_in_narrow_lines_is_found(key: rsa.RSAPrivateKey, form: str, width: int, tmp_path: Path) -> None:
    text = key.private_bytes(Encoding.PEM, FORMATS[form], NoEncryption()).decode()
    assert keys(tmp_path, f"a note\n{folded(text, width)}behind\n") == 1


def test_so_it_is_with_breaks_of_windows(tmp_path: Path) -> None:
    text = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert keys(tmp_path, folded(text, 24, "\r\n")) == 1


def test_a_public_key_in_narrow_lines_is_nothing(tmp_path: Path) -> None:
    text = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert keys(tmp_path, folded(text, 20)) == 0
