"""A JSON Web Key that a program parsed is found by its numbers, each a string of its own; public ones are nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Iterable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.written.printed_jwks import JwkKeys

Key = dict[str, str]
PRIVATE = ("d", "p", "q")


def url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def number(value: int, size: int) -> str:
    return url(value.to_bytes(size, "big"))


def rsa_key(bits: int) -> Key:
    private = rsa.generate_private_key(65537, bits).private_numbers()
    values = {"n": private.public_numbers.n, "d": private.d, "p": private.p, "q": private.q}
    sizes = {"n": bits // 8, "d": bits // 8, "p": bits // 16, "q": bits // 16}
    return {"kty": "RSA", "e": "AQAB"} | {name: number(value, sizes[name]) for name, value in values.items()}


def curve_key(curve: Any, name: str, size: int) -> Key:
    private = ec.generate_private_key(curve).private_numbers()
    values = {"x": private.public_numbers.x, "y": private.public_numbers.y, "d": private.private_value}
    return {"kty": "EC", "crv": name} | {member: number(value, size) for member, value in values.items()}


def edwards_key(private: Any, name: str) -> Key:
    return {"kty": "OKP", "crv": name} | {
        "x": url(private.public_key().public_bytes_raw()),
        "d": url(private.private_bytes_raw()),
    }


KEYS = {
    "RSA-1024 private key (JWK)": rsa_key(1024),
    "RSA-2048 private key (JWK)": rsa_key(2048),
    "EC private key on P-256 (JWK)": curve_key(ec.SECP256R1(), "P-256", 32),
    "EC private key on secp256k1 (JWK)": curve_key(ec.SECP256K1(), "secp256k1", 32),
    "EC private key on P-384 (JWK)": curve_key(ec.SECP384R1(), "P-384", 48),
    "EC private key on P-521 (JWK)": curve_key(ec.SECP521R1(), "P-521", 66),
    "Ed25519 private key (JWK)": edwards_key(ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
    "X25519 private key (JWK)": edwards_key(x25519.X25519PrivateKey.generate(), "X25519"),
}


def heap(words: Iterable[str], seed: int = 1, apart: int = 400) -> bytes:
    """Each an object of its own, in any order, among what is no text."""
    noise = random.Random(seed)
    some = list(words)
    return b"".join(
        b"%b\x80%b%b\0" % (noise.randbytes(apart), bytes(7), word.encode()) for word in noise.sample(some, len(some))
    )


def parsed(key: Key, seed: int = 1) -> bytes:
    """What a program holds of it: names and values, in no order."""
    return heap([*key, *key.values()], seed)


def found(data: bytes) -> Findings:
    return JwkKeys().find(Image("a core", data), KnownKeys())


def whats(data: bytes) -> list[str]:
    return [one.what for one in found(data)]


@pytest.mark.parametrize("what", KEYS)
def test_numbers_in_any_order_are_the_key_that_they_are_together(what: str) -> None:
    (whole,) = found(json.dumps(KEYS[what]).encode())
    for seed in range(5):
        shown = found(parsed(KEYS[what], seed))
        assert {(one.what, one.identity) for one in shown} == {(f"{what}, its numbers apart", whole.identity)}
        assert not shown.gaps


@pytest.mark.parametrize("what", KEYS)
def test_a_public_key_and_one_with_another_number_are_nothing(what: str) -> None:
    key = KEYS[what]
    public = {name: value for name, value in key.items() if name not in PRIVATE}
    thumbprint = {"kid": url(hashlib.sha256(what.encode()).digest())}
    other = {one: ("B" if key[one][0] != "B" else "C") + key[one][1:] for one in PRIVATE if one in key}
    for some in (public | thumbprint, key | other):
        shown = found(parsed(some))
        assert (list(shown), shown.gaps) == ([], [])


def test_of_a_key_that_is_together_nothing_is_told_twice() -> None:
    for what, key in KEYS.items():
        assert whats(json.dumps(key).encode() + parsed(key)) == [what]


def test_where_nothing_is_named_as_in_a_jwk_words_are_not_compared() -> None:
    key = KEYS["EC private key on P-256 (JWK)"]
    assert whats(heap(key.values())) == []
    assert whats(heap([*key.values(), "kty"])) == ["EC private key on P-256 (JWK), its numbers apart"]


def test_several_keys_are_told_apart_among_many_words_of_their_length() -> None:
    noise = random.Random(3)
    words = [url(noise.randbytes(32)) for _ in range(6_000)]  # tokens of sessions
    keys = [curve_key(ec.SECP256R1(), "P-256", 32) for _ in range(3)]
    sessions = b"".join(word.encode() + b"\0" for word in words)
    apart = b"".join(heap(key.values(), apart=3_000) for key in keys)
    data = b"kty\0" + sessions[:150_000] + apart + sessions[150_000:]
    assert len({one.identity for one in found(data)}) == 3
    edwards = KEYS["Ed25519 private key (JWK)"]
    assert whats(b"kty\0" + sessions + heap(edwards.values(), apart=3_000)) == [
        "Ed25519 private key (JWK), its numbers apart"
    ]


def test_public_keys_beyond_counting_cost_a_bounded_time_and_the_rest_is_a_gap() -> None:
    noise = random.Random(4)
    key = KEYS["EC private key on P-256 (JWK)"]
    points = [ec.derive_private_key(at, ec.SECP256R1()).public_key().public_numbers() for at in range(2, 302)]
    words = [text for one in points for text in (number(one.x, 32), number(one.y, 32), url(noise.randbytes(32)))]
    shown = found(b"kty\0" + b"".join(word.encode() + b"\0" for word in words) + heap([key["x"], key["y"]]))
    assert not list(shown)
    assert [gap.reason.rpartition(": ")[2] for gap in shown.gaps] == ["they are too many"]
