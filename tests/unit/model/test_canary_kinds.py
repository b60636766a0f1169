import json
import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redactfuzz.model.canary import KINDS, integer, kind_from_json, kind_to_json, literal, mint, probe, raw, rsa, token

ALL: list[Any] = [token(), token(50, alphabet="abc!"), raw(8), raw(100), integer(64), integer(257), probe(), rsa(512)]
IDS = [f"{kind.label}{index}" for index, kind in enumerate(ALL)]


@pytest.mark.parametrize("kind", ALL, ids=IDS)
def test_the_same_seed_name_and_number_give_the_same_secret(kind):
    assert mint(1, "a", kind, 9).bytes == mint(1, "a", kind, 9).bytes


@pytest.mark.parametrize("kind", ALL, ids=IDS)
def test_another_seed_name_or_number_gives_another_secret(kind):
    secrets = {mint(seed, name, kind, number).bytes for seed in (1, 2) for name in ("a", "b") for number in (1, 2)}
    assert len(secrets) == 8


@pytest.mark.parametrize("kind", ALL, ids=IDS)
def test_secrets_of_all_numbers_are_equally_long_in_every_form(kind):
    canaries = [mint(1, "a", kind, number) for number in range(1, 30)]
    assert len({canary.size for canary in canaries}) == 1
    assert len({canary.int.bit_length() > 0 for canary in canaries}) == 1
    if kind.label != "integer":
        assert len({len(canary.text) for canary in canaries}) == 1


@given(st.integers(0, 2**64), st.text(max_size=20), st.integers(1, 10**6))
def test_adjacent_numbers_share_no_run_of_six_characters(seed, name, number):
    one, other = (mint(seed, name, token(), n).text for n in (number, number + 1))
    assert not any(one[at : at + 6] in other for at in range(27))


def test_every_character_of_the_alphabet_comes_at_every_place():
    seen = [set() for _ in range(8)]
    for number in range(400):
        for place, letter in zip(seen, mint(1, "a", token(30, alphabet="abcd"), number).text, strict=False):
            place.add(letter)
    assert all(place == set("abcd") for place in seen)


def test_a_token_is_text_of_its_alphabet():
    canary = mint(1, "a", token(40, alphabet="xyz019"), 1)
    assert re.fullmatch("[xyz019]{40}", canary.text)
    assert canary.value == canary.text
    assert canary.bytes == canary.text.encode()
    assert canary.int == int.from_bytes(canary.bytes, "big")


def test_a_token_of_letters_and_digits_has_5_95_bits_a_character():
    assert token(32).bits / 32 == pytest.approx(5.95, abs=0.005)


def test_raw_is_bytes_and_its_text_is_hexadecimal():
    canary = mint(1, "a", raw(20), 1)
    assert isinstance(canary.value, bytes)
    assert bytes.fromhex(canary.text) == canary.bytes == canary.value
    assert canary.size == 20


@pytest.mark.parametrize("bits", [64, 65, 71, 72, 127, 128, 1024])
def test_an_integer_has_its_bits_and_is_odd(bits):
    for number in range(1, 20):
        canary = mint(1, "a", integer(bits), number)
        assert canary.int.bit_length() == bits
        assert canary.int % 2 == 1
        assert canary.value == canary.int == int(canary.text)
        assert canary.bytes == canary.int.to_bytes(math.ceil(bits / 8), "big")


def test_a_probe_needs_every_kind_of_escape_and_has_no_control_characters():
    text = mint(1, "a", probe(), 1).text
    assert all(special in text for special in "\"'\\<&$%`é😀")
    assert text.isprintable()
    assert probe().bits > 44


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: token(7), "7 characters"),
        (lambda: token(30, alphabet="ab"), "44 bits"),
        (lambda: token(30, alphabet="aab"), "distinct"),
        (lambda: token(30, alphabet="abé"), "ASCII"),
        (lambda: raw(7), "At least 8"),
        (lambda: integer(63), "64 to 8192"),
        (lambda: integer(9000), "64 to 8192"),
        (lambda: rsa(1000), "multiple of 128"),
        (lambda: rsa(256), "512 to 8192"),
        (lambda: literal("password"), "44 bits"),
        (lambda: literal("a" * 1000), "44 bits"),
        (lambda: literal("abcabcabcabcabcabcabcabcabcabcabcabc"), "44 bits"),
        (lambda: literal("12345678"), "44 bits"),
        (lambda: literal("ok but half a pair: \ud800 1aXz"), "surrogate"),
    ],
)
def test_what_could_not_be_told_from_chance_is_refused_with_what_to_do(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "value", ["AKIA7Q2ZP0XN4M8TEVKD", "correct horse 7Xq! battery", "9f86d081884c7d659a2feaa0c55ad015"]
)
def test_a_literal_is_its_value_and_shows_it_nowhere(value):
    kind = literal(value)
    assert mint(1, "a", kind, 1).text == value
    assert mint(1, "a", kind, 2).value == value
    assert mint(1, "a", literal(value.encode()), 1).value == value.encode()
    stored = json.dumps(kind_to_json(kind))
    for text in (repr(kind), stored):
        assert not any(value[at : at + 5] in text for at in range(len(value) - 4))


def test_a_stored_literal_has_to_be_brought_by_the_scenario():
    stored = kind_from_json(kind_to_json(literal("correct horse 7Xq! battery")))
    with pytest.raises(ValueError, match="'a' is a literal, and its value is never stored"):
        mint(1, "a", stored, 1)


@pytest.mark.parametrize("kind", ALL, ids=IDS)
def test_a_kind_survives_its_json(kind):
    assert kind_from_json(json.loads(json.dumps(kind_to_json(kind)))) == kind


def test_every_kind_of_the_table_is_tested_here():
    assert {kind.label for kind in ALL} | {"literal"} == set(KINDS)


@pytest.mark.parametrize(
    "data",
    [{}, {"kind": "nonsense"}, {"kind": "token", "m": 3}, {"kind": "raw"}, {"kind": "token", "n": 1, "alphabet": "ab"}],
)
def test_json_that_is_no_kind_raises_value_error(data):
    with pytest.raises(ValueError, match=r"canary kind|token:"):
        kind_from_json(data)


@pytest.mark.parametrize("value", [12345678901234567890, 2**60 + 0x3456789ABCDEF, 0xDEADBEEFCAFEBABE1122334455667788])
def test_a_literal_may_be_a_number(value):
    kind = literal(value)
    canary = mint(1, "key", kind, 1)
    assert (canary.value, canary.int, canary.text) == (value, value, str(value))
    assert kind.bits >= 44
    assert str(value) not in repr(kind)
    again = kind_from_json(kind_to_json(kind))
    assert (again.is_number, again.secret) == (True, None)  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", [7, 2**80, -(2**90), 0, 2**9000 + 1])
def test_a_number_that_is_no_secret_is_refused_with_a_reason(value):
    with pytest.raises(ValueError, match="bits"):
        literal(value)


@pytest.mark.parametrize("value", [None, True, 1.5, [1, 2], object()])
def test_what_a_literal_cannot_be_is_told_with_what_it_can(value):
    with pytest.raises(TypeError, match=r"literal takes a str, bytes or an int, not \w+"):
        literal(value)


@pytest.mark.parametrize("kind", ["hunter2-hunter2-hunter2", 5, None, object()])
def test_what_is_no_kind_is_told_with_those_there_are_and_never_shown(kind):
    with pytest.raises(TypeError, match=r"no kind of canary\. Give one of token\(\), .*literal\(value\)") as caught:
        mint(1, "key", kind, 1)
    assert "hunter2" not in str(caught.value)


def test_a_kind_that_is_not_called_is_told_so():
    with pytest.raises(TypeError, match="rsa is not called"):
        mint(1, "key", rsa, 1)
