"""The sieve of the matcher (``_core/match/match_sieve.h``) leaves out nothing: the hits are the same without it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.model.canary import Canary, mint, raw, rsa, token
from redactfuzz.model.canary.secret import Shape, Source, mask_bytes
from redactfuzz.scan.matcher import Hit, Matcher, Planted

BLOCK = 512
"""Bytes that are sieved at once."""
KINDS = {
    "token": [token(32)],
    "raw": [raw(32)],
    "tokens": [token(24)] * 3,
    "rsa": [rsa(2048)],
    "all": [token(), raw(64)],
}
PAIRS: dict[str, tuple[list[Canary], Matcher, Matcher]] = {}


def planted(canaries: list[Canary]) -> list[Planted]:
    return [Planted(source, group) for group, canary in enumerate(canaries) for source in canary.sources()]


def pair(kind: str) -> tuple[list[Canary], Matcher, Matcher]:
    """The canaries, and two matchers of them: with the vector instructions of this processor, and without."""
    if kind not in PAIRS:
        canaries = [mint(8, f"c{number}", one, 1) for number, one in enumerate(KINDS[kind])]
        both = Matcher(dense=True), Matcher(dense=True, vectors=False)
        for matcher in both:
            matcher.plant(planted(canaries))
        PAIRS[kind] = canaries, *both
    return PAIRS[kind]


def core_like(chance: random.Random, size: int) -> bytearray:
    """Zeros, pointers, small numbers, text, random bytes, each for a while."""
    data = bytearray()
    while len(data) < size:
        words = chance.randrange(1, 200)
        kind = chance.randrange(6)
        if kind < 2:
            least, most = ((0, 300), (0x7F0000000000, 0x7F0040000000))[kind]
            data += b"".join(chance.randrange(least, most).to_bytes(8, "little") for _ in range(words))
        elif kind == 2:
            data += chance.randbytes(8 * words)
        else:
            letters = (b"\0", b"\0\0\0abc", b"abcdefghij klmnop/XYZ0123456789_=\\n")[kind - 3]
            data += bytes(chance.choices(letters, k=8 * words))
    return data[:size]


def forms(canary: Canary) -> list[bytes]:
    clear = canary.bytes
    text = clear.decode("latin-1")
    return [clear, text.encode("utf-16-le"), text.encode("utf-32-be"), clear.hex().encode(), clear[::-1]]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.integers(0, 1 << 32), st.integers(0, 9000), st.sampled_from([1, 2, 4, 8]))
def test_hits_are_the_same_with_and_without_vectors(kind: str, seed: int, size: int, stride: int) -> None:
    canaries, fast, plain = pair(kind)
    chance = random.Random(seed)
    data = core_like(chance, size)
    for _ in range(chance.randrange(6)):  # whole, in part, across borders of blocks, at either end
        form = chance.choice(forms(chance.choice(canaries)))
        start = chance.randrange(len(form))
        piece = form[start : start + chance.randrange(1, len(form) + 1)]
        at = chance.choice((0, chance.randrange(size + 1), max(0, size - len(piece)), chance.randrange(20) * BLOCK - 9))
        at = max(0, at)
        data[at : at + len(piece)] = piece
    start = chance.choice((0, chance.randrange(len(data) + 1)))
    stop = chance.choice((len(data), chance.randrange(start, len(data) + 1)))
    assert fast.scan(bytes(data), start, stop, stride) == plain.scan(bytes(data), start, stop, stride)


@pytest.mark.parametrize("stride", [1, 4, 8])
@pytest.mark.parametrize("kind", ["raw", "token"])
def test_a_secret_is_found_at_every_offset_of_a_block(kind: str, stride: int) -> None:
    canaries, fast, plain = pair(kind)
    secret = canaries[0].bytes
    for around in (bytes(4 * BLOCK), b"\x81" * 4 * BLOCK, b"text that passes" * (4 * BLOCK // 16)):
        for at in range(BLOCK - 2 * 8, 2 * BLOCK + 8):
            data = around[:at] + secret + around[at:]
            hits = fast.scan(data, stride=stride)
            assert hits == plain.scan(data, stride=stride)
            assert any(hit.whole and _shows(hit, at, len(secret)) for hit in hits)


def _shows(hit: Hit, at: int, size: int) -> bool:
    return hit.offset <= at and hit.offset + hit.length >= at + size


def test_words_of_zeros_are_seen_when_a_secret_has_them() -> None:
    """The sieve leaves words of zeros out: it must not be used then."""
    secret = bytes(range(1, 9)) + bytes(8) + bytes(range(9, 17))
    for vectors in (True, False):
        matcher = Matcher(dense=True, vectors=vectors)
        matcher.plant([Planted(Source(Shape.BYTES, mask_bytes(secret), 8.0 * len(secret), ""), 0)])
        for padding in range(8, 16):
            data = b"\xff" * padding + secret[4:20] + b"\xff" * 4 * BLOCK
            assert (padding, 16) in {(hit.offset, hit.length) for hit in matcher.scan(data, stride=8)}, vectors
