"""What one spelling of a text has given is not looked at again in another one, and what differs is."""

from __future__ import annotations

import base64
import random

import pytest

from redactfuzz.scan.views import Allowance, Derived, Spelling, derived
from redactfuzz.scan.views.already import Already

STEP = 1 << 16
SECRET = b"%20".join(b"%%%02x" % each for each in b"a secret that stands at the end")


def same(already: Already, data: bytes, spelling: Spelling = Spelling.HEX, start: int = 0) -> int:
    return already.same(data, spelling, lambda first, last: (start + first, start + last))


def looked_at(text: bytes) -> list[Derived]:
    return [*derived(Derived("", text, lambda start, end: (start, end)), Allowance.of(len(text)))]


@pytest.mark.parametrize("size", [1, STEP - 1, STEP, STEP + 1, 3 * STEP, 3 * STEP + 7])
def test_what_is_the_same_is_known_as_a_whole(size: int) -> None:
    data, already = random.Random(size).randbytes(size), Already()
    assert same(already, data) == 0
    assert same(already, data) == size
    assert same(already, data + b"x") == size // STEP * STEP
    assert same(already, b"x" + data) == 0


@pytest.mark.parametrize("changed", [0, STEP - 1, STEP, 2 * STEP + 5])
def test_all_behind_the_first_difference_is_new(changed: int) -> None:
    data, already = bytearray(random.Random(1).randbytes(3 * STEP + 9)), Already()
    same(already, bytes(data))
    data[changed] ^= 1
    assert same(already, bytes(data)) == changed // STEP * STEP


def test_a_beginning_of_what_was_looked_at_is_not_taken_for_all_of_it() -> None:
    data, already = random.Random(1).randbytes(STEP + 99), Already()
    same(already, data[: STEP + 50])
    assert same(already, data) == STEP
    assert same(already, data[: STEP + 50]) == STEP + 50


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


def test_the_same_bytes_at_another_place_are_looked_at_there() -> None:
    data, already = random.Random(3).randbytes(1000), Already()
    assert same(already, data) == 0
    assert same(already, data, Spelling.HEX_BYTES, 3) == len(data)
    assert same(already, data, Spelling.BASE64, 4000) == 0


def test_a_secret_that_is_written_in_two_ways_at_two_places_is_told_at_both() -> None:
    secret = random.Random(3).randbytes(48)
    text = b"first: %s\nsecond: %s\n" % (base64.b64encode(secret), secret.hex().encode())
    places = [one.place(0, 1)[0] for one in looked_at(text) if one.data.startswith(secret)]
    for written in (text.find(b": ") + 2, text.rfind(b": ") + 2):
        assert any(written <= place < written + 4 for place in places)
