"""d, phi, dp, dq of a known key, and a prime as text. The key is made by `cryptography`."""

from __future__ import annotations

import base64
import json
import math
import random

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import DETECTORS, KnownKeys, Modulus
from redactfuzz.scan.keys.public.exponents import _COMMON, FORMS, Exponents
from redactfuzz.scan.keys.public.numerals import Numerals

_ALL_FACTORS = math.prod(_COMMON)


def drawn(*, usual: bool) -> rsa.RSAPrivateNumbers:
    """A key; in usual ones p - 1 and q - 1 have in common what is looked for in memory: 99 of 100."""
    while True:
        key = rsa.generate_private_key(65537, 2048 if usual else 1024).private_numbers()
        if (_ALL_FACTORS % math.gcd(key.p - 1, key.q - 1) == 0) == usual:
            return key


KEY = drawn(usual=True)
N, E = KEY.public_numbers.n, KEY.public_numbers.e
PHI = (KEY.p - 1) * (KEY.q - 1)
LCM = math.lcm(KEY.p - 1, KEY.q - 1)
KNOWN = KnownKeys((Modulus(N, E, "signing"),))
LARGE = {"d": pow(E, -1, PHI), "d modulo lcm": pow(E, -1, LCM), "phi": PHI, "lcm": LCM}
SMALL = {"p": KEY.p, "q": KEY.q, "dp": KEY.dmp1, "dq": KEY.dmq1}
NOISE = random.Random(8).randbytes(300)


def laid_out(number: int, form: str) -> bytes:
    if form.startswith("CPython"):
        return b"".join((number >> 30 * at & (1 << 30) - 1).to_bytes(4, "little") for at in range(69))
    return number.to_bytes(256, "big" if form.startswith("big") else "little")


def found(data: bytes) -> list[KeyFinding]:
    image = Image("memory", data)
    return [one for detector in (Exponents(), Numerals()) for one in detector.find(image, KNOWN)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("around", [bytes(64), NOISE], ids=["zeros", "noise"])
def test_d_and_phi_are_found_in_memory_and_not_their_neighbours(form: object, name: str, around: bytes) -> None:
    number, layout = LARGE[name], form.name  # type: ignore[attr-defined]
    (one,) = found(around + laid_out(number, layout) + around)
    assert one.what.split(" of ")[0] == ("private exponent d" if name.startswith("d") else "phi")
    assert one.severity is Severity.TOTAL
    assert [where.offset for where in one.where] == [len(around)]
    for near in (number + 2, number ^ 1 << 700, number ^ 1 << 2000):
        assert not found(around + laid_out(near, layout) + around)


def colons(number: int) -> bytes:
    """As `openssl rsa -text` prints it."""
    pairs = [f"{byte:02x}" for byte in number.to_bytes(number.bit_length() // 8 + 1, "big")]
    lines = [":".join(pairs[at : at + 15]) for at in range(0, len(pairs), 15)]
    return ("exponent1:\n    " + ":\n    ".join(lines) + "\n").encode()


def lines(number: int) -> bytes:
    """As `fold -w 63` breaks it: an odd number of digits in a line."""
    text = f"d = {number:x}"
    return "\n".join(text[at : at + 63] for at in range(0, len(text), 63)).encode()


def base64url(number: int) -> bytes:
    return base64.urlsafe_b64encode(number.to_bytes(-(-number.bit_length() // 8), "big")).rstrip(b"=")


NOTATIONS = {
    "hexadecimal": lambda number: f"0x{number:x}".encode(),
    "decimal": lambda number: str(number).encode(),
    "base64": base64url,
    "hexadecimal with colons": colons,
    "hexadecimal in lines": lines,
}


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("name", [*LARGE, *SMALL])
def test_a_private_number_is_found_as_text_and_not_its_neighbour(notation: str, name: str) -> None:
    number = {**LARGE, **SMALL}[name]
    texts = [b"value = " + NOTATIONS[notation](one) + b"; next" for one in (number, number + 2)]
    (one,) = found(texts[0])
    assert one.what.endswith(f"of signing (RSA-2048), {notation}")
    assert not found(texts[1])


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("shorter", [9, 20, 31])
def test_an_exponent_that_is_much_shorter_than_its_prime_is_found(notation: str, shorter: int) -> None:
    """One of 256 keys has one by a byte. Here it is chosen, and the public exponent follows from it."""
    dp = random.Random(shorter).getrandbits(1024 - shorter) | 1 << 1023 - shorter | 1
    dp = next(one for one in range(dp, dp + 1_000, 2) if math.gcd(one, KEY.p - 1) == 1)
    known = KnownKeys((Modulus(N, pow(dp, -1, KEY.p - 1), "signing"),))
    (one,) = Numerals().find(Image("memory", b"value = " + NOTATIONS[notation](dp) + b"; next"), known)
    assert one.what == f"CRT exponent (dp or dq) of signing (RSA-2048), {notation}"


def test_d_of_a_key_whose_primes_have_much_in_common_is_found_as_text() -> None:
    key = drawn(usual=False)
    d = pow(E, -1, math.lcm(key.p - 1, key.q - 1))
    known = KnownKeys((Modulus(key.public_numbers.n, E, "signing"),))
    (one,) = Numerals().find(Image("memory", b"value = %d; next" % d), known)
    assert one.what == "private exponent d of signing (RSA-1024), decimal"
    assert not list(Numerals().find(Image("memory", b"value = %d; next" % (d + 2)), known))


def prime(below: random.Random, common: int, bits: int) -> int:
    """By Fermat's test, which is wrong of no number that is drawn here. One less is a multiple of ``common``."""
    while True:
        number = below.randrange(1 << bits - 1, 1 << bits) // (2 * common) * 2 * common + 1
        if pow(2, number - 1, number) == 1:
            return number


def test_d_that_is_much_shorter_than_its_modulus_is_found_as_text() -> None:
    """By what the primes have in common, 12 bits, and by chance, 5 bits and more."""
    draw, common = random.Random(20), 4_099
    p = prime(draw, common, 512)
    while True:
        q = prime(draw, common, 512)
        d = pow(E, -1, math.lcm(p - 1, q - 1))
        if math.gcd(p - 1, q - 1) == 2 * common and d.bit_length() < (p * q).bit_length() - 16:
            break
    known = KnownKeys((Modulus(p * q, E, "signing"),))
    (one,) = Numerals().find(Image("memory", b"value = %d; next" % d), known)
    assert one.what.startswith("private exponent d of signing")


def test_the_public_numbers_are_no_finding() -> None:
    public = [N, N + 1, N - 1, pow(2, 4096, N), 2 * (N // 3), N // 2]
    forms = [laid_out(number, form.name) for number in public for form in FORMS]
    texts = [notation(number) for number in public for notation in NOTATIONS.values()]
    texts.append(json.dumps({"n": base64url(N).decode(), "e": "AQAB"}).encode())
    assert not found(b" ".join(forms + texts))


def test_numbers_of_another_key_are_none_of_this_one() -> None:
    other = rsa.generate_private_key(65537, 2048).private_numbers()
    numbers = (other.d, other.p, other.dmp1, other.iqmp)
    assert not found(b"\n".join(notation(number) for number in numbers for notation in NOTATIONS.values()))


def test_without_a_public_key_nothing_is_looked_for() -> None:
    data = Image("memory", laid_out(KEY.d, "big") + base64url(KEY.p))
    assert not [one for detector in DETECTORS for one in detector.find(data, KnownKeys())]


def test_a_finding_shows_no_digit_of_a_number() -> None:
    said = repr(found(base64url(KEY.d) + b" " + colons(KEY.p)))
    assert not any(f"{number:x}"[at : at + 8] in said for number in (KEY.d, KEY.p) for at in range(0, 248, 3))
