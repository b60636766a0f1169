from __future__ import annotations

import hashlib

import pytest

from redactfuzz.model.canary.rsa_key import make_key
from redactfuzz.model.canary.secret import Shape
from redactfuzz.scan.keys.derived import derived, rsa_parts


def parts(secret: bytes) -> dict[str, bytes]:
    return {label: data for label, data, _ in derived(secret)}


@pytest.mark.parametrize("name", ["SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"])
@pytest.mark.parametrize(("side", "pad"), [("inner", 0x36), ("outer", 0x5C)])
def test_the_states_are_those_of_the_hash_after_one_block(name: str, side: str, pad: int) -> None:
    """A key that, XORed with the pad, is a whole padded message: its state is that message's digest."""
    algorithm, block = name.replace("-", "").lower(), 128 if name in ("SHA-384", "SHA-512") else 64
    message = b"what a block holds"
    padded = (message + b"\x80").ljust(block - 8, b"\0") + (8 * len(message)).to_bytes(8, "big")
    digest = hashlib.new(algorithm, message).digest()
    state = parts(bytes(byte ^ pad for byte in padded))[f"HMAC-{name} {side} state, big-endian"]
    assert state[: len(digest)] == digest


def test_a_key_longer_than_a_block_is_hashed_first() -> None:
    secret = hashlib.shake_128(b"secret").digest(65)
    label = "HMAC-SHA-256 inner state"
    assert parts(secret)[label] == parts(hashlib.sha256(secret).digest())[label]
    assert (
        parts(secret)["HMAC-SHA-512 inner state"] != parts(hashlib.sha512(secret).digest())["HMAC-SHA-512 inner state"]
    )


@pytest.mark.parametrize(
    ("name", "word"), [("SHA-1", 4), ("SHA-224", 4), ("SHA-256", 4), ("SHA-384", 8), ("SHA-512", 8)]
)
def test_states_come_as_words_of_the_machine_and_big_endian(name: str, word: int) -> None:
    found = parts(b"a key of some length")
    for side in ("inner", "outer"):
        little, big = found[f"HMAC-{name} {side} state"], found[f"HMAC-{name} {side} state, big-endian"]
        assert len(little) == len(big) == (20 if name == "SHA-1" else 8 * word)
        assert [little[at : at + word][::-1] for at in range(0, len(little), word)] == [
            big[at : at + word] for at in range(0, len(big), word)
        ]


@pytest.mark.parametrize("size", [16, 24, 32])
def test_a_secret_of_the_size_of_an_aes_key_has_its_schedules_both_ways(size: int) -> None:
    labels = [label for label in parts(bytes(range(1, size + 1))) if label.startswith(f"AES-{8 * size}")]
    assert len(labels) == 6


def test_other_sizes_have_no_schedule_and_all_parts_are_bytes() -> None:
    found = derived(b"seventeen bytes !")
    assert found
    assert all("HMAC" in label and shape is Shape.BYTES for label, _, shape in found)


def test_the_parts_of_an_rsa_key_follow_from_one_prime() -> None:
    key = make_key(7, "tests", 1024, 0)
    found = {part.label: part.number for part in rsa_parts(key.n, key.e, key.q)}
    assert (found["p"], found["q"], found["dp"]) == (key.q, key.p, key.dq)
    assert found["d"] == key.d
    assert key.e * found["d modulo lcm"] % (key.p - 1) == 1
    assert found["qinv"] * key.p % key.q == 1
    assert found["n0(p)"] * key.q % 2**64 == 2**64 - 1
    assert found["R^2 mod q"] == pow(2, 2 * 512, key.p)


def test_a_number_that_is_no_factor_is_refused_and_no_part_shows_itself() -> None:
    key = make_key(7, "tests", 1024, 0)
    with pytest.raises(ValueError, match="no prime factor"):
        rsa_parts(key.n, key.e, key.p + 2)
    assert str(key.p) not in repr(rsa_parts(key.n, key.e, key.p))
