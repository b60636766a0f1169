"""What a fragment gives away: digits no more than digits can, and zeros beside the letters of wide text nothing."""

from __future__ import annotations

import base64
import math
import random
import re
from collections.abc import Callable

import pytest

from redactfuzz.model.canary import mint, rsa
from redactfuzz.model.canary.rsa_key import RsaNumbers, encode
from redactfuzz.model.canary.secret import Masked, Shape, Source
from redactfuzz.scan.matcher import Hit, Matcher, Planted

SMALL = bytes([200, 7, 1, 13, 7, 4, 5, 1, 201, 199, 3, 250, 6, 99, 0, 180])
"""With a run of bytes below 10, as DER has them."""
FORMS: dict[str, Callable[[int], str]] = {"signed": lambda b: str(b if b < 128 else 256 - b), "unsigned": str}


def hits(secret: bytes, data: bytes) -> list[Hit]:
    matcher = Matcher()
    masked = Masked(bytes(byte ^ 90 for byte in secret), 90)
    matcher.plant([Planted(Source(Shape.BYTES, masked, 8.0 * len(secret)), 0)])
    try:
        return matcher.scan(data)
    finally:
        matcher.clear()


@pytest.mark.parametrize("form", FORMS)
def test_eight_digits_that_stand_for_seven_bytes_are_none_of_a_secret(form: str) -> None:
    text = "".join(map(FORMS[form], SMALL[1:8]))
    assert text == "711374" + "51"
    assert hits(SMALL, f"4.{text}515765346894e-11".encode()) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_long_run_is_found_and_says_as_much_as_its_digits(form: str) -> None:
    text = "".join(map(FORMS[form], SMALL))
    part = text[:-3]
    found = [hit for hit in hits(SMALL, f"({part})".encode()) if hit.size == len(text)]
    assert [hit.length for hit in found] == [len(part)]
    assert 44 < found[0].bits <= math.log2(10) * len(part)


BYTES = bytes([0x78, 0x7B, 0x91, 0xC6, 0x0A, 0xD4, 0x87, 0x98, 0x0E, 0x41, 0x95, 0x5C, 0x39, 0xA2, 0xF0, 0x6B])


@pytest.mark.parametrize(("wide", "beside"), [("utf-16-be", 1), ("utf-16-le", 1), ("utf-32-be", 3), ("utf-32-le", 3)])
def test_zeros_beside_five_bytes_say_no_more_than_these(wide: str, beside: int) -> None:
    def part(count: int) -> bytes:
        return b"\1" + bytes(beside) + BYTES[4 : 4 + count].decode("latin-1").encode(wide) + bytes(beside) + b"\1"

    assert hits(BYTES, part(5)) == []
    assert {round(hit.bits) for hit in hits(BYTES, part(6))} == {48}


KEY = mint(16, "rsa", rsa(2048), 1)
NOTATIONS: dict[str, Callable[[bytes], bytes]] = {
    "bytes": bytes,
    "hexadecimal": lambda der: der.hex().encode(),
    "upper case": lambda der: der.hex().upper().encode(),
    "a list": lambda der: str(list(der)).encode(),
    "PEM": lambda der: b"\n".join(re.findall(b".{1,64}", base64.b64encode(der))),
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
}


def other(draw: random.Random) -> bytes:
    """The DER of another key of that size, whose numbers are only drawn."""
    sizes = {"n": 2048, "d": 2048, "p": 1024, "q": 1024, "dp": 1024, "dq": 1024, "qinv": 1024}
    numbers = {name: draw.getrandbits(size) | 1 << size - 1 for name, size in sizes.items()}
    return encode(RsaNumbers(e=65537, **numbers))


def of_key(data: bytes) -> list[Hit]:
    matcher = Matcher()
    matcher.plant([Planted(source, index) for index, source in enumerate(KEY.sources())])
    try:
        return matcher.scan(data)
    finally:
        matcher.clear()


@pytest.mark.parametrize("notation", NOTATIONS)
def test_what_any_key_has_between_its_numbers_is_no_piece_of_this_one(notation: str) -> None:
    """Tags and lengths are 32 of the 44 bits that make a leak: each third key in hexadecimal was taken for a piece."""
    draw, write = random.Random(notation), NOTATIONS[notation]
    assert of_key(b"\n".join(write(other(draw)) for _ in range(60))) == []


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_piece_over_two_numbers_counts_without_what_stands_between_them(notation: str) -> None:
    der = KEY.bytes
    end = der.index(KEY.value.d.to_bytes(256, "big")) + 256
    write = NOTATIONS[notation]
    for beside, found in ((12, True), (1, False)):
        piece = write(der)[: len(write(der[: end + 4 + beside]))][len(write(der[: end - beside])) :]
        noise = random.Random(3).randbytes(30)
        assert bool(of_key(write(noise)[:30] + b"\n" + piece + b"\n")) is found
