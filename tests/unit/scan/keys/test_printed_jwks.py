"""JSON Web Keys as programs print them, and keys of which a member is missing that follows from the others."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import DETECTORS, KnownKeys
from redactfuzz.scan.keys.private_key import UNREAD
from redactfuzz.scan.keys.written import printed_jwks
from redactfuzz.scan.keys.written.printed_jwks import JwkKeys

Key = dict[str, str]


def b64(number: int | bytes, size: int = 0) -> str:
    data = number if isinstance(number, bytes) else number.to_bytes(size or (number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def rsa_key() -> Key:
    numbers = rsa.generate_private_key(65537, 2048).private_numbers()
    public = numbers.public_numbers
    members = {"n": public.n, "e": public.e, "d": numbers.d, "p": numbers.p, "q": numbers.q}
    return {"kty": "RSA", "kid": "of-2026", "use": "sig"} | {name: b64(value) for name, value in members.items()}


def ec_key() -> Key:
    numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    point = numbers.public_numbers
    values = {"x": b64(point.x, 32), "y": b64(point.y, 32), "d": b64(numbers.private_value, 32)}
    return {"kty": "EC", "crv": "P-256"} | values


def ed_key() -> Key:
    key = ed25519.Ed25519PrivateKey.generate()
    public = b64(key.public_key().public_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "d": b64(key.private_bytes_raw()), "x": public}


KEYS = {
    "RSA-2048 private key (JWK)": rsa_key(),
    "EC private key on P-256 (JWK)": ec_key(),
    "Ed25519 private key (JWK)": ed_key(),
    "symmetric key of 256 bits (JWK)": {"kty": "oct", "k": b64(random.Random(1).randbytes(32))},
}
PRINTED: dict[str, Callable[[Key], str]] = {
    "Python": repr,
    "Python, of bytes": lambda key: repr({name: value.encode() for name, value in key.items()}),
    "a list in Python, with a public key": lambda key: repr([{"kty": "RSA", "n": "AQAB"}, key, {"kty": "EC"}]),
    "Node": lambda key: "{\n" + ",\n".join(f"  {name}: '{value}'" for name, value in key.items()) + "\n}",
    "Node, in another order": lambda key: "{ " + ", ".join(f"{name}: '{key[name]}'" for name in sorted(key)) + " }",
    "Go": lambda key: f"map[{' '.join(f'{name}:{key[name]}' for name in sorted(key))}]",
    "Java": lambda key: "{" + ", ".join(f"{name}={value}" for name, value in key.items()) + "}",
    "Ruby": lambda key: "{" + ", ".join(f'"{name}"=>"{value}"' for name, value in key.items()) + "}",
    "YAML": lambda key: "key:\n" + "".join(f"  {name}: {value}\n" for name, value in key.items()),
    "JSON with padding": lambda key: json.dumps({name: padded(value) for name, value in key.items()}),
}


def padded(value: str) -> str:
    return value + "=" * (-len(value) % 4) if len(value) > 30 else value


def found(text: str | bytes) -> list[tuple[str, str]]:
    image = Image("a log", text if isinstance(text, bytes) else text.encode())
    return [(one.what, one.reason) for detector in DETECTORS for one in detector.find(image, KnownKeys())]


def whats(text: str | bytes) -> list[str]:
    return [what for what, _ in found(text)]


@pytest.mark.parametrize("form", PRINTED)
def test_a_key_that_is_printed_is_found(form: str) -> None:
    for what, key in KEYS.items():
        text = f"DEBUG the key is {PRINTED[form](key)}\nand so on\n"
        assert whats(text) == [what]
        assert whats(text.encode("utf-16-le")) == [what]


@pytest.mark.parametrize("form", PRINTED)
def test_a_key_that_is_public_or_does_not_agree_is_none(form: str) -> None:
    for key in list(KEYS.values())[:3]:
        public = {name: value for name, value in key.items() if name not in "dpq"}
        changed = (
            key
            | {"d": ("B" if key["d"][0] != "B" else "C") + key["d"][1:]}
            | ({"p": "AQAB", "q": "AQAB"} if "p" in key else {})  # one of them alone proves the key
        )
        assert not whats(PRINTED[form](public))
        assert not whats(PRINTED[form](changed))


def test_a_member_that_follows_from_the_others_need_not_be_there() -> None:
    whole = KEYS["RSA-2048 private key (JWK)"]
    for missing in ("d", "dq", "pq", "dp"):
        key = {name: value for name, value in whole.items() if name not in missing}
        assert whats(json.dumps(key)) == ["RSA-2048 private key (JWK)"]
    for what in ("EC private key on P-256 (JWK)", "Ed25519 private key (JWK)"):
        key = {name: value for name, value in KEYS[what].items() if name not in "xy"}
        assert found(json.dumps(key)) == [(what, UNREAD)]
        assert not found(json.dumps(key | {"d": "A" * 43}))
        assert not found(json.dumps(key | {"d": key["d"][:-3]}))


@pytest.mark.parametrize(
    "text",
    [
        "kty: RSA\nd: the private exponent\nn: the modulus\n" * 9,
        "The member kty = oct says that k: is a symmetric key",
        "{'kty': 'oct', 'k': 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}",
        "{'kty': 'oct'}, {'alg': 'HS256'}",
        "kty:" * 20_000,
        "kty=RSA n=AQAB d=" * 5_000,
        "kty" * 30_000,
    ],
)
def test_words_about_keys_are_none(text: str) -> None:
    assert not whats(text)


def test_each_text_is_read_once_whatever_stands_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    real = printed_jwks.text_at

    def counted(data: bytes, offset: int, width: int, limit: int) -> bytes:
        nonlocal read
        text = real(data, offset, width, limit)
        read += width * len(text)
        return text

    monkeypatch.setattr(printed_jwks, "text_at", counted)
    data = (b"kty:A " + "kty:A ".encode("utf-16-le")) * 400
    assert not list(JwkKeys().find(Image("a log", data), KnownKeys()))
    assert len(data) < read < 5 * len(data)


@pytest.mark.parametrize("inside", ["kty", "Kty"])
def test_the_letters_of_the_word_in_the_middle_of_a_number_are_none(inside: str) -> None:
    rng = random.Random(3)
    secret = b64(rng.randbytes(24)) + inside + "A" + b64(rng.randbytes(24))
    before, behind = f"{{'k': '{secret}', 'kty': 'oct'}}", f"{{'kty': 'oct', 'k': '{secret}'}}"
    for text in (before, behind):
        (what,) = whats(f"DEBUG {text}\n")
        assert what.startswith("symmetric key of ")
        assert what == whats(f"DEBUG {text.replace(secret, b64(rng.randbytes(51)))}\n")[0]
