import random
from typing import Any

import pytest
from scan_reference import BYTES, NUMBER, TEXT

from redactfuzz.model.canary import Shape, Source, integer, mint, probe, raw, token
from redactfuzz.model.canary.secret import mask_bytes
from redactfuzz.scan.matcher import Hit, Matcher, Planted, encodings

MATRIX = [
    *((name, encode, Shape.TEXT, mint(1, "token", token(32), 1)) for name, encode in TEXT.items()),
    *((name, encode, Shape.TEXT, mint(1, "probe", probe(), 1)) for name, encode in TEXT.items()),
    *((name, encode, Shape.BYTES, mint(1, "raw", raw(32), 1)) for name, encode in BYTES.items()),
    *((name, encode, Shape.NUMBER, mint(1, "integer", integer(253), 1)) for name, encode in NUMBER.items()),
    *((name, encode, Shape.NUMBER, mint(1, "large", integer(2048), 1)) for name, encode in NUMBER.items()),
]
IDS = [f"{name}-{canary.kind.label}-{canary.size}" for name, _, _, canary in MATRIX]
NOISE = random.Random(0).randbytes(64).replace(b"\\", b"/")


def search(canary, shape, data):
    """All hits of the source of that shape alone."""
    matcher = Matcher()
    matcher.plant([Planted(next(source for source in canary.sources() if source.shape == shape), 0)])
    return matcher.scan(data)


def best(hits: list[Hit]) -> Hit:
    return min(hits, key=lambda hit: (-hit.length, hit.encoding))


def encoded(canary, shape, encode):
    clear = {Shape.TEXT: canary.text, Shape.BYTES: canary.bytes, Shape.NUMBER: canary.int}[shape]
    return encode(clear)


def test_every_encoding_of_the_table_has_a_reference():
    assert set(encodings()) == {*TEXT, *BYTES, *NUMBER}


@pytest.mark.parametrize(("name", "encode", "shape", "canary"), MATRIX, ids=IDS)
def test_the_whole_form_is_found_where_it_lies_and_named_rightly(name, encode, shape, canary):
    form = encoded(canary, shape, encode)
    hit = best(search(canary, shape, NOISE + form + NOISE))
    assert (hit.offset, hit.length, hit.whole) == (len(NOISE), len(form), True)
    found = encodings()[hit.encoding]
    if found != name:  # two encodings of this very secret with the same bytes: the first of the table is named
        tables: dict[Shape, Any] = {Shape.TEXT: TEXT, Shape.BYTES: BYTES, Shape.NUMBER: NUMBER}
        assert encodings().index(found) < encodings().index(name)
        assert encoded(canary, shape, tables[shape][found]) == form


@pytest.mark.parametrize(("name", "encode", "shape", "canary"), MATRIX, ids=IDS)
def test_every_fragment_of_enough_bits_is_found_with_exact_offsets(name, encode, shape, canary):
    form = encoded(canary, shape, encode)
    bits = next(source.bits for source in canary.sources() if source.shape == shape)
    # Escapes spread the bits of a probe and of raw bytes unevenly.
    even = canary.kind.label in ("token", "integer") and not name.startswith("decimal list")
    least = max(8, int((44.0 if even else 120.0) / bits * len(form)) + 1)
    rng = random.Random(name)
    for _ in range(12):
        size = rng.randint(least, len(form))
        start = rng.randint(0, len(form) - size)
        # Bytes around it that do not happen to go on with the form.
        before, after = (
            bytes((form[at] ^ 0x55 if 0 <= at < len(form) else 0xFE,)) * 5 for at in (start - 1, start + size)
        )
        hit = best(search(canary, shape, before + form[start : start + size] + after))
        assert (hit.offset, hit.length) == (5, size)


@pytest.mark.parametrize(
    ("name", "encode", "shape", "canary"), [case for case in MATRIX if case[3].kind.label in ("token", "integer")]
)
def test_a_fragment_of_too_few_bits_gives_nothing(name, encode, shape, canary):
    form = encoded(canary, shape, encode)
    bits = next(source.bits for source in canary.sources() if source.shape == shape)
    size = int(38.0 / bits * len(form))
    middle = len(form) // 2
    assert search(canary, shape, b"\xfe" * 5 + form[middle : middle + size] + b"\xfe" * 5) == []


@pytest.mark.parametrize(("name", "encode"), TEXT.items(), ids=TEXT)
def test_what_every_probe_has_in_common_is_no_leak(name, encode):
    canary = mint(1, "probe", probe(), 1)
    masked_out = "".join("x" if letter.isascii() and letter.isalnum() else letter for letter in canary.text)
    assert search(canary, Shape.TEXT, encode(masked_out)) == []
    # Six letters beside a special character are 36 bits, however long the escape of the special character is.
    assert search(canary, Shape.TEXT, encode("#" + canary.text[3:10] + "x" * 9)) == []


def test_a_fragment_between_escapes_that_nobody_knows_is_found():
    canary = mint(1, "probe", probe(), 1)
    unknown = "".join(letter if letter.isascii() and letter.isalnum() else f"<{ord(letter)}>" for letter in canary.text)
    assert len({hit.offset for hit in search(canary, Shape.TEXT, unknown.encode())}) == 8


@pytest.mark.parametrize(("name", "encode", "shape", "canary"), MATRIX, ids=IDS)
def test_the_same_form_of_another_execution_gives_nothing(name, encode, shape, canary):
    other = mint(1, canary.name, canary.kind, 2)
    assert search(canary, shape, NOISE + encoded(other, shape, encode) + NOISE) == []


def test_utf16_and_ucs4_text_of_other_words_gives_nothing():
    words = "the quick brown fox jumps over the lazy dog 0123456789 " * 200
    canary = mint(1, "token", token(32), 1)
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        assert search(canary, Shape.TEXT, words.encode(encoding)) == []


def test_a_megabyte_of_random_bytes_and_of_zeros_gives_nothing():
    canary = mint(1, "token", token(32), 1)
    for data in (random.Random(1).randbytes(1 << 20), bytes(1 << 20)):
        for shape in (Shape.TEXT, Shape.NUMBER):
            assert search(canary, shape, data) == []


def test_more_forms_than_the_memory_holds_are_planted_after_it_has_grown():
    matcher = Matcher()
    secrets = [random.Random(index).randbytes(700).hex().encode() for index in range(8)]
    matcher.plant(
        [Planted(Source(Shape.TEXT, mask_bytes(secret), 4.0 * len(secret)), i) for i, secret in enumerate(secrets)]
    )
    for index, secret in enumerate(secrets):
        assert any(hit.planted == index and hit.whole for hit in matcher.scan(b"--" + secret))


def test_a_cleared_matcher_finds_nothing_and_holds_no_secret():
    canary = mint(1, "token", token(32), 1)
    matcher = Matcher()
    matcher.plant([Planted(source, 0) for source in canary.sources()])
    assert matcher.memory().find(canary.bytes) >= 0
    matcher.clear()
    assert matcher.scan(canary.bytes) == []
    memory = matcher.memory()
    assert memory.find(canary.bytes[4:14]) < 0
    assert memory.find(canary.bytes.hex().encode()[:16]) < 0
