from __future__ import annotations

import math
import random

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.canary.rsa_key import RsaNumbers, make_key
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import KnownKeys, Modulus
from redactfuzz.scan.keys.public.primes import COMMON, DIGITS, FORMS, Primes

pytestmark = pytest.mark.once

BITS = (512, 768, 1024, 1160, 2048)


def key_of(bits: int) -> RsaNumbers:
    return make_key(7, "tests", bits, 0)


def find(data: bytes, key: RsaNumbers, name: str = "image") -> list[KeyFinding]:
    return list(Primes().find(Image(name, data), KnownKeys((Modulus(key.n, key.e, "signing"),))))


def words(number: int, width: int, size: int) -> list[bytes]:
    """Big-endian words from the lowest."""
    count = -(-size // width)
    data = number.to_bytes(count * width, "big")
    return [data[at : at + width] for at in range(len(data) - width, -1, -width)]


def laid_out(prime: int, form: str) -> bytes:
    size = (prime.bit_length() + 7) // 8
    match form:
        case "little-endian limbs":
            return prime.to_bytes(size, "little")
        case "big-endian bytes":
            return prime.to_bytes(size, "big")
        case "32-bit words, highest first":
            return b"".join(word[::-1] for word in reversed(words(prime, 4, size)))
        case "64-bit words, highest first":
            return b"".join(word[::-1] for word in reversed(words(prime, 8, size)))
        case "big-endian 32-bit words, lowest first":
            return b"".join(words(prime, 4, size))
        case "big-endian 64-bit words, lowest first":
            return b"".join(words(prime, 8, size))
    bits = {"CPython's 30-bit digits": 30}.get(form) or int(form.removesuffix("-bit digits"))
    digits = range(0, prime.bit_length(), bits)
    return b"".join((prime >> shift & (1 << bits) - 1).to_bytes(4 if bits < 32 else 8, "little") for shift in digits)


def memory(size: int, seed: int = 1) -> bytearray:
    """Half zeros, half random: neither may be taken for a key."""
    return bytearray(random.Random(seed).randbytes(size // 2) + bytes(size // 2))


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("which", ["p", "q"])
def test_either_prime_is_found_in_every_form_and_nothing_in_the_twin(form: object, bits: int, which: str) -> None:
    key, name = key_of(bits), form.name  # type: ignore[attr-defined]
    number = laid_out(getattr(key, which), name)
    data = memory(1 << 15)
    assert not find(bytes(data), key)
    data[8000 : 8000 + len(number)] = number
    (found,) = [one for one in find(bytes(data), key) if one.what.endswith(name)]
    assert found.severity is Severity.TOTAL
    assert "signing" in found.what
    assert [(where.offset, where.length) for where in found.where] == [(8000, len(number))]


@pytest.mark.parametrize("offset", [0, 1, 3, 511, 512, 1000, 4096 - 128])
def test_a_big_endian_prime_is_found_at_any_offset_up_to_both_ends(offset: int) -> None:
    key = key_of(2048)
    data = bytearray(4096)
    data[offset : offset + 128] = key.p.to_bytes(128, "big")
    (found,) = find(bytes(data), key)
    assert [where.offset for where in found.where] == [offset]


@pytest.mark.parametrize("offset", [4, 8, 1002, 1003, 4096 - 128])
def test_limbs_are_found_at_any_offset_and_in_a_core_at_multiples_of_four(offset: int) -> None:
    key = key_of(2048)
    data = bytearray(4096)
    data[offset : offset + 128] = key.q.to_bytes(128, "little")
    for head in (b"\0\0\0\0", b"MDMP"):
        data[:4] = head
        assert [where.offset for one in find(bytes(data), key) for where in one.where] == [offset]
    data[:4] = b"\x7fELF"
    assert bool(find(bytes(data), key)) is (offset % 4 == 0)


def factors(*sizes: int) -> list[int]:
    """Numbers with both highest bits set, as primes of keys have, and without a small factor."""
    draw = random.Random(5)
    starts = [draw.getrandbits(bits) | 3 << bits - 2 | 1 for bits in sizes]
    return [next(n for n in range(start, start + 5000, 2) if math.gcd(n, 2**60 - 1) == 1) for start in starts]


@pytest.mark.parametrize("form", [*COMMON, *DIGITS], ids=lambda form: form.name)
@pytest.mark.parametrize("sizes", [(544, 480), (1088, 960), (683, 683, 682)], ids=str)
def test_factors_of_unequal_size_and_of_three_primes_are_found(form: object, sizes: tuple[int, ...]) -> None:
    """The sizes are python-rsa's, and a third."""
    primes, name = factors(*sizes), form.name  # type: ignore[attr-defined]
    known = KnownKeys((Modulus(math.prod(primes), 65537, "signing"),))
    assert len(primes) == len(sizes)
    for prime in primes:
        image = Image("image", bytes(64) + laid_out(prime, name) + bytes(64))
        (found,) = [one for one in Primes().find(image, known) if one.what.endswith(name)]
        assert [where.offset for where in found.where] == [64]
        assert not list(Primes().find(Image("image", bytes(64) + laid_out(prime + 2, name) + bytes(64)), known))


def test_of_many_moduli_that_of_a_prime_is_named() -> None:
    draw = random.Random(6)
    others = [Modulus(draw.getrandbits(1023) << 1 | 1 << 1023 | 1, name=f"other {number}") for number in range(20)]
    key = key_of(1024)
    known = KnownKeys((*others[:10], Modulus(key.n, key.e, "signing"), *others[10:]))
    found = list(Primes().find(Image("image", key.p.to_bytes(64, "little") + memory(4096)), known))
    assert {one.what.split(" (")[0] for one in found} == {"prime factor of signing"}


def test_a_prime_that_is_cut_or_has_one_wrong_bit_is_no_prime() -> None:
    key = key_of(2048)
    prime = key.p.to_bytes(128, "little")
    assert not find(prime[:-1], key)
    assert not find(prime[:64] + bytes(64), key)
    for bit in (1, 500, 1022):
        assert not find((key.p ^ 1 << bit).to_bytes(128, "little"), key)


def test_the_primes_of_another_key_are_none_of_this_one() -> None:
    other = make_key(8, "other", 1024, 0)
    assert not find(laid_out(other.p, "little-endian limbs") + laid_out(other.q, "big-endian bytes"), key_of(1024))


def test_the_public_key_in_memory_is_no_finding() -> None:
    key = key_of(2048)
    public = key.n.to_bytes(256, "little") + key.n.to_bytes(256, "big") + pow(2, 4096, key.n).to_bytes(256, "little")
    assert not find(public, key)


def test_many_copies_are_one_finding_with_its_places_counted() -> None:
    key = key_of(1024)
    (found,) = find(key.p.to_bytes(64, "little") * 40, key)
    assert len(found.where) + found.more == 40


@pytest.mark.parametrize("data", [b"", b"\0", b"MDMP", bytes(range(64))])
def test_tiny_images_are_read(data: bytes) -> None:
    assert not find(data, key_of(512))


def test_a_finding_holds_no_digit_of_a_prime() -> None:
    key = key_of(1024)
    said = repr(find(key.p.to_bytes(64, "little"), key))
    assert not any(f"{key.p:x}"[at : at + 8] in said for at in range(120))
