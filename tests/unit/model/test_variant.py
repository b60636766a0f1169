"""Other values of a canary are of its kind, as long in every notation, and the same each time."""

from __future__ import annotations

from typing import Any

import pytest

from redactfuzz.model.canary import integer, literal, mint, probe, raw, rsa, token
from redactfuzz.model.canary.variant import Variant, positions, unit, varied

SEED = 3
KINDS = [
    (token(), 32, "characters"),
    (token(16, "01234567"), 16, "characters"),
    (probe(), 72, "characters"),
    (literal("Sk-1234-abcdefghijkl"), 18, "characters"),
    (raw(16), 128, "bits"),
    (integer(256), 254, "bits"),
    (literal(bytes(range(100, 200, 7))), 120, "bits"),
    (literal(0x8123459876543ABCDE342345678123), 118, "bits"),
]
kinds = pytest.mark.parametrize(("kind", "count", "what"), KINDS, ids=lambda value: getattr(value, "label", None))


@kinds
def test_each_kind_says_what_can_be_changed_by_itself(kind: Any, count: int, what: str) -> None:
    canary = mint(SEED, "key", kind, 1)
    assert (positions(canary), unit(canary)) == (count, what)


@kinds
def test_another_value_is_as_long_in_every_notation_and_always_the_same(kind: Any, count: int, what: str) -> None:
    for number in range(1, 20):
        canary = mint(SEED, "key", kind, number)
        other = varied(canary, SEED, Variant(0))
        assert other.text != canary.text
        assert len(other.text) == len(canary.text)
        assert len(str(int.from_bytes(other.bytes, "big"))) == len(str(int.from_bytes(canary.bytes, "big")))
        assert int.from_bytes(other.bytes, "big").bit_length() == int.from_bytes(canary.bytes, "big").bit_length()
        assert varied(canary, SEED, Variant(0)).text == other.text
        assert varied(canary, SEED, Variant(1)).text != other.text


@kinds
def test_one_position_changes_one_byte(kind: Any, count: int, what: str) -> None:
    canary = mint(SEED, "key", kind, 1)
    touched = set()
    for position in range(count):
        other = varied(canary, SEED, Variant(0, position)).bytes
        (at,) = (index for index, (a, b) in enumerate(zip(canary.bytes, other, strict=True)) if a != b)
        touched.add((at, canary.bytes[at] ^ other[at]) if what == "bits" else at)
    assert len(touched) == count


@pytest.mark.parametrize("kind", [token(), probe(), literal("Sk-1234-abcdefghijkl")])
def test_several_values_of_a_character_are_all_different(kind: Any) -> None:
    canary = mint(SEED, "key", kind, 1)
    assert positions(canary) > 0
    for position in range(positions(canary)):
        values = {varied(canary, SEED, Variant(draw, position)).text for draw in range(3)}
        assert len(values | {canary.text}) == 4


def test_a_literal_keeps_its_form() -> None:
    """Code that takes no other secret is to take the changed one."""
    given = "Sk-1234-abcdEFGH.ijkl"
    other = varied(mint(SEED, "key", literal(given), 1), SEED, Variant(0)).text

    def form(text: str) -> list[str]:
        return [c if not c.isalnum() else "0" if c.isdigit() else "a" if c.islower() else "A" for c in text]

    assert form(other) == form(given)


def test_an_rsa_key_is_compared_between_keys_only() -> None:
    canary = mint(SEED, "key", rsa(512), 1)
    assert positions(canary) == 0
    assert varied(canary, SEED, Variant(0)).int != canary.int


def test_it_keeps_its_name_and_number() -> None:
    other = varied(mint(SEED, "key", token(), 7), SEED, Variant(0))
    assert (other.name, other.number, other.kind) == ("key", 7, token())


@pytest.mark.parametrize("kind", [token(), raw(16), integer(128)])
def test_changes_made_together_are_those_made_alone(kind: Any) -> None:
    canary = mint(SEED, "key", kind, 3)
    own, some = canary.bytes, (1, 4, 11)
    expected = bytearray(own)
    for position in some:
        alone = varied(canary, SEED, Variant(0, position)).bytes
        expected = bytearray(one ^ two ^ three for one, two, three in zip(expected, own, alone, strict=True))
    assert varied(canary, SEED, Variant(0, together=some)).bytes == bytes(expected) != own
