"""Literals of all detectors, found in one pass over an image."""

from __future__ import annotations

import random
from typing import Any

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import literals
from redactfuzz.scan.keys.literals import Literals, Place

ALPHABET = b"abk\0\x80"


@pytest.fixture(autouse=True)
def no_other_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(literals, "_SHARED", literals._Shared())


def slowly(wanted: Literals, data: bytes) -> list[Place]:
    forms = [(form, index, 1) for index, form in enumerate(wanted.wanted)]
    forms += [(form.decode().encode("utf-16-le"), index, 2) for index, form in enumerate(wanted.wanted)]
    return [
        (at, index, width)
        for at in range(len(data))
        for form, index, width in forms
        if data.startswith(form, at) and at < len(data) - 2
    ]


@pytest.mark.parametrize("seed", range(40))
def test_each_place_is_told_once_in_order_whatever_else_is_looked_for(seed: int) -> None:
    draw = random.Random(seed)
    sets = [
        Literals(*{bytes(draw.choices(b"abk", k=draw.randrange(3, 8))) for _ in range(draw.randrange(1, 9))})
        for _ in range(3)
    ]
    data = bytes(draw.choices(ALPHABET, k=draw.randrange(400)))
    planted = [draw.choice(draw.choice(sets).wanted) for _ in range(20)]
    for one in planted:
        data += draw.choice([one, one.decode().encode("utf-16-le"), one[:-1]]) + bytes(draw.choices(ALPHABET, k=9))
    image, found = Image("it", data), 0
    for wanted in sets:
        places = list(wanted.places(image))
        assert places == slowly(wanted, data)
        found += len(places)
    assert found >= 10


def test_where_there_are_too_many_each_set_finds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(literals, "_KEPT", 10)
    one, other = Literals(b"dense-"), Literals(b"rare-")
    image = Image("it", b"dense-" * 5000 + b"rare-" + b"dense-" * 5)
    assert len(list(one.places(image))) == 5005
    assert list(other.places(image)) == [(30000, 0, 1)]


@pytest.mark.parametrize("wanted", [b"ab", b"\0ab", b"a" * 13])
def test_literals_that_cannot_be_looked_for_are_refused(wanted: bytes) -> None:
    with pytest.raises(ValueError, match="literals of 3 to 24 bytes"):
        Literals(wanted)


def test_a_set_that_is_added_while_an_image_is_searched_finds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[Literals] = []
    one, image = Literals(b"early-"), Image("it", b"late- early- late-")
    search = literals._Shared._found

    def meanwhile(*given: Any) -> Any:
        """As another thread does, whose window is the first one that a detector looks at."""
        found = search(*given)
        if not late:
            late.append(Literals(b"late-"))
        return found

    monkeypatch.setattr(literals._Shared, "_found", meanwhile)
    assert list(one.places(image)) == [(6, 0, 1)]
    assert list(late[0].places(image)) == [(0, 0, 1), (13, 0, 1)]
    assert list(one.places(image)) == [(6, 0, 1)]
