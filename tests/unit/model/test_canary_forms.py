from __future__ import annotations

import base64
import gc
import os

import pytest

from redactfuzz.model.canary import Canary, Kind, integer, literal, mint, probe, raw, rsa, token
from redactfuzz.model.canary.apart import apart
from redactfuzz.model.canary.forms import base64_text, decimal, digits, hexadecimal
from redactfuzz.model.canary.secret import Masked, mask_bytes

KINDS: list[Kind] = [
    token(32),
    raw(32),
    integer(256),
    probe(),
    rsa(1024),
    literal("naïve über-secret ✓ 8d7f6a5s4d3f2g1h"),
    literal(b"\0\1\2\xe4\xff4asdk1289as"),
    literal(123456789012345678901234567890123),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.label)
def canary(request: pytest.FixtureRequest) -> Canary:
    return mint(3, "held", request.param, 1)


def test_data_that_holds_a_canary_is_told_from_data_that_does_not(canary: Canary) -> None:
    other = mint(4, "held", canary.kind, 2) if canary.kind.label != "literal" else mint(4, "other", token(40), 2)
    for text in (canary.text, "before " + canary.text + " after", "ünder " + canary.text):
        assert canary.within(text)
        assert not other.within(text)
    for data in (canary.bytes, b"\0before" + canary.bytes, bytearray(canary.bytes + b"after")):
        assert canary.within(data)
        assert not other.within(data)
    assert not canary.within(canary.text[::-1])
    assert not canary.within(canary.bytes[1:])
    assert not canary.within("")
    assert not canary.within(b"")


def test_forms_are_those_of_the_clear_secret() -> None:
    for clear in (b"\0\0\1", b"\xff" * 33, bytes(range(1, 80)), b"x"):
        masked = mask_bytes(clear)
        assert hexadecimal(masked).clear() == clear.hex().encode()
        assert decimal(masked).clear() == str(int.from_bytes(clear, "big")).encode()
        encoded = base64.b64encode(clear).rstrip(b"=")
        assert base64_text(masked).clear() == encoded
        assert base64_text(masked, 8).clear() == b"\n".join(encoded[at : at + 8] for at in range(0, len(encoded), 8))


def test_what_is_too_long_for_a_number_has_no_decimal_form() -> None:
    """Making it takes a time that is quadratic in the size."""
    assert [len(digits(Masked(bytes(size), 0))) for size in (1024, 1025)] == [2, 1]


def test_work_apart_gives_its_result_and_leaves_no_process() -> None:
    assert apart(lambda: Masked(b"abc" * 50_000, 7)) == Masked(b"abc" * 50_000, 7)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_work_apart_that_dies_is_an_error() -> None:
    with pytest.raises(ChildProcessError, match="died before it had made it"):
        apart(lambda: os._exit(3))
    gc.collect()
