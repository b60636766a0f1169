"""Words and running digits in the place of a key are none; what is random is hardly ever taken for that."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string

import pytest
from test_services import RULES, token_of

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import DETECTORS, KnownKeys
from redactfuzz.scan.keys.placeholders import stands_for_a_key
from redactfuzz.scan.keys.tokens.shapes import Rule

DRAW = random.Random(20)
URL = string.ascii_letters + string.digits + "-_"
HEX = string.digits + "abcdef"
ALPHABETS = {
    "base64url": (URL, 20),
    "base 62": (string.ascii_letters + string.digits, 36),
    "letters": (string.ascii_letters, 34),
    "small letters and digits": (string.ascii_lowercase + string.digits, 60),
    "base32": (string.ascii_uppercase + "234567", 16),
    "hexadecimal": (HEX, 32),
    "hexadecimal, in capitals": (HEX.upper(), 64),
}
HEADER = b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ."


def jwk(kind: str, **members: str) -> bytes:
    return json.dumps({"kty": kind, **members}).encode()


def url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def letters(alphabet: str, count: int) -> bytes:
    return "".join(DRAW.choices(alphabet, k=count)).encode()


INSTEAD = {
    "GitLab, redacted": b"glpat-REDACTED_BY_FILTER_1",
    "GitLab, yours": b"glpat-your_token_here_1234",
    "Docker": b"dckr_pat_YourPersonalAccessToken12345",
    "Google": b"AIzaSyYourGoogleMapsApiKeyGoesHere12345678",
    "Groq": b"gsk_YourGroqApiKeyGoesHereReplaceItWithTheRealOne1234567",
    "Stripe": b"sk_live_YourSecretKeyGoesRightHere1",
    "SendGrid": b"SG.YourSendGridKeyIdHere12.YourSendGridSecretValueGoesHereAndIsLongEnough1",
    "Shopify": b"shpat_0123456789abcdef0123456789abcdef",
    "DigitalOcean": b"dop_v1_" + 4 * b"0123456789abcdef",
    "Pulumi": b"pul-" + 5 * b"deadbeef",
    "a class": b"hf_AutoModelForSequenceClassificationPipeline",
    "a test": b"hf_BlenderbotForConditionalGenerationTest",
    "a symmetric key": jwk("oct", k="REDACTED_SYMMETRIC_KEY_VALUE"),
    "its name in a store": jwk("oct", k="projects/p/secrets/s/versions/latest"),
    "its path in a vault": jwk("oct", k="secret/data/production/signing-key"),
    "a hash of it": jwk("oct", k="hmac:" + hashlib.sha256(b"a").hexdigest()),
    "a key of a curve": jwk("OKP", crv="Ed25519", d="PUT_YOUR_PRIVATE_KEY_HERE_32_BYTES_BASE64_U"),
    "a hash of a signature": HEADER + b"sha256-" + hashlib.sha256(b"a").hexdigest().encode(),
    "the same alone": HEADER + hashlib.sha256(b"a").hexdigest().encode(),
    "a signature": HEADER + b"REDACTED_REDACTED_REDACTED_REDACTED_REDACTE",
}
REAL = {
    "GitLab": lambda: b"glpat-" + letters(URL[:62], 20),
    "Docker": lambda: b"dckr_pat_" + letters(URL, 27),
    "Groq": lambda: b"gsk_" + letters(URL[:62], 52),
    "Shopify": lambda: b"shpat_" + letters(HEX, 32),
    "a symmetric key": lambda: jwk("oct", k=url(DRAW.randbytes(32))),
    "a symmetric key with slashes": lambda: jwk("oct", k=base64.b64encode(b"\xff" * 3 + DRAW.randbytes(29)).decode()),
    "a key of a curve": lambda: jwk("OKP", crv="Ed25519", d=url(DRAW.randbytes(32))),
    "a signature": lambda: HEADER + url(DRAW.randbytes(32)).encode(),
}


def found(data: bytes) -> list[str]:
    image = Image("memory", b"key: " + data + b"\n")
    return [one.what for detector in DETECTORS for one in detector.find(image, KnownKeys())]


@pytest.mark.parametrize("name", INSTEAD)
def test_what_stands_for_a_key_is_none(name: str) -> None:
    assert found(INSTEAD[name]) == []


@pytest.mark.parametrize("name", REAL)
def test_the_same_with_random_letters_is_one(name: str) -> None:
    assert len(found(REAL[name]())) == 1


@pytest.mark.parametrize("name", ALPHABETS)
def test_of_random_letters_none_is_taken_for_words(name: str) -> None:
    """That may happen to one text in a million."""
    alphabet, size = ALPHABETS[name]
    drawn = [letters(alphabet, size) for _ in range(400)]
    assert [text for text in drawn if stands_for_a_key(text)] == []


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_no_token_of_a_service_is_taken_for_words(rule: Rule) -> None:
    drawn = [token_of(rule, seed)[len(rule.prefix) :] for seed in range(40)]
    assert [seed for seed, text in enumerate(drawn) if not rule.sure and stands_for_a_key(text)] == []


@pytest.mark.parametrize(
    ("name", "alphabet", "size"),
    [
        ("GitLab personal access token", URL, 20),
        ("Docker Hub token", URL, 27),
        ("Stripe secret key", URL[:62], 24),
        ("Hugging Face token", string.ascii_letters, 34),
        ("Databricks token", HEX, 32),
    ],
)
def test_no_more_than_one_random_token_in_a_thousand_is_lost(name: str, alphabet: str, size: int) -> None:
    """One of GitLab in 30 has no digit."""
    (rule,) = [rule for rule in RULES if rule.name == name]
    lost = [number for number in range(2000) if rule.token(rule.prefix + letters(alphabet, size)) is None]
    assert len(lost) <= 2


def test_a_text_that_is_too_short_to_tell_stands_for_none() -> None:
    assert not stands_for_a_key(b"")
    assert not stands_for_a_key(b"...")
    assert not stands_for_a_key(b"here")
