"""Private keys in their written formats: PEM, DER, OpenSSH, JWK."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import DETECTORS, KnownKeys, private_key

RSA = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
P521 = ec.generate_private_key(ec.SECP521R1())
DSA = dsa.generate_private_key(1024)
ED = ed25519.Ed25519PrivateKey.generate()
KEYS: dict[str, Any] = {
    "RSA": RSA,
    "P256": P256,
    "P521": P521,
    "DSA": DSA,
    "ED": ED,
    "X": x25519.X25519PrivateKey.generate(),
}
SECRET = BestAvailableEncryption(b"passphrase")
PLAIN = NoEncryption()
PEM, DER = Encoding.PEM, Encoding.DER
PKCS8, OLD, SSH = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL, PrivateFormat.OpenSSH

CASES = {
    "RSA-2048 private key (PKCS#8)": ("RSA", DER, PKCS8),
    "RSA-2048 private key (PKCS#1)": ("RSA", DER, OLD),
    "EC private key (PKCS#8) on secp256r1": ("P256", DER, PKCS8),
    "EC private key (SEC 1) on secp256r1": ("P256", DER, OLD),
    "EC private key (SEC 1) on secp521r1": ("P521", DER, OLD),
    "DSA-1024 private key (PKCS#8)": ("DSA", DER, PKCS8),
    "DSA-1024 private key": ("DSA", DER, OLD),
    "Ed25519 private key (PKCS#8)": ("ED", DER, PKCS8),
    "X25519 private key (PKCS#8)": ("X", DER, PKCS8),
    "RSA-2048 private key (PKCS#8), PEM": ("RSA", PEM, PKCS8),
    "RSA-2048 private key (PKCS#1), PEM": ("RSA", PEM, OLD),
    "EC private key (PKCS#8) on secp521r1, PEM": ("P521", PEM, PKCS8),
    "EC private key (SEC 1) on secp256r1, PEM": ("P256", PEM, OLD),
    "Ed25519 private key (PKCS#8), PEM": ("ED", PEM, PKCS8),
    "OpenSSH ssh-rsa private key, PEM": ("RSA", PEM, SSH),
    "OpenSSH ssh-ed25519 private key, PEM": ("ED", PEM, SSH),
    "OpenSSH ecdsa-sha2-nistp256 private key, PEM": ("P256", PEM, SSH),
}


def written(case: str) -> bytes:
    name, encoding, form = CASES[case]
    data: bytes = KEYS[name].private_bytes(encoding, form, PLAIN)
    return data


def find(data: bytes) -> list[KeyFinding]:
    image = Image("core", data)
    return [finding for detector in DETECTORS for finding in detector.find(image, KnownKeys())]


def around(data: bytes, offset: int = 1001) -> bytes:
    memory = random.Random(5).randbytes(8192) + bytes(8192)
    return memory[:offset] + data + memory[offset:]


def names(data: bytes) -> list[str]:
    return [finding.what for finding in find(data)]


def escaped(pem: bytes) -> bytes:
    return json.dumps(pem.decode()).encode()


def windows_lines(pem: bytes) -> bytes:
    return pem.replace(b"\n", b"\r\n")


def utf16(pem: bytes) -> bytes:
    return pem.decode().encode("utf-16-le")


def without_its_end(pem: bytes) -> bytes:
    return pem[: pem.index(b"-----END")] + bytes(9)


@pytest.mark.parametrize("case", CASES)
def test_a_private_key_is_found_described_and_placed_and_nothing_in_the_twin(case: str) -> None:
    data = written(case)
    (found,) = find(around(data))
    assert (found.what, found.severity) == (case, Severity.TOTAL)
    assert found.where[0].offset == 1001
    assert not find(around(b""))


@pytest.mark.parametrize("case", [case for case in CASES if case.endswith("PEM")])
@pytest.mark.parametrize("form", [escaped, windows_lines, utf16, without_its_end])
def test_pem_is_found_as_it_lies_in_strings_and_logs(case: str, form: Callable[[bytes], bytes]) -> None:
    assert names(around(form(written(case)))) == [case]


@pytest.mark.parametrize("case", CASES)
def test_a_key_with_a_wrong_byte_is_no_key(case: str) -> None:
    data = bytearray(written(case))
    text = case.endswith("PEM")
    # Of RSA keys n and d together, since either alone leaves numbers that agree.
    places = (len(data) // 8, len(data) * 3 // 8) if case.startswith("RSA") else (len(data) // 2,)
    for place in places:
        data[place : place + 4] = b"AAAA" if text else bytes(byte ^ 0x5A for byte in data[place : place + 4])
    # X25519, Ed25519: any 32 bytes are a private key, so the wrong byte goes into the structure.
    if "25519" in case:
        data[47 if text else 14] ^= 1
    # OpenSSH repeats the public key; what is wrong there is the check word.
    if case.startswith("OpenSSH"):
        body = bytearray(base64.b64decode(b"".join(bytes(written(case)).split(b"\n")[1:-2])))
        kind = case.split()[1].encode()
        body[body.rindex(kind) - 5] ^= 1
        data = bytearray(b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + base64.b64encode(body) + b"\n")
    assert not find(around(bytes(data)))


@pytest.mark.parametrize("cut", [10, 40, 200, 350])
def test_a_key_that_is_cut_before_its_private_numbers_is_no_key(cut: int) -> None:
    for case in (
        "RSA-2048 private key (PKCS#8)",
        "RSA-2048 private key (PKCS#1), PEM",
        "OpenSSH ssh-rsa private key, PEM",
    ):
        assert not find(written(case)[:cut])


@pytest.mark.parametrize("name", ["RSA", "P256", "ED"])
def test_an_encrypted_key_is_as_safe_as_its_passphrase(name: str) -> None:
    (found,) = find(around(KEYS[name].private_bytes(PEM, PKCS8, SECRET)))
    assert found.what == "encrypted private key (PKCS#8), PEM"
    assert found.severity is Severity.MEDIUM
    assert "passphrase" in found.reason


@pytest.mark.parametrize("name", ["RSA", "P256"])
def test_the_older_encrypted_pem_is_recognised(name: str) -> None:
    (found,) = find(around(KEYS[name].private_bytes(PEM, OLD, SECRET)))
    assert found.what.startswith("encrypted ")
    assert found.severity is Severity.MEDIUM


def test_an_encrypted_openssh_key_is_recognised() -> None:
    # `cryptography` needs the package bcrypt to write one: here is its frame, with what bcrypt would have enciphered.
    def string(data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + data

    public = string(b"ssh-ed25519") + string(bytes(range(32)))
    options = string(bytes(16)) + (16).to_bytes(4, "big")
    frame = b"openssh-key-v1\0" + string(b"aes256-ctr") + string(b"bcrypt") + string(options) + (1).to_bytes(4, "big")
    data = frame + string(public) + string(random.Random(1).randbytes(160))
    (found,) = find(around(data))
    assert (found.what, found.severity) == ("encrypted OpenSSH ssh-ed25519 private key", Severity.MEDIUM)


HEADERS = [
    b"-----BEGIN PRIVATE KEY-----",
    b"-----BEGIN RSA PRIVATE KEY-----\n",
    b"-----BEGIN ENCRYPTED PRIVATE KEY-----\0-----END ENCRYPTED PRIVATE KEY-----\0",
    b"-----BEGIN OPENSSH PRIVATE KEY-----\nopenssh-key-v1\0",
    b"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIAAAAAAA\n-----END EC PRIVATE KEY-----",
    b"-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq\n",
    b'{"kty": "RSA", "d": "..."}',
    b'{"kty":"EC","crv":"P-256","d":"AAAA","x":"AAAA","y":"AAAA"}',
    b"openssh-key-v1\0" + bytes(100),
    bytes.fromhex("308204a4020100") + bytes(2000),
    bytes.fromhex("308204a40201000282010100") + bytes(2000),
    b"0w\x02\x01\x01\x04\x20" + bytes(200),
]


@pytest.mark.parametrize("header", HEADERS)
def test_the_headers_that_lie_in_libraries_are_no_finding(header: bytes) -> None:
    assert not find(around(header))


def test_public_keys_and_requests_are_no_finding() -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import PublicFormat

    request = x509.CertificateSigningRequestBuilder(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a host")])
    ).sign(RSA, hashes.SHA256())
    public = RSA.public_key().public_bytes(DER, PublicFormat.SubjectPublicKeyInfo)
    assert not find(request.public_bytes(DER) + public + request.public_bytes(PEM))


def test_a_key_of_a_pkcs8_key_is_not_reported_twice_and_two_keys_are_two() -> None:
    one = RSA.private_bytes(DER, PKCS8, PLAIN)
    two = OTHER.private_bytes(DER, PKCS8, PLAIN)
    found = find(one + b"xx" + two + one)
    assert [len(key.where) for key in found] == [2, 1]


def number(value: int, size: int | None = None) -> str:
    data = value.to_bytes(size or (value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwk(name: str) -> dict[str, str]:
    if name == "RSA":
        private = RSA.private_numbers()
        public = private.public_numbers
        members = {"n": public.n, "e": public.e, "d": private.d, "p": private.p, "q": private.q}
        return {"kty": "RSA", "kid": "a"} | {member: number(value) for member, value in members.items()}
    if name == "EC":
        numbers = P256.private_numbers()
        x, y = numbers.public_numbers.x, numbers.public_numbers.y
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": number(x, 32),
            "y": number(y, 32),
            "d": number(numbers.private_value, 32),
        }
    key: Any = ED if name == "Ed25519" else ed448.Ed448PrivateKey.generate()
    x, d = key.public_key().public_bytes_raw(), key.private_bytes_raw()
    member = {"x": int.from_bytes(x, "big"), "d": int.from_bytes(d, "big")}
    return {"kty": "OKP", "crv": name} | {which: number(value, len(x)) for which, value in member.items()}


JWKS = {
    "RSA": "RSA-2048 private key (JWK)",
    "EC": "EC private key on P-256 (JWK)",
    "Ed25519": "Ed25519 private key (JWK)",
    "Ed448": "Ed448 private key (JWK)",
}


@pytest.mark.parametrize("name", JWKS)
def test_a_private_jwk_is_found_alone_in_a_set_in_utf16_and_in_a_string(name: str) -> None:
    text = json.dumps(jwk(name))
    in_a_set = json.dumps({"keys": [{"kty": "RSA", "n": "AQAB"}, jwk(name)]}, indent=2)
    for data in (text.encode(), in_a_set.encode(), text.encode("utf-16-le"), json.dumps({"body": text}).encode()):
        assert names(around(data)) == [JWKS[name]]


@pytest.mark.parametrize("name", JWKS)
def test_a_jwk_whose_numbers_do_not_agree_or_without_private_members_is_none(name: str) -> None:
    good = jwk(name)
    public = {member: value for member, value in good.items() if member not in "dpq"}
    changed = good | {one: ("B" if good[one][0] != "B" else "C") + good[one][1:] for one in "dpq" if one in good}
    assert not find(json.dumps(public).encode())
    assert not find(json.dumps(changed).encode())


@pytest.mark.parametrize("name", JWKS)
def test_a_jwk_that_is_cut_off_behind_its_numbers_is_found(name: str) -> None:
    assert names(json.dumps(jwk(name)).encode()[:-2]) == [JWKS[name]]


def test_an_rsa_jwk_without_primes_is_checked_by_its_exponents() -> None:
    good = {member: value for member, value in jwk("RSA").items() if member not in "pq"}
    assert names(json.dumps(good).encode()) == ["RSA-2048 private key (JWK)"]
    assert not find(json.dumps(good | {"d": good["n"]}).encode())


def test_a_symmetric_jwk_is_found_and_a_placeholder_is_not() -> None:
    secret = base64.urlsafe_b64encode(random.Random(1).randbytes(32)).decode().rstrip("=")
    assert names(json.dumps({"kty": "oct", "k": secret}).encode()) == ["symmetric key of 256 bits (JWK)"]
    assert not find(json.dumps({"kty": "oct", "k": "A" * 43}).encode())


def test_without_the_library_the_structure_is_checked_and_the_finding_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_key, "library", lambda: None)
    (elliptic,) = find(around(written("EC private key (PKCS#8) on secp256r1")))
    assert "only its structure was checked" in elliptic.reason
    assert "extra `scan`" in elliptic.reason
    (numbers,) = find(around(written("RSA-2048 private key (PKCS#8)")))
    assert numbers.reason == private_key.CHECKED
    assert not find(written("EC private key (SEC 1) on secp256r1")[:-3])


BEGINNINGS = [
    b"eyJ",
    b"eyJhbGciOi.eyJ",
    b'{"kty":1 ',
    b'"kty"',
    b"-----BEGIN ",
    b"-----BEGIN PRIVATE KEY-----AAAA",
    b"openssh-key-v1\0",
    bytes.fromhex("3082ffff020100020100"),
    bytes.fromhex("30820100020100300c"),
    b"ghp_",
    b"AGE-SECRET-KEY-1",
    b"5K",
]


@pytest.mark.parametrize("unit", BEGINNINGS)
def test_a_beginning_that_is_repeated_all_over_ends_and_finds_nothing(unit: bytes) -> None:
    assert not find(unit * (200_000 // len(unit)))


def test_no_finding_shows_any_part_of_a_key() -> None:
    for case in CASES:
        data = written(case)
        said = repr(find(data)).encode()
        assert not any(data[at : at + 10] in said for at in range(40, len(data) - 50, 5))
