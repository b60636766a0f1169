from __future__ import annotations

import random

import pytest

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import KnownKeys, aes
from redactfuzz.scan.keys.aes import DIRECTIONS, ORDERS, AesSchedules

SIZES = (16, 24, 32)


def key_of(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def schedule(key: bytes, direction: int = 0, swapped: int = 0) -> bytes:
    out = ffi.new("uint8_t[]", lib.RF_AES_SCHEDULE)
    size = lib.rf_aes_schedule(key, len(key), direction, swapped, out)
    return bytes(ffi.buffer(out, size))


def find(data: bytes) -> list[KeyFinding]:
    return list(AesSchedules().find(Image("core", data), KnownKeys()))


@pytest.mark.parametrize(
    ("key", "last"),
    [
        ("2b7e151628aed2a6abf7158809cf4f3c", "d014f9a8c9ee2589e13f0cc8b6630ca6"),
        ("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "e98ba06f448c773c8ecc720401002202"),
        ("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "fe4890d1e6188d0b046df344706c631e"),
    ],
)
def test_the_expansion_is_that_of_fips_197_appendix_a(key: str, last: str) -> None:
    assert schedule(bytes.fromhex(key))[-16:] == bytes.fromhex(last)


def test_the_decryption_schedule_is_the_equivalent_inverse_cipher_of_fips_197() -> None:
    """The example of appendix C.1: ``ik_sch`` of rounds 1 and 10."""
    found = schedule(bytes(range(16)), lib.RF_AES_DECRYPT)
    assert found[:16] == bytes.fromhex("13111d7fe3944a17f307a78b4d2b30c5")
    assert found[16:32] == bytes.fromhex("13aa29be9c8faff6f770f58000f7bf03")
    assert found[-16:] == bytes(range(16))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("direction", range(3))
@pytest.mark.parametrize("swapped", range(2))
def test_each_schedule_is_found_and_nothing_in_the_twin(size: int, direction: int, swapped: int) -> None:
    memory = random.Random(2).randbytes(5000) + bytes(5000)
    keys = schedule(key_of(size), direction, swapped)
    for offset in (0, 4, 1020, 4996, 10000 - len(keys)):
        data = memory[:offset] + keys + memory[offset + len(keys) :]
        (found,) = find(data)
        assert found.what == f"AES-{8 * size} key schedule for {DIRECTIONS[direction]}, {ORDERS[swapped]}"
        assert found.severity is Severity.TOTAL
        assert [(where.offset, where.length) for where in found.where] == [(offset, len(keys))]
    assert not find(memory)


@pytest.mark.parametrize("size", SIZES)
def test_a_schedule_with_one_wrong_byte_or_cut_is_none(size: int) -> None:
    keys = schedule(key_of(size))
    assert not find(keys[:-1])
    for at in range(0, len(keys), 13):
        assert not find(keys[:at] + bytes([keys[at] ^ 1]) + keys[at + 1 :] + bytes(4000))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", [bytes(32), b"\xff" * 32, bytes(range(32)), b"A" * 32])
def test_schedules_of_test_vectors_are_not_reported(key: bytes, size: int) -> None:
    assert not any(find(schedule(key[:size], direction) + bytes(2000)) for direction in range(3))


@pytest.mark.parametrize("fill", [b"\0", b"\xff", b"ab", b"\0\0\0\1", bytes(range(256)), b"\1\2\3\4\0\0\0\0"])
def test_constant_and_regular_memory_is_no_finding(fill: bytes) -> None:
    assert not find(fill * (20000 // len(fill)))


PERIODS = {"of one byte": b"bb\0", "of two": b"\x6d\xb6\xdb", "of a colour": b"\xff\xff\0"}


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("direction", range(3))
@pytest.mark.parametrize("size", SIZES)
def test_in_memory_that_has_the_relations_at_each_byte_a_schedule_is_found(
    period: str, direction: int, size: int
) -> None:
    """Of bytes x, y, x ^ y again and again."""
    around = PERIODS[period] * 1000
    assert not find(around)
    keys = schedule(key_of(size), direction)
    (found,) = find(around + keys + around)
    assert [(where.offset, where.length) for where in found.where] == [(len(around), len(keys))]


def test_what_lies_across_two_calls_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aes, "_AT_ONCE", 1024)
    memory, one = random.Random(7).randbytes(4096), schedule(key_of(32))
    for offset in (*range(1024 - len(one) - 4, 1024 + 8, 4), 2047, 4096 - len(one)):
        (found,) = find(memory[:offset] + one + memory[offset + len(one) :])
        assert [where.offset for where in found.where] == [offset]


def test_two_keys_are_two_findings_and_copies_of_one_are_one() -> None:
    one, two = schedule(key_of(16, 1)), schedule(key_of(16, 2))
    found = find(one + two + one)
    assert [len(key.where) for key in found] == [2, 1]
    assert found[0].identity != found[1].identity


def test_the_key_of_openssls_random_generator_is_told_apart() -> None:
    """Its state holds the length of the key, that a derivation function is used, and the key itself."""
    key = key_of(32)
    state = (32).to_bytes(8, "little") + (1).to_bytes(4, "little") + key
    (generator,) = find(schedule(key) + state)
    (other,) = find(schedule(key) + key)
    assert generator.severity is Severity.LOW
    assert "random generator" in generator.what
    assert other.severity is Severity.TOTAL


def test_a_finding_holds_no_byte_of_the_key() -> None:
    said = repr(find(schedule(key_of(32))))
    assert not any(key_of(32).hex()[at : at + 8] in said for at in range(56))
