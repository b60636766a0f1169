"""What one spelling of a text has given is not looked at again in another one, and what differs is."""

from __future__ import annotations

import random

import pytest

from redactfuzz.scan.views import Allowance, Derived, derived
from redactfuzz.scan.views.already import Already

STEP = 1 << 16
SECRET = b"%20".join(b"%%%02x" % each for each in b"a secret that stands at the end")


def looked_at(text: bytes) -> list[Derived]:
    return [*derived(Derived("", text, lambda start, end: (start, end)), Allowance.of(len(text)))]


@pytest.mark.parametrize("size", [1, STEP - 1, STEP, STEP + 1, 3 * STEP, 3 * STEP + 7])
def test_what_is_the_same_is_known_as_a_whole(size: int) -> None:
    data, already = random.Random(size).randbytes(size), Already()
    assert already.same(data) == 0
    assert already.same(data) == size
    assert already.same(data + b"x") == size // STEP * STEP
    assert already.same(b"x" + data) == 0


@pytest.mark.parametrize("changed", [0, STEP - 1, STEP, 2 * STEP + 5])
def test_all_behind_the_first_difference_is_new(changed: int) -> None:
    data, already = bytearray(random.Random(1).randbytes(3 * STEP + 9)), Already()
    already.same(bytes(data))
    data[changed] ^= 1
    assert already.same(bytes(data)) == changed // STEP * STEP


def test_a_beginning_of_what_was_looked_at_is_not_taken_for_all_of_it() -> None:
    data, already = random.Random(1).randbytes(STEP + 99), Already()
    already.same(data[: STEP + 50])
    assert already.same(data) == STEP
    assert already.same(data[: STEP + 50]) == STEP + 50


def test_what_differs_near_the_end_is_looked_at_where_it_stands() -> None:
    """Digits that lack one at the end are a list of another kind, which gives the same bytes up to there."""
    text = b"%41%2F%3d%20" * 70_000 + SECRET + b"%3"
    listed = [one for one in looked_at(text) if one.what in {"hexadecimal", "bytes in hexadecimal"}]
    assert [one.what for one in listed] == ["hexadecimal", "bytes in hexadecimal"]
    first, again = listed
    assert len(first.data) > 3 * STEP
    assert STEP < len(again.data) < 2 * STEP
    for one in listed:
        assert text[one.place(one.data.rindex(b"= A"), 0)[0] :].lstrip(b"%").startswith(b"3d%20%41")
    assert again.data.rstrip(b"\0").endswith(b"\x03")
