"""What is read of dumps: the values that a notation stands for, and what another run changed in them."""

from __future__ import annotations

import base64

import pytest

from redactfuzz.scan.compare.readings import READINGS, Texts

BEFORE, AFTER = bytes([0, 9, 10, 99, 200, 255, 92]), bytes([7, 9, 10, 99, 201, 0, 92])
CHANGED = [one ^ two for one, two in zip(BEFORE, AFTER, strict=True) if one != two]


def changes(name: str, before: bytes, after: bytes) -> list[int] | None:
    texts = Texts([b"kept", b"head " + before + b" tail"], range(64 + 4, 64 + 4 + 200))
    found = {reading.name: change for reading, change in texts.changes([b"kept", b"head " + after + b" tail"]).items()}
    return None if name not in found else list(found[name].values())


@pytest.mark.parametrize(
    ("name", "noted"),
    [
        ("bytes", lambda data: data),
        ("characters of a text, escaped", lambda data: repr(data).encode()),
        ("characters of a text, escaped", lambda data: data.decode("latin-1").encode()),
        ("numbers", lambda data: str(list(data)).encode()),
    ],
)
def test_a_notation_of_bytes_is_read_as_their_values(name: str, noted: object) -> None:
    assert callable(noted)
    assert changes(name, noted(BEFORE), noted(AFTER)) == CHANGED


def test_digits_are_read_as_their_values_in_either_case() -> None:
    pairs = zip(BEFORE.hex(), AFTER.hex().upper(), strict=True)
    nibbles = [int(one, 16) ^ int(two, 16) for one, two in pairs if one != two]
    assert changes("hexadecimal digits", BEFORE.hex().encode(), AFTER.hex().upper().encode()) == nibbles


@pytest.mark.parametrize(
    ("name", "encode", "bits"),
    [
        ("digits of base64", base64.b64encode, 6),
        ("digits of base64", base64.urlsafe_b64encode, 6),
        ("digits of base32", base64.b32encode, 5),
    ],
)
def test_digits_of_a_radix_give_their_bits(name: str, encode: object, bits: int) -> None:
    assert callable(encode)
    size = 6 * len(BEFORE)
    change = int.from_bytes(bytes(one ^ two for one, two in zip(BEFORE * 6, AFTER * 6, strict=True)), "big")
    digits = -(-8 * size // bits)
    change <<= digits * bits - 8 * size
    groups = [change >> bits * at & (1 << bits) - 1 for at in reversed(range(digits))]
    assert changes(name, encode(BEFORE * 6), encode(AFTER * 6)) == [group for group in groups if group]


def test_a_reading_of_another_length_is_left_out() -> None:
    assert changes("numbers", b"1 2 3", b"1 2") is None
    assert changes("bytes", b"12", b"123") is None


def test_dumps_of_which_one_is_missing_are_not_read() -> None:
    assert Texts([b"one", b"two"], range(200)).changes([b"one"]) == {}


def test_what_lies_far_from_all_that_depends_is_not_read() -> None:
    text = b"7" * 500
    texts = Texts([text], range(200, 210))
    assert all(not change for change in texts.changes([b"8" + text[1:]]).values())
    assert len(READINGS) == len(texts.changes([text]))
