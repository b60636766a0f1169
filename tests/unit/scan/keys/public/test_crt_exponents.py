"""dp and dq of a known key in memory, and nothing in what is not they."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.canary.rsa_key import RsaNumbers, make_key
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import DETECTORS, KnownKeys, Modulus
from redactfuzz.scan.keys.public import crt_exponents
from redactfuzz.scan.keys.public.crt_exponents import CrtExponents
from redactfuzz.scan.keys.public.dense import dense
from redactfuzz.scan.keys.public.digits import Row
from redactfuzz.scan.keys.public.powers import Powers

pytestmark = pytest.mark.once

E = 65537


@functools.cache
def key_of(bits: int, number: int = 0) -> RsaNumbers:
    return make_key(9, "crt", bits, number)


def known(n: int, *, e: int = E, asked: bool = True) -> KnownKeys:
    return KnownKeys((Modulus(n, e, "signing", asked),))


def exponents(p: int, q: int, e: int = E) -> tuple[int, int]:
    return pow(e, -1, p - 1), pow(e, -1, q - 1)


def noise(size: int, seed: int = 5) -> bytes:
    return random.Random(seed).randbytes(size)


def digits(number: int, size: int, bits: int = 30, width: int = 4) -> bytes:
    return b"".join((number >> at & (1 << bits) - 1).to_bytes(width, "little") for at in range(0, 8 * size, bits))


LAYOUTS: dict[str, Callable[[int, int], bytes]] = {
    "little-endian limbs": lambda number, size: number.to_bytes(size, "little"),
    "big-endian bytes": lambda number, size: number.to_bytes(size, "big"),
    "CPython's 30-bit digits": digits,
}
OTHERS: dict[str, Callable[[int, int], bytes]] = {
    f"{bits}-bit digits": functools.partial(digits, bits=bits, width=4 if bits < 32 else 8)
    for bits in (26, 28, 51, 52, 60)
}


def find(data: bytes, keys: KnownKeys) -> list[KeyFinding]:
    return list(CrtExponents().find(Image("memory", data), keys))


def places(data: bytes, keys: KnownKeys) -> list[int]:
    return [where.offset for one in find(data, keys) for where in one.where]


@pytest.mark.parametrize(
    ("bits", "layout"),
    [*((bits, layout) for bits in (1024, 2048, 3072) for layout in LAYOUTS), *((512, layout) for layout in OTHERS)],
)
def test_both_are_found_at_odd_offsets_and_neither_their_neighbours_nor_those_of_another_key(
    bits: int, layout: str
) -> None:
    key, size = key_of(bits), bits // 16
    dp, dq = ({**LAYOUTS, **OTHERS}[layout](one, size) for one in exponents(key.p, key.q))
    data = bytes(64) + noise(13) + dp + noise(38) + dq + noise(22)
    (found,) = find(data, known(key.n))
    assert found.what == f"CRT exponent (dp or dq) of signing (RSA-{bits}), {layout}"
    assert found.severity is Severity.TOTAL
    assert sorted((where.offset, where.length) for where in found.where) == [(77, len(dp)), (115 + len(dp), len(dq))]
    for near in (data.replace(dp, dq[:9] + dp[9:]).replace(dq, dp[:9] + dq[9:]), bytes(64) + dp[:-1] + noise(40)):
        assert not find(near, known(key.n))
    assert not find(data, known(key_of(bits, 1).n))


@pytest.mark.parametrize("offset", [0, 1, 64, 65, 66, 129, 130, 191, 192, 193, 194, 255, 256, 257, 450, 636])
@pytest.mark.parametrize(("layout", "size"), [*((layout, 700) for layout in LAYOUTS), ("big-endian bytes", 1000)])
def test_each_window_of_long_rows_is_tried_up_to_both_ends(layout: str, size: int, offset: int) -> None:
    """Of a key of 1,024 bits, a row of few bytes has 128 and 65 windows; of many 256 and 193; of digits 36 and 19."""
    key = key_of(1024)
    data, in_digits = bytearray(noise(size)), layout.startswith("CPython")
    if in_digits:
        data, offset = bytearray(digits(random.Random(3).getrandbits(30 * 175), 656)), offset // 4 * 4
    secret = LAYOUTS[layout](exponents(key.p, key.q)[0], 64)
    twin = bytes(data)
    data[offset : offset + len(secret)] = secret
    assert places(bytes(data), known(key.n)) == [offset]
    assert not find(twin, known(key.n))


@pytest.mark.parametrize("e", [3, 17, 2**33 + 9])
def test_the_public_exponent_may_be_small_and_large(e: int) -> None:
    p, q = next((p, q) for p, q in pairs(256, 256) if math.gcd(e, (p - 1) * (q - 1)) == 1)
    both = exponents(p, q, e)
    assert len(both) == 2
    for one in both:
        assert places(noise(5) + one.to_bytes(32, "big") + noise(9), known(p * q, e=e)) == [5]
        assert not find(noise(5) + one.to_bytes(32, "big") + noise(9), known(p * q))


def pairs(*bits: int) -> Iterator[tuple[int, ...]]:
    """Primes of these sizes, with both highest bits set."""
    draw = random.Random(6)

    def prime(size: int) -> int:
        start = draw.getrandbits(size) | 3 << size - 2 | 1
        return next(n for n in range(start, start + 9000, 2) if pow(2, n - 1, n) == 1)

    while True:
        yield tuple(prime(size) for size in bits)


@pytest.mark.parametrize("sizes", [(544, 480), (342, 341, 341)], ids=str)
def test_of_python_rsa_and_of_three_primes_they_are_found_as_python_keeps_them(sizes: tuple[int, ...]) -> None:
    primes = next(pairs(*sizes))
    n = math.prod(primes)
    assert len(primes) == len(sizes)
    for prime in primes:
        one = digits(pow(E, -1, prime - 1), -(-prime.bit_length() // 8))
        assert places(noise(40) + one + noise(40), known(n)) == [40]
        assert not find(noise(40) + digits(pow(E, -1, prime - 1) + 2, 68) + noise(40), known(n))


def test_digits_with_zeros_behind_them_are_found_once() -> None:
    """They fit a prime of python-rsa as well, which is longer."""
    key = key_of(1024)
    data = noise(40) + digits(exponents(key.p, key.q)[0], 64) + bytes(16) + noise(40)
    assert places(data, known(key.n)) == [40]


def test_every_form_has_a_test() -> None:
    assert {form.name for form in crt_exponents.FORMS} == {*LAYOUTS, *OTHERS}


def test_in_a_core_digits_are_looked_at_where_memory_is_aligned_and_bytes_everywhere() -> None:
    key = key_of(1024)
    dp = exponents(key.p, key.q)[0]
    for offset in range(40, 48):
        for layout, write in LAYOUTS.items():
            data = b"\x7fELF".ljust(offset, b"\0") + write(dp, 64) + bytes(40)
            assert bool(find(data, known(key.n))) is (not layout.startswith("CPython") or offset % 4 == 0)


def test_a_number_with_zeros_at_its_head_is_found_in_full_length() -> None:
    """One in 256 has a byte of them, which limbs always show and bytes may not."""
    key = key_of(1024)
    e = next(e for e in range(3, 9999, 2) if math.gcd(e, key.p - 1) == 1 and pow(e, -1, key.p - 1) >> 504 == 0)
    dp = pow(e, -1, key.p - 1)
    assert places(noise(9) + dp.to_bytes(64, "big") + noise(9), known(key.n, e=e)) == [9]
    assert places(noise(9) + dp.to_bytes(64, "little") + noise(9), known(key.n, e=e)) == [9]
    assert places(noise(9) + dp.to_bytes(63, "big") + noise(9), known(key.n, e=e)) == []


def rows(data: bytes, keys: KnownKeys, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Digits of each row that is gone through."""
    counts: list[int] = []
    real = Powers.cost
    monkeypatch.setattr(Powers, "cost", lambda self, count: counts.append(count) or real(self, count))
    assert not CrtExponents().find(Image("memory", data), keys).gaps
    monkeypatch.setattr(Powers, "cost", real)
    return counts


def test_each_window_is_tried_once_where_bytes_look_random_and_none_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = known(key_of(1024).n)  # of shorter ones a third has so few digits that some are digits by chance
    for size in (4096, 8192):
        counts = rows(noise(size), keys, monkeypatch)
        windows = sum(length - 63 for stretches in dense(Image("memory", noise(size)), 64) for _, length in stretches)
        assert size * 0.98 < windows < size
        assert sum(count - 63 for count in counts) == 2 * windows  # each once in each order of bytes
        assert sum(counts) < 2 * 1.4 * size
    text = b"".join(b"the quick brown fox %d jumps over the lazy dog; " % number for number in range(2000))
    for data in (text, bytes(100_000), b"\xff" * 100_000, bytes(range(16)) * 5000):
        assert rows(data, keys, monkeypatch) == []


def test_more_bytes_than_are_tried_are_a_gap_and_the_shortest_stretches_are_tried_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = key_of(512)
    dp = exponents(key.p, key.q)[0].to_bytes(32, "little")
    data = noise(1 << 14) + bytes(200) + noise(8) + dp + bytes(200)
    monkeypatch.setattr(crt_exponents, "_MOST", 200_000)
    findings = CrtExponents().find(Image("memory", data), known(key.n))
    assert [where.offset for one in findings for where in one.where] == [(1 << 14) + 208]
    assert [gap.harmless for gap in findings.gaps] == [False]
    monkeypatch.undo()
    assert CrtExponents().find(Image("memory", data), known(key.n)).gaps == []


def test_one_between_other_bytes_that_look_random_is_found() -> None:
    """Two buffers of a cipher side by side, with the key's number between them, are one stretch."""
    key = key_of(512)
    dp = exponents(key.p, key.q)[0].to_bytes(32, "little")
    for size in (1900, 4100, 1 << 14):
        assert places(noise(size) + dp + noise(size), known(key.n)) == [size]


def test_each_of_many_keys_has_its_part_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [key_of(512, number) for number in range(12)]
    known = KnownKeys(tuple(Modulus(key.n, E, f"key {number}") for number, key in enumerate(keys)))
    dqs = [exponents(key.p, key.q)[1].to_bytes(32, "big") for key in keys]
    data = noise(1 << 12) + bytes(99).join([b"", *dqs, b""])
    for most, gaps in ((12 * 500_000, 1), (12 * 3_000_000, 0)):
        monkeypatch.setattr(crt_exponents, "_MOST", most)
        findings = CrtExponents().find(Image("memory", data), known)
        assert {one.what.split(" of ")[1].split(" (")[0] for one in findings} == {f"key {at}" for at in range(12)}
        assert len(findings.gaps) == gaps


def test_public_keys_of_the_dump_itself_and_those_that_are_too_large_cost_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crt_exponents, "_MOST", 0)
    n = key_of(512).n
    assert CrtExponents().find(Image("memory", noise(4096)), known(n)).gaps
    for keys in (KnownKeys(), known(n, asked=False), known(1 << 8193 | 1)):
        assert not CrtExponents().find(Image("memory", noise(4096)), keys).gaps


def test_of_a_modulus_that_has_small_factors_and_is_no_keys_nothing_is_found() -> None:
    """Half of all numbers seem to be exponents modulo 3."""
    n = 3 * 5 * 7 * (key_of(1024).n >> 8 | 1)
    assert not find(noise(300), known(n))


def test_what_passes_in_c_and_is_no_exponent_is_none() -> None:
    """3 divides 256^32 - 1, so that in C a third of p - 1 more makes no difference."""
    keys = (key_of(512, number) for number in range(50))
    key = next(key for key in keys if key.p % 3 == 1 and pow(2, key.p // 3, key.p) != 1)
    dp = exponents(key.p, key.q)[0]
    other = (dp + (key.p - 1) // 3) % (key.p - 1)
    row = noise(9) + other.to_bytes(32, "big") + noise(9)
    powers = Powers(key.n, E, 32, 8, 1)
    assert powers.ends(Image("memory", row), Row(0, len(row)), down=True)
    assert not powers.ends(Image("memory", row), Row(0, len(row)), down=False)
    assert not find(row, known(key.n))
    assert find(noise(9) + dp.to_bytes(32, "big") + noise(9), known(key.n))


def test_numbers_of_the_key_that_are_none_are_none() -> None:
    """Neither the public ones, nor primes, d and qinv: what they are is told by others."""
    key = key_of(1024)
    d, inverse = pow(E, -1, (key.p - 1) * (key.q - 1)), pow(key.q, -1, key.p)
    for number, size in ((key.n, 128), (d, 128), (key.p, 64), (key.q, 64), (inverse, 64), (key.p - 1, 64)):
        for write in LAYOUTS.values():
            assert not find(noise(11) + write(number, size) + noise(11), known(key.n))


def test_a_whole_key_is_told_once_by_each_of_its_numbers() -> None:
    """As PKCS#1 has it: the primes, d and the CRT exponents have two places at most, in one form."""
    key = key_of(1024)
    public = rsa.RSAPublicNumbers(E, key.n)
    numbers = rsa.RSAPrivateNumbers(
        key.p, key.q, key.d, key.d % (key.p - 1), key.d % (key.q - 1), pow(key.q, -1, key.p), public
    )
    whole = numbers.private_key().private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    image = Image("memory", bytes(64) + whole + bytes(64))
    found = [one for detector in DETECTORS for one in detector.find(image, known(key.n))]
    told = [(one.detector, len(one.where)) for one in found if one.severity is Severity.TOTAL]
    assert sorted(told) == [("der", 1), ("rsa-crt", 2), ("rsa-exponent", 1), ("rsa-prime", 2)]


def test_a_finding_shows_no_digit_of_the_number() -> None:
    key = key_of(512)
    dp = exponents(key.p, key.q)[0]
    said = repr(find(noise(9) + dp.to_bytes(32, "big") + noise(9), known(key.n)))
    assert "CRT exponent" in said
    assert not any(f"{dp:064x}"[at : at + 8] in said for at in range(56))
