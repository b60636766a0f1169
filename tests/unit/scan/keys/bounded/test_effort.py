"""What is made to look like a key costs no more than an image may, and that is told; a real one is found beside it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import KnownKeys, der_key, effort, rsa_numbers
from redactfuzz.scan.keys.bare_der import DerKeys
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.effort import affords, found

_ALL = math.lcm(*range(1, 4097))
"""What each small number divides."""


def value(tag: int, content: bytes) -> bytes:
    """As DER writes it."""
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, size)) + content if size < 128 else bytes((tag, 0x80 | len(length))) + length + content


def integer(number: int) -> bytes:
    return value(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def many_divisors(seed: int, bits: int = 16380) -> bytes:
    """Numbers like those of an RSA key, so that n-1 and e d - 1 have thousands of divisors in common."""
    rng = random.Random(seed)
    n = 1 + _ALL * rng.getrandbits(bits - _ALL.bit_length())
    d = pow(65537, -1, _ALL) + _ALL * rng.getrandbits(bits - _ALL.bit_length())
    return value(0x30, b"".join(map(integer, (0, n, 65537, d))))


def no_dsa(seed: int) -> bytes:
    rng = random.Random(seed)
    p, q = rng.getrandbits(4096) | 1 << 4095 | 1, rng.getrandbits(512) | 1 << 511 | 1
    return value(0x30, b"".join(map(integer, (0, p, q, 2, 3, 5))))


REAL = dsa.generate_private_key(1024).private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def of(data: bytes) -> Findings:
    return found(DerKeys(), Image("memory", b"\1" * 5 + data), KnownKeys())


@pytest.fixture
def paid(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What was computed, in units."""
    units: list[int] = []

    def pay(cost: int) -> bool:
        if affords(cost):
            units.append(cost)
            return True
        return False

    monkeypatch.setattr(rsa_numbers, "affords", pay)
    monkeypatch.setattr(der_key, "affords", pay)
    return units


def test_divisors_of_one_key_are_tried_a_bounded_number_of_times_and_the_real_key_behind_it_is_found(
    paid: list[int],
) -> None:
    result = of(many_divisors(1) + bytes(20) + REAL)
    assert [one.what for one in result] == ["DSA-1024 private key"]
    assert len(result.gaps) == 1
    assert 0 < sum(paid) < 8 * rsa_numbers._TRIES


@pytest.mark.parametrize("make", [many_divisors, no_dsa])
def test_an_image_of_nothing_but_such_numbers_has_an_end(
    paid: list[int], make: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effort, "_SPARE", 1 << 35)
    data = b"".join(make(seed) for seed in range(20))
    result = of(data)
    assert list(result) == []
    assert len(result.gaps) == 1
    assert 0 < sum(paid) <= effort._SPARE + effort._EACH * (len(data) + 5)


def test_what_is_computed_where_no_detector_is_at_work_is_not_counted() -> None:
    assert affords(1 << 99)
    assert not of(REAL).gaps
