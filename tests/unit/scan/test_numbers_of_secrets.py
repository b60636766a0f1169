"""A number that the program gave, as the size of a copy, is not told where its bytes are some of a secret."""

from __future__ import annotations

import pytest

from redactfuzz.model.canary import mint, raw
from redactfuzz.native.explain.masking import Masking

CANARY = mint(7, "k", raw(32), 1)
SECRET = CANARY.bytes


def shown(text: str) -> str:
    return Masking(lambda *_: {}, {"k": CANARY}).shown(text)


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("size", [4, 8])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("at", [0, 3])
def test_words_of_a_secret_are_masked(order: str, size: int, signed: bool, at: int) -> None:
    number = int.from_bytes(SECRET[at : at + size], order, signed=signed)  # type: ignore[arg-type]
    assert shown(f"copies {number} bytes") == "copies [number] bytes"
    if number >= 0:
        assert shown(f"at {number:#x}.") == "at [number]."


@pytest.mark.parametrize("number", [0, 31, 65536, 4294967296, 123456789012, -987654321])
def test_other_numbers_are_shown(number: int) -> None:
    assert shown(f"copies {number} bytes, {number:#x}") == f"copies {number} bytes, {number:#x}"
