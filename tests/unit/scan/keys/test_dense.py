"""Where in an image bytes look random: every random number lies in such a stretch, and lists of pointers do not."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys.public.dense import dense


def covered(data: bytes, shortest: int, start: int, end: int) -> bool:
    stretches = [place for some in dense(Image("it", data), shortest) for place in some]
    return any(offset <= start and end <= offset + length for offset, length in stretches)


def plain(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little")


def digits(bits: int, width: int) -> Callable[[int, int], bytes]:
    def written(number: int, size: int) -> bytes:
        count = -(-8 * size // bits)
        return b"".join((number >> bits * at & (1 << bits) - 1).to_bytes(width, "little") for at in range(count))

    return written


@pytest.mark.parametrize("form", [plain, digits(30, 4), digits(26, 4), digits(52, 8), digits(51, 8), digits(60, 8)])
@pytest.mark.parametrize("size", [32, 85, 128, 256])
def test_a_random_number_lies_in_one_in_whatever_form(size: int, form: Callable[[int, int], bytes]) -> None:
    draw, lost = random.Random(size), 0
    for trial in range(300):
        written = form(draw.getrandbits(8 * size) | 1 << 8 * size - 1, size)
        before = draw.randrange(64)
        data = bytes(before) + written + bytes(64)
        # A shorter one that is looked for as well must not cut it.
        shortest = size if trial % 2 or size == 32 else size * 2 // 3
        lost += not covered(data, shortest, before, before + len(written))
    # The blocks of 16 bytes by which stretches are found lose one of 1,000; what is varied is lost by none of them.
    assert lost <= (300 // 20 if form is not plain else 3)


def test_lists_of_pointers_are_none() -> None:
    draw = random.Random(1)
    data = b"".join((0x7F9FF6000000 + draw.randrange(1 << 22) * 8).to_bytes(8, "little") for _ in range(4096))
    assert [place for some in dense(Image("it", data), 128) for place in some] == []
    noise = draw.randbytes(128)
    assert covered(data + noise + data, 128, len(data), len(data) + 128)
