"""What the repaired mail service asks, one question at a time: tokens that are signed as they should, and refused."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from issuers import CALENDAR, CONSUMERS, ENTERPRISE, LIFETIME, MAIL, READS_MAIL, ROTATION, SigningKey
from jwt.algorithms import RSAAlgorithm
from mail_service import BindsKeys, Refused

pytestmark = pytest.mark.once

MADE = datetime(2023, 5, 1, tzinfo=UTC)
NOW = MADE + timedelta(days=10)
DAY = timedelta(days=1)
OURS = SigningKey("ours", ENTERPRISE, MADE, generate_private_key(65537, 2048))
THEIRS = SigningKey("theirs", CONSUMERS, MADE, generate_private_key(65537, 2048))
E, C = OURS.public(), THEIRS.public()
RIGHT: dict[str, Any] = {
    "iss": ENTERPRISE, "sub": "alice", "aud": MAIL, "scp": READS_MAIL,
    "iat": NOW.timestamp(), "exp": (NOW + LIFETIME).timestamp(),
}  # fmt: skip
IN, TIME, READ = "lets in", "names no time", "no certificate that can be read"
NOBODY, KEYS = "names no key", "keys cannot be had"


class Document:
    """What is served as the keys."""

    body = b""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(Document.body)))
            self.end_headers()
            self.wfile.write(Document.body)

        def log_message(self, format: str, *values: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join(10)


def part(data: object) -> bytes:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=")


def signed(claims: object, key: SigningKey = OURS, **header: object) -> str:
    """PyJWT would not write most of these."""
    said = part({"alg": "RS256", "kid": key.kid, **header}) + b"." + part(claims)
    return (said + b"." + part(key.private.sign(said, PKCS1v15(), SHA256()))).decode()


def answer(address: str, token: str, body: object, now: datetime = NOW) -> str:
    Document.body = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        return "lets in " + BindsKeys(address).mailbox(token, now)
    except Refused as error:
        return str(error)


CLAIMS: list[tuple[str, object, str]] = [
    ("aud", CALENDAR, "another service"), ("aud", [CALENDAR, 5], "another service"), ("aud", None, "another service"),
    ("aud", [CALENDAR, MAIL], IN), ("scp", "", "may read"), ("scp", "mail.send", "may read"), ("scp", None, "may read"),
    ("scp", [READS_MAIL], "may read"), ("scp", f"mail.send {READS_MAIL}", IN),
    ("iss", CONSUMERS, "another issuer"), ("iss", [ENTERPRISE], "another issuer"), ("iss", None, "another issuer"),
    ("sub", None, "names nobody"), ("sub", 5, "names nobody"), ("sub", "", "names nobody"),
    ("nbf", (NOW + DAY).timestamp(), "not valid yet"), ("nbf", NOW.timestamp(), IN), ("nbf", "soon", TIME),
    ("iat", (NOW + timedelta(minutes=5)).timestamp(), "of the future"),
    ("iat", (MADE - DAY).timestamp(), "before its key"),
    ("iat", (NOW - DAY).timestamp(), "last longer"), ("exp", (NOW + 25_000 * DAY).timestamp(), "last longer"),
    ("exp", NOW.timestamp(), "too old"), ("exp", -1, "too old"),
    *((name, value, TIME) for name in ("exp", "iat")
      for value in ("9", [9e9], None, {}, True, 10**30, -1e20, float("inf"), float("nan"))),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "value", "said"), CLAIMS)
def test_a_token_opens_what_it_is_for_in_the_hours_that_it_says(
    address: str, claim: str, value: object, said: str
) -> None:
    assert said in answer(address, signed(RIGHT | {claim: value}), {"keys": [C, E]})


@pytest.mark.parametrize("claim", RIGHT)
def test_what_a_token_does_not_say_is_not_so(address: str, claim: str) -> None:
    assert IN in answer(address, signed(RIGHT), {"keys": [C, E]})
    without = {name: value for name, value in RIGHT.items() if name != claim}
    assert IN not in answer(address, signed(without), {"keys": [C, E]})


def without(key: dict[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in key.items() if each != name}


def of(key: SigningKey, **changes: Any) -> dict[str, Any]:
    return attrs.evolve(key, **changes).public()


DOCUMENTS: dict[str, tuple[object, str]] = {
    "no JSON": (b"<html>", KEYS), "nothing": (b"", KEYS), "deep": (b"[" * 100_000, KEYS), "a list": (b"[]", NOBODY),
    "no keys": ({}, NOBODY), "null": ({"keys": None}, NOBODY), "texts": ({"keys": ["ours", 5, None]}, NOBODY),
    "one without kid ahead": ({"keys": [without(C, "kid"), 5, E]}, IN),
    "kid null": ({"keys": [{**E, "kid": None}]}, NOBODY),
    "a thousand": ({"keys": [*({**C, "kid": str(each)} for each in range(1_000)), E]}, IN),
    "theirs by our name first": ({"keys": [{**C, "kid": "ours"}, E]}, "signature"),
    "of theirs": ({"keys": [{**E, "issuer": CONSUMERS}]}, "not one of the issuer"),
    "of nobody": ({"keys": [without(E, "issuer")]}, "not one of the issuer"),
    "of all": ({"keys": [{**E, "issuer": [ENTERPRISE]}]}, "not one of the issuer"),
    "to encrypt": ({"keys": [{**E, "use": "enc"}]}, "for signatures"),
    "for anything": ({"keys": [without(E, "use")]}, "for"),
    "to wrap keys": ({"keys": [{**E, "key_ops": ["encrypt"]}]}, "for signatures"),
    "private": ({"keys": [{**E, **RSAAlgorithm.to_jwk(OURS.private, as_dict=True)}]}, "signature"),
    "no certificate": ({"keys": [without(E, "x5c")]}, READ), "none": ({"keys": [{**E, "x5c": []}]}, READ),
    "theirs": ({"keys": [{**E, "x5c": C["x5c"]}]}, "of another key"),
    "rubbish": ({"keys": [{**E, "x5c": ["AA=="]}]}, READ),
    "a number": ({"keys": [{**E, "x5c": [5]}]}, READ), "no modulus": ({"keys": [without(E, "n")]}, "signature"),
    "elliptic": ({"keys": [{**E, "kty": "EC"}]}, "signature"),
    "for RS512": ({"keys": [{**E, "alg": "RS512"}]}, "signature"),
    "expired": ({"keys": [of(OURS, valid=DAY)]}, "not valid today"),
    "not valid yet": ({"keys": [of(OURS, certified=NOW + DAY)]}, "not valid today"),
    "of 2016": ({"keys": [of(OURS, made=MADE - 7 * ROTATION, certified=MADE)]}, "replaced"),
    "of 2016, it says": ({"keys": [of(OURS, certified=NOW - 2 * ROTATION)]}, "replaced"),
    "ageless": ({"keys": [without(E, "made")]}, "replaced"),
    "renewed in its time": ({"keys": [of(OURS, certified=NOW)]}, IN),
}  # fmt: skip


@pytest.mark.parametrize(("body", "said"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_key_is_asked_whose_it_is_and_whether_it_is_good_today_and_rubbish_is_no_key(
    address: str, body: object, said: str
) -> None:
    assert said in answer(address, signed(RIGHT), body)


def test_nobody_is_let_in_by_the_key_of_others_by_whatever_name_or_header(address: str) -> None:
    both = {"keys": [C, E]}
    assert "not one of the issuer" in answer(address, signed(RIGHT, THEIRS), both)
    borrowed = {"keys": [{**C, "issuer": ENTERPRISE, "x5c": E["x5c"]}, E]}
    assert "of another key" in answer(address, signed(RIGHT, THEIRS), borrowed)
    for kid in ("ours", None, 5, ["ours"], "OURS", "ours ", ""):
        assert IN not in answer(address, signed(RIGHT, THEIRS, kid=kid), both)
    for header in ({"jwk": {**C, "kid": "ours"}}, {"x5c": C["x5c"]}, {"jku": address}):
        assert "signature" in answer(address, signed(RIGHT, THEIRS, kid="ours", **header), both)


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "....", "ü.ü.ü", signed([1]), signed(b"x"), signed(RIGHT) + ".x"])
def test_what_is_no_token_lets_nobody_in(address: str, token: str) -> None:
    assert IN not in answer(address, token, {"keys": [C, E]})


def test_keys_that_cannot_be_had_are_no_wrong_signature() -> None:
    with pytest.raises(Refused, match=KEYS):
        BindsKeys("http://127.0.0.1:9/").mailbox(signed(RIGHT), NOW)
