"""From sightings to one exposure a secret: the union, what follows from what, and what a torn redaction left."""

from __future__ import annotations

import hashlib
import random

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.canary import Canary, mint
from redactfuzz.model.canary.kinds import KINDS
from redactfuzz.model.exposure import Exposure, Severity
from redactfuzz.scan.exposures import exposures
from redactfuzz.scan.keys.derived import derived
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.survey import survey

NOISE = random.Random(5)


def exposed(data: bytes, *canaries: Canary) -> tuple[Exposure, ...]:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant(canaries, [])
    return exposures(survey(Image("x", b"\0" + data + b"\0"), matcher_set).found)


def token(name: str = "key") -> Canary:
    return mint(3, name, KINDS["token"](), 1)


def raw(size: int) -> Canary:
    return mint(3, "key", KINDS["raw"](n=size), 1)


def noise(size: int = 100) -> bytes:
    return NOISE.randbytes(size)


def test_nothing_is_exposed_where_nothing_is() -> None:
    assert exposed(noise(10_000), token(), raw(32)) == ()


def test_a_whole_secret_is_total() -> None:
    one = token()
    (found,) = exposed(noise() + one.bytes + noise(), one)
    assert (found.severity, found.remaining, found.torn) == (Severity.TOTAL, 0, "")
    assert found.hash_prefix == hashlib.sha256(one.bytes).hexdigest()[:8]
    assert one.text not in repr(found)


def test_the_worst_comes_first() -> None:
    first, second = token("a"), token("b")
    found = exposed(first.bytes[:16] + noise() + second.bytes, first, second)
    assert [(each.secret, each.severity) for each in found] == [("b", Severity.TOTAL), ("a", Severity.MEDIUM)]


def test_two_halves_in_two_encodings_are_the_whole() -> None:
    one = token()
    data = one.bytes[:16] + noise() + one.bytes[16:].hex().encode()
    (found,) = exposed(data, one)
    assert found.severity is Severity.TOTAL
    assert {fragment.encoding for fragment in found.fragments} == {"utf-8", "hex"}


@pytest.mark.parametrize(("kept", "told"), [
    (slice(12, 32), "the first 12 of 32 bytes of a copy (utf-8) are overwritten: it was wiped from its beginning on"),
    (slice(0, 20), "the last 12 of 32 bytes of a copy (utf-8) are overwritten from the end on, or were never written"),
    (slice(6, 26), "all but bytes 6 to 26 of 32 bytes of a copy (utf-8) are overwritten"),
])  # fmt: skip
def test_what_a_torn_redaction_left_is_told(kept: slice, told: str) -> None:
    one = token()
    torn = bytearray(b"*" * 32)
    torn[kept] = one.bytes[kept]
    (found,) = exposed(noise() + bytes(torn) + noise(), one)
    assert found.torn == told


def test_more_fragments_than_are_listed_are_counted() -> None:
    one = token()
    (found,) = exposed((one.bytes + b"\0") * 100, one)
    assert (len(found.fragments), found.more) == (64, 36)


def part(size: int, label: str) -> tuple[Canary, bytes]:
    one = raw(size)
    return one, next(data for name, data, _ in derived(one.bytes) if name == label)


@pytest.mark.parametrize("size", [16, 24, 32])
def test_a_key_length_of_an_aes_schedule_is_total_and_less_is_not(size: int) -> None:
    one, schedule = part(size, f"AES-{8 * size} key schedule for encryption, bytes")
    middle = schedule[48 : 48 + size]  # beyond the key itself, which the schedule begins with
    (found,) = exposed(noise() + middle + noise(), one)
    assert found.severity is Severity.TOTAL
    assert "gives the key" in found.reason
    rest = exposed(noise() + schedule[48 : 48 + size - 6] + noise(), one)
    assert all("gives the key" not in each.reason for each in rest)
    assert rest


def test_hexadecimal_of_half_a_round_key_is_no_round_key() -> None:
    one, schedule = part(16, "AES-128 key schedule for encryption, bytes")
    assert "gives the key" not in exposed(noise() + schedule[48:57].hex().encode() + noise(), one)[0].reason
    assert "gives the key" in exposed(noise() + schedule[48:64].hex().encode() + noise(), one)[0].reason


def test_both_states_of_an_hmac_are_total_and_one_or_two_of_different_hashes_are_not() -> None:
    one, inner = part(40, "HMAC-SHA-256 inner state")
    _, outer = part(40, "HMAC-SHA-256 outer state")
    _, other = part(40, "HMAC-SHA-512 outer state")
    (found,) = exposed(inner + noise() + outer, one)
    assert (found.severity, found.reason) == (
        Severity.TOTAL, "its HMAC states are there, which is enough to forge"
    )  # fmt: skip
    for lone in (inner, outer, inner + noise() + other):
        assert all(each.severity is not Severity.TOTAL for each in exposed(noise() + lone + noise(), one))


@pytest.fixture(scope="module")
def key() -> Canary:
    return mint(3, "key", KINDS["rsa"](bits=1024), 1)


def test_a_prime_as_limbs_is_total(key: Canary) -> None:
    (found,) = exposed(noise(64) + key.value.p.to_bytes(64, "little") + noise(64), key)
    assert (found.severity, found.kind) == (Severity.TOTAL, "rsa")
    assert found.reason == "all of p is there, from which the rest of the key follows"
    assert found.fragments[0].part.startswith("p")


@pytest.mark.parametrize(("kept", "severity"), [(32, Severity.TOTAL), (24, Severity.LOW)])
def test_half_a_prime_is_total_and_less_is_low(key: Canary, kept: int, severity: Severity) -> None:
    for half in (key.value.q.to_bytes(64, "big")[:kept], key.value.q.to_bytes(64, "little")[:kept]):
        (found,) = exposed(noise(64) + half + noise(64), key)
        assert found.severity is severity


def test_its_pem_is_total_and_the_public_modulus_is_nothing(key: Canary) -> None:
    (found,) = exposed(key.text.encode(), key)
    assert found.severity is Severity.TOTAL
    n = key.value.n
    assert exposed(n.to_bytes(128, "big") + noise() + n.to_bytes(128, "little"), key) == ()


def test_the_part_of_a_pem_that_holds_only_the_modulus_is_not_total(key: Canary) -> None:
    lines = key.text.encode().splitlines(keepends=True)
    found = exposed(b"".join(lines[:3]), key)
    assert all(each.severity is Severity.LOW for each in found)
