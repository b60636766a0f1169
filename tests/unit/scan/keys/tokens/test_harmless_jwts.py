"""JSON Web Tokens with which nobody gets in: documents with certificates, and examples that a known word signs."""

from __future__ import annotations

import base64
import hmac
import json
import random
from collections.abc import Mapping

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.tokens.jwt import SignedTokens

NOISE = random.Random(17)


def part(value: object) -> bytes:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def found(token: bytes) -> KeyFinding:
    (one,) = SignedTokens().find(Image("a log", b"token: " + token + b"\n"), KnownKeys())
    return one


def signed(key: bytes, digest: str = "sha256", claims: Mapping[str, object] | None = None) -> bytes:
    header = {"alg": "HS" + digest.removeprefix("sha"), "typ": "JWT"}
    text = part(header) + b"." + part(claims or {"sub": "ann", "exp": 1_900_000_000})
    return text + b"." + part(hmac.digest(key, text, digest))


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("word", [b"secret", b"your-256-bit-secret", b"key"])
def test_a_token_that_a_word_of_documentation_signs_is_low_and_one_of_another_key_total(
    word: bytes, digest: str
) -> None:
    one = found(signed(word, digest))
    assert one.severity is Severity.LOW
    assert "documentation" in one.reason
    for key in (word + b"1", NOISE.randbytes(32)):
        assert found(signed(key, digest)).severity is Severity.TOTAL


def test_the_example_of_rfc_7515_is_low() -> None:
    """Appendix A.1, with its breaks of lines in the header and the payload."""
    example = (
        b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        b"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    assert found(example).severity is Severity.LOW
    assert found(example[:-3] + b"A" + example[-2:]).severity is Severity.TOTAL


def test_a_document_with_its_certificates_is_low_and_a_token_with_them_total() -> None:
    """The metadata of FIDO, which everybody downloads; and an assertion of a client."""
    header = {"alg": "RS256", "x5c": [base64.b64encode(NOISE.randbytes(900)).decode()]}
    signature = part(NOISE.randbytes(256))
    document = {"no": 101, "nextUpdate": "2026-12-01", "entries": [{"aaid": "4e4e#4005"}]}
    assert found(b".".join((part(header), part(document), signature))).severity is Severity.LOW
    for claim in ("exp", "sub", "aud", "scope"):
        assert found(b".".join((part(header), part({**document, claim: "x"}), signature))).severity is Severity.TOTAL
    bare = {"alg": "RS256"}
    assert found(b".".join((part(bare), part(document), signature))).severity is Severity.TOTAL
