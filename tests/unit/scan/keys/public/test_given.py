"""Files of several public keys: each is taken, or it is said that it is not."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from redactfuzz.scan.keys import UnusableKey, parse_known

P256, EDWARDS, RSA = (
    ec.generate_private_key(ec.SECP256R1()),
    ed25519.Ed25519PrivateKey.generate(),
    rsa.generate_private_key(65537, 1024),
)
MONTGOMERY, OTHER = x25519.X25519PrivateKey.generate(), ed448.Ed448PrivateKey.generate()
SECRET = BestAvailableEncryption(b"secret")


def pem(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def line(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)) + b"\n"


def private(key: Any, form: PrivateFormat, how: KeySerializationEncryption | None = None) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, form, how or NoEncryption()))


X, Y = P256.public_key().public_numbers().x, P256.public_key().public_numbers().y
FIRST, SECOND = ("P-256", X.to_bytes(32, "big")), ("Ed25519", EDWARDS.public_key().public_bytes_raw())
PEM_OF_P256 = pem(P256)
TAKEN = {
    "PEM and a line of OpenSSH": PEM_OF_P256 + line(EDWARDS),
    "a line of OpenSSH and PEM": line(EDWARDS) + b"\n" + PEM_OF_P256,
    "a tab behind the kind": line(P256) + line(EDWARDS).replace(b" ", b"\t", 1),
    "headers of RFC 1421": PEM_OF_P256 + pem(EDWARDS).replace(b"KEY-----\n", b"KEY-----\nComment: b\n  and c\n\n", 1),
    "another label": pem(EDWARDS) + PEM_OF_P256.replace(b"PUBLIC KEY", b"EC PUBLIC KEY"),
    "indented": b"a: |\n  "
    + PEM_OF_P256.replace(b"\n", b"\n  ")
    + b"\nb: |\n  "
    + pem(EDWARDS).replace(b"\n", b"\n  "),
    "escaped": PEM_OF_P256 + b'"' + pem(EDWARDS).replace(b"\n", b"\\n") + b'"\n',
    "escaped twice": b'"a": "' + b'", "b": "'.join((PEM_OF_P256, pem(EDWARDS))).replace(b"\n", b"\\r\\n") + b'"\n',
    "PKCS#8 beside": PEM_OF_P256 + private(EDWARDS, PrivateFormat.PKCS8),
    "SEC 1 beside": private(P256, PrivateFormat.TraditionalOpenSSL) + line(EDWARDS),
    "OpenSSH's private form beside": PEM_OF_P256 + private(EDWARDS, PrivateFormat.OpenSSH),
    "both halves": PEM_OF_P256 + private(P256, PrivateFormat.PKCS8) + line(EDWARDS) + pem(EDWARDS),
    "parameters": b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    + private(P256, PrivateFormat.TraditionalOpenSSL)
    + line(EDWARDS),
    "a mark of an editor": b"\xef\xbb\xbf" + PEM_OF_P256 + line(EDWARDS),
    "comments": b"# SHA256: " + b"7f" * 32 + b"\n" + PEM_OF_P256 + line(EDWARDS)[:-1] + b" me@host\n",
}


@pytest.mark.parametrize("form", TAKEN)
def test_every_key_of_a_file_is_taken(form: str) -> None:
    known = parse_known(TAKEN[form], "k")
    assert sorted((point.kind, point.public) for point in known.points) == sorted([FIRST, SECOND])
    assert not known.passed


def test_rsa_keys_are_taken_from_their_private_forms_as_well() -> None:
    n = RSA.public_key().public_numbers().n
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL, PrivateFormat.OpenSSH):
        (modulus,) = parse_known(private(RSA, form), "k").moduli
        assert (modulus.n, modulus.e, modulus.name) == (n, 65537, "k")


def test_a_certificate_of_openssl_says_behind_itself_what_it_is_trusted_for() -> None:
    """As ``openssl x509 -addtrust serverAuth -trustout`` writes it: an X509_CERT_AUX stands behind the certificate."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a")])
    begins = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, P256.public_key(), 1, begins, begins + datetime.timedelta(1))
    trusted_for = bytes.fromhex("300c 300a 0608 2b06010505070301")
    data = builder.sign(P256, SHA256()).public_bytes(Encoding.DER) + trusted_for
    label = b"TRUSTED CERTIFICATE-----\n"
    (point,) = parse_known(b"-----BEGIN " + label + base64.encodebytes(data) + b"-----END " + label, "k").points
    assert (point.kind, point.public) == FIRST


CRL = b"-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n"
PASSED = {
    "another PEM": (CRL + PEM_OF_P256, ("k: block 1",)),
    "an encrypted private key": (PEM_OF_P256 + private(EDWARDS, PrivateFormat.PKCS8, SECRET), ("k: block 2",)),
    "a private key of another kind": (private(OTHER, PrivateFormat.PKCS8) + PEM_OF_P256, ("k: block 1",)),
    "an older encrypted one": (
        PEM_OF_P256 + private(RSA, PrivateFormat.TraditionalOpenSSL, SECRET),
        ("k: block 2",),
    ),
    "a certificate of OpenSSH": (
        PEM_OF_P256 + b"ssh-ed25519-cert-v01@openssh.com " + line(EDWARDS).split()[1] + b" me\n",
        ("k: key 1",),
    ),
    "a key in a token": (
        PEM_OF_P256 + b"sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2\n",
        ("k: key 1",),
    ),
    "a modulus": (PEM_OF_P256 + b"a9" * 128 + b"\n" + b"b7" * 128 + b"\n", ("k: line 5 (and 1 more)",)),
}


@pytest.mark.parametrize("case", PASSED)
def test_what_is_not_taken_beside_a_key_is_named(case: str) -> None:
    data, passed = PASSED[case]
    known = parse_known(data, "k")
    assert [(point.kind, point.public) for point in known.points] == [FIRST]
    assert known.passed == passed


def jwk(**members: str) -> bytes:
    return json.dumps({"kty": "EC", "crv": "P-256", **members}).encode()


def number(value: int | bytes) -> str:
    data = value if isinstance(value, bytes) else value.to_bytes(32, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def off(x: int) -> int:
    """One bit is wrong, so that no point has this x."""
    return next(x ^ 1 << bit for bit in range(200) if not _is_x(x ^ 1 << bit))


def _is_x(x: int) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\2" + x.to_bytes(32, "big"))
    except ValueError:
        return False
    return True


DER = P256.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
FLIPPED = line(P256).split()[1][:-3] + b"AA="
P = 2**255 - 19
TWIST = next(u for u in range(2, 99) if pow(u**3 + 486662 * u * u + u, (P - 1) // 2, P) == P - 1)
DAMAGED = {
    "the second block is cut": (PEM_OF_P256 + pem(EDWARDS)[:60], "begins and does not end"),
    "the first block is cut": (pem(EDWARDS)[:60] + b"\n" + PEM_OF_P256, "begins and does not end"),
    "the second block is no base64": (PEM_OF_P256 + pem(EDWARDS).replace(b"MC", b"M*"), "block 2: .* is no base64"),
    "a line is cut": (PEM_OF_P256 + line(EDWARDS)[:-20], "like a public key of OpenSSH and is none"),
    "a line begins otherwise": (PEM_OF_P256 + b"ssh-ed25519 BBBB" + line(EDWARDS)[16:], "like a public key of OpenSSH"),
    "RFC 4716 is damaged": (
        PEM_OF_P256 + b"---- BEGIN SSH2 PUBLIC KEY ----\nA=\n---- END SSH2 PUBLIC KEY ----\n",
        "like a public key of OpenSSH",
    ),
    "a private key is damaged": (PEM_OF_P256 + private(EDWARDS, PrivateFormat.PKCS8).replace(b"MC", b"MD"), "block 2"),
    "so is one of OpenSSH": (
        PEM_OF_P256 + private(EDWARDS, PrivateFormat.OpenSSH).replace(b"b3BlbnNza", b"b3BlbnNzb"),
        "block 2 is a private key of OpenSSH",
    ),
    "no x of a point": (jwk(x=number(off(X)), y=number(Y)), "k: key 0: .* no point of its curve"),
    "no y of a point": (jwk(x=number(X), y=number(Y ^ 1)), "no point of its curve"),
    "an x that is too large": (jwk(x=number(2**256 - 1), y=number(Y)), "no point of its curve"),
    "no point of X25519": (
        json.dumps({"kty": "OKP", "crv": "X25519", "x": number(TWIST.to_bytes(32, "little"))}).encode(),
        "no point of its curve",
    ),
    "a point of Ed25519 that is cut": (
        json.dumps({"kty": "OKP", "crv": "Ed25519", "x": number(SECOND[1][:31])}).encode(),
        "no point of its curve",
    ),
    "other letters than base64url": (jwk(x="*" + number(X), y=number(Y)), '"x" is no base64url number'),
    "no point in DER": (DER[:-1] + bytes((DER[-1] ^ 1,)), "no point of its curve"),
    "no point of OpenSSH": (b"ecdsa-sha2-nistp256 " + FLIPPED + b"\n", "no point of its curve"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_is_damaged_is_an_error_also_beside_a_key(case: str) -> None:
    data, message = DAMAGED[case]
    with pytest.raises(UnusableKey, match=message):
        parse_known(data, "k")


def test_points_that_are_right_are_taken_in_every_form() -> None:
    standard = base64.b64encode(X.to_bytes(32, "big")).decode()
    for data in (jwk(x=number(X), y=number(Y)), jwk(x=number(X)), jwk(x=standard), DER, PEM_OF_P256, line(P256)):
        assert [(point.kind, point.public) for point in parse_known(data, "k").points] == [FIRST]
    short = P256.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    der = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + short
    assert [point.public for point in parse_known(der, "k").points] == [FIRST[1]]
    u = MONTGOMERY.public_key().public_bytes_raw()
    (point,) = parse_known(json.dumps({"kty": "OKP", "crv": "X25519", "x": number(u)}).encode(), "k").points
    assert point.public == u


ONE, TWO = (rsa.generate_private_key(65537, 1024).public_key().public_numbers().n for _ in range(2))


@pytest.mark.parametrize("text", [f"{ONE:x}\n{TWO:x}\n", f"{ONE:#x}\n{TWO:#x}", f"Modulus={ONE:X}\nModulus={TWO:X}\n"])
def test_of_numbers_one_a_line_each_is_taken(text: str) -> None:
    found = {modulus.n for modulus in parse_known(text.encode(), "k").moduli}
    assert {ONE, TWO} <= found <= {ONE, TWO, int(f"{ONE:x}{TWO:x}", 16)}


def test_a_number_on_several_lines_is_taken_as_a_whole() -> None:
    digits = f"{ONE:x}"
    for size in (64, 60, 128):
        text = "\n".join(digits[at : at + size] for at in range(0, len(digits), size))
        assert ONE in {modulus.n for modulus in parse_known(text.encode(), "k").moduli}
