from __future__ import annotations

import base64
import datetime
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys, Modulus, UnusableKey, parse_known, read_known
from redactfuzz.scan.matcher_set import MatcherSet

KEY = rsa.generate_private_key(65537, 2048)
N = KEY.public_key().public_numbers().n
OTHER = ec.generate_private_key(ec.BrainpoolP256R1())


def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "signer")])
    day = datetime.datetime(2026, 1, 1)
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), 7, day, day + datetime.timedelta(1))
    return builder.add_extension(x509.BasicConstraints(True, 0), True).sign(KEY, hashes.SHA256())


def text(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


JWK = {"kty": "RSA", "kid": "2026-a", "n": text(N), "e": "AQAB"}
PUBLIC = KEY.public_key()
PRIVATE = KEY.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
LINE = PUBLIC.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)


def request() -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "signer")])
    return x509.CertificateSigningRequestBuilder(name).sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


def rfc4716() -> bytes:
    text = LINE.split()[1]
    lines = b"\n".join(text[at : at + 70] for at in range(0, len(text), 70))
    head = b'Comment: "a key, \\\nof mine"\n'
    return b"---- BEGIN SSH2 PUBLIC KEY ----\n" + head + lines + b"\n---- END SSH2 PUBLIC KEY ----\n"


FORMS = {
    "jwk": json.dumps(JWK).encode(),
    "jwks": json.dumps({"keys": [{"kty": "EC"}, JWK]}).encode(),
    "spki pem": PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "pkcs8 pem of the private key": PRIVATE,
    "spki der": PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "pkcs1 pem": PUBLIC.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
    "pkcs1 der": PUBLIC.public_bytes(Encoding.DER, PublicFormat.PKCS1),
    "certificate pem": b"Subject: signer\n" + certificate().public_bytes(Encoding.PEM),
    "certificate der": certificate().public_bytes(Encoding.DER),
    "openssh": PUBLIC.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b" me@host\n",
    "authorized_keys": b'# keys\nno-pty,from="10.0.0.1" '
    + PUBLIC.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    + b"\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl other\n",
    "a request": request(),
    "pem of PowerShell": PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode().encode("utf-16"),
    "rfc 4716": rfc4716(),
    "decimal": str(N).encode() + b"\n",
    "hex": hex(N).encode(),
    "openssl rsa -modulus": f"Modulus={N:X}\n".encode(),
    "colons": b":".join(f"{byte:02x}".encode() for byte in N.to_bytes(256, "big")),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_modulus_is_read_from_every_form_of_a_public_key(form: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(FORMS[form])
    (modulus,) = read_known(path).moduli
    assert (modulus.n, modulus.e, modulus.bits, modulus.prime_bits) == (N, 65537, 2048, 1024)
    assert modulus.name.startswith("key")


def test_a_key_of_a_set_is_called_by_its_kid() -> None:
    assert [key.name for key in parse_known(FORMS["jwks"], "keys.json").moduli] == ["keys.json: 2026-a"]


SPKI = OTHER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
MIXED = {
    "jwks": (json.dumps([{"kty": "EC", "crv": "BP-256", "x": "AA"}, JWK, 7, {"kty": "oct", "kid": "b"}]).encode(),
             ("k: key 0", "k: key 2", "k: b")),
    "jwks, in the wrong case": (json.dumps({"keys": [{**JWK, "kty": "rsa", "kid": 3}, JWK]}).encode(), ("k: key 0",)),
    "pem": (FORMS["spki pem"] + SPKI, ("k: block 2",)),
    "openssh": (FORMS["openssh"] + b"ssh-dss AAAAB3NzaC1kc3MAAAAA me\n", ("k: key 2",)),
    "all are looked for": (FORMS["openssh"] + FORMS["authorized_keys"], ()),
}  # fmt: skip


@pytest.mark.parametrize("case", MIXED)
def test_keys_that_are_not_looked_for_are_named_beside_those_that_are(case: str, tmp_path: Path) -> None:
    data, passed = MIXED[case]
    known = parse_known(data, "k")
    assert known.passed == passed
    assert {key.n for key in known.moduli} == {N}
    assert (known + KnownKeys(passed=("another",))).passed == (*passed, "another")
    (tmp_path / "dump").write_bytes(b"nothing of interest\n")
    report = scan_dump(tmp_path / "dump", ScanRequest(planted(), known))
    assert [gap.reason.split(" is not looked for")[0] for gap in report.skipped] == [
        f"the private half of {name}" for name in passed
    ]
    assert report.complete


def planted() -> MatcherSet:
    matcher_set = MatcherSet()
    matcher_set.plant((), [])
    return matcher_set


ENCRYPTED = KEY.private_bytes(
    Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
)
BAD = {
    "empty": (b" \n", "is empty"),
    "openssh, cut off": (FORMS["openssh"].split(b" me@")[0][:-40], "begins like a public key of OpenSSH"),
    "openssh, of another kind inside": (b"ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAABAAAAAAAAAAA", "like a public key|holds no"),
    "text": (b"hello, world", "neither JSON, PEM, DER, OpenSSH nor a number"),
    "damaged json": (b'{"keys": [', "begins like JSON and is none .line 1, column 11"),
    "deep json": (b"[" * 100_000, "begins like JSON"),
    "keys is no list": (b'{"keys": 7}', "is a list"),
    "no key in the set that is looked for": (b'{"keys": [{"kty": "oct"}]}', "holds no public key whose private"),
    "n is missing": (b'{"kty": "RSA", "e": "AQAB"}', '"n" is no base64url number'),
    "cut pem": (FORMS["spki pem"][:200], "begins and does not end"),
    "encrypted private pem": (ENCRYPTED, "holds a ENCRYPTED PRIVATE KEY; give the public key"),
    "pem that is not read": (b"-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----", "holds a PKCS7; .* this is not read"),
    "certificate of openssh": (b"ssh-rsa-cert-v01@openssh.com AAAA me", "certificate of OpenSSH, which is not read"),
    "damaged rfc 4716": (rfc4716().replace(b"AAAA", b"A="), "neither JSON"),
    "half a character of utf-16": (b"\xff\xfea", "neither JSON"),
    "pem of another kind": (
        OTHER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "holds no public key whose private",
    ),
    "der of another kind": (
        OTHER.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "holds no public key whose private",
    ),
    "damaged openssh": (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA= me", "begins like a public key of OpenSSH|holds no"),
    "cut der": (FORMS["spki der"][:-1], "begins like DER"),
    "der of something": (bytes.fromhex("3003020101"), "begins like DER"),
    "damaged pem": (FORMS["spki pem"].replace(b"A", b"=", 1), "spki|base64|DER"),
    "too small": (b"0x" + b"f" * 64, "256 bits; give one of 512"),
    "too large": (b"0x" + b"f" * 8000, "32000 bits"),
    "even": (hex(N - 1).encode(), "is even"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_public_key_is_refused_by_name(case: str) -> None:
    data, message = BAD[case]
    with pytest.raises(UnusableKey, match=message) as caught:
        parse_known(data, "key.file")
    assert "key.file" in str(caught.value)


def test_known_keys_add_up_without_repeating() -> None:
    one, two = KnownKeys((Modulus(N),)), KnownKeys((Modulus(N, name="again"), Modulus(N + 2)))
    assert [key.n for key in (one + two).moduli] == [N, N + 2]


@pytest.mark.parametrize("first", ["a bare modulus", "the key itself"])
def test_the_exponent_of_a_bare_modulus_is_that_of_whoever_tells_it(first: str) -> None:
    numbers = rsa.generate_private_key(3, 1024).public_key().public_numbers()
    bare = parse_known(f"{numbers.n:x}".encode(), "bare")
    told = KnownKeys((Modulus(numbers.n, numbers.e, "told"),))
    assert [modulus.e for modulus in bare.moduli] == [65537]
    (modulus,) = (bare + told if first == "a bare modulus" else told + bare).moduli
    assert modulus.e == 3
    assert modulus.name == ("bare" if first == "a bare modulus" else "told")
    met = KnownKeys((Modulus(numbers.n, numbers.e, "of the dump", asked=False),))
    (modulus,) = (bare + met).moduli
    assert (modulus.e, modulus.asked, modulus.name) == (3, True, "bare")
