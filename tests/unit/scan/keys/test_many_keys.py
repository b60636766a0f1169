"""Keys by the thousand: so many are listed and the others counted, and what is not looked at is a gap."""

from __future__ import annotations

import base64
import json
import math
import random
from pathlib import Path

import pytest

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.canary import mint, rsa
from redactfuzz.model.exposure import Severity
from redactfuzz.report.dump_lines import as_json, table, verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys, aes, jwk
from redactfuzz.scan.keys.detector import KEYS, PLACES, Findings, Memo
from redactfuzz.scan.keys.tokens import jwt
from redactfuzz.scan.keys.written.printed_jwks import JwkKeys
from redactfuzz.scan.matcher_set import MatcherSet

NUMBERS = mint(3, "key", rsa(1024), 1).value
NONE = KnownKeys()


def schedules(count: int) -> bytes:
    out = ffi.new("uint8_t[]", lib.RF_AES_SCHEDULE)
    draw = random.Random(16)
    return b"".join(
        bytes(ffi.buffer(out, lib.rf_aes_schedule(draw.randbytes(16), 16, 0, 0, out))) + bytes(16) for _ in range(count)
    )


def base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


def key(d: int, kid: str) -> bytes:
    """Without primes."""
    members = {"kty": "RSA", "kid": kid, "n": base64url(NUMBERS.n), "e": base64url(NUMBERS.e), "d": base64url(d)}
    return json.dumps(members).encode()


def test_keys_beyond_those_that_are_listed_are_counted_and_fail_as_they_do(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(schedules(KEYS + 40))
    matcher_set = MatcherSet()
    matcher_set.plant((), [])
    report = scan_dump(tmp_path / "keys", ScanRequest(matcher_set, NONE))
    assert len(report.keys) == KEYS
    (rest,) = report.unlisted_keys
    assert (rest.detector, rest.severity, rest.count) == ("aes-schedule", Severity.TOTAL, 40)
    assert verdict(report) == "LEAK"
    assert any("and 40 more: AES-128" in line for line in table(report))
    assert json.loads(as_json(report))["unlisted_keys"][0]["count"] == 40


def test_more_schedules_than_are_fetched_at_once_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aes, "_CAPACITY", 7)
    data = schedules(30)
    (first, *_) = found = list(aes.AesSchedules().find(Image("x", data), NONE))
    assert len(found) == 30
    assert sorted(one.where[0].offset for one in found) == list(range(0, len(data), len(data) // 30))
    assert first.where[0].offset == 0


def test_places_of_one_key_are_counted_beyond_those_that_are_listed() -> None:
    (found,) = aes.AesSchedules().find(Image("x", schedules(1) * 5000), NONE)
    assert (len(found.where), found.more) == (PLACES, 5000 - PLACES)


def test_what_is_known_of_the_same_bytes_is_not_worked_out_again() -> None:
    seen: list[bytes] = []
    memo = Memo(lambda data: seen.append(data) or len(data))
    assert [memo(b"one"), memo(b"three"), memo(b"one")] == [3, 5, 3]
    assert seen == [b"one", b"three"]


@pytest.mark.parametrize("modulus", ["lcm", "phi"])
def test_a_key_without_primes_is_checked_without_powers(modulus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwk, "POWERS", 0)
    p, q, e = NUMBERS.p, NUMBERS.q, NUMBERS.e
    d = pow(e, -1, math.lcm(p - 1, q - 1) if modulus == "lcm" else (p - 1) * (q - 1))
    findings = JwkKeys().find(Image("x", key(d, "a")), NONE)
    (found,) = findings
    assert found.what == "RSA-1024 private key (JWK)"
    assert findings.gaps == []


def test_numbers_that_belong_to_no_key_are_none_and_too_many_of_them_are_a_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jwk, "POWERS", 2)
    wrong = [key(NUMBERS.d + 2 * number, str(number)) for number in range(1, 4)]
    few, many = (JwkKeys().find(Image("x", b"\n".join(keys)), NONE) for keys in (wrong[:2], wrong))
    assert [*few, *many] == []
    assert few.gaps == []
    (gap,) = many.gaps
    assert "too many" in gap.reason
    assert not gap.harmless


def token(header: bytes = b"") -> bytes:
    parts = (json.dumps({"alg": "HS256"}).encode(), b'{"sub":"me"}', random.Random(1).randbytes(32))
    first, *rest = (base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return b".".join((header + first, *rest))


@pytest.mark.parametrize("width", [1, 2])
def test_a_token_is_found_behind_any_number_of_beginnings_of_others(width: int) -> None:
    def found(text: bytes) -> Findings:
        return jwt.SignedTokens().find(Image("x", text if width == 1 else text.decode().encode("utf-16-le")), NONE)

    lines = b"eyJhbGciOiJIUzI1NiJ9\n" * 1000 + token()
    (one,) = found(lines)
    assert one.what == "JSON Web Token, HS256"
    assert one.where[0].offset == width * 21 * 1000
    # In one word the token is the last of its beginnings. So many are tried, and then it is said.
    (one,) = found(token(b"eyJ" * 20))
    assert one.where[0].offset == width * 60
    # What is no beginning of an object costs nothing, however often it is there.
    (one,) = found(token(b"eyJ" * 1000))
    assert one.where[0].offset == width * 3000
    assert found(b"eyJ" * 1000).gaps == []
    # Objects in objects, none of which ends: each may be a header.
    nested = base64.urlsafe_b64encode(b'{"a":[' * 400).rstrip(b"=")
    many = found(nested + token())
    assert len(many.gaps) == 1
