"""Keys of Ed25519 as NaCl keeps them, found without any public key. They are made by `cryptography`."""

from __future__ import annotations

import random

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.public import seed_pairs
from redactfuzz.scan.keys.public.curves import point_of
from redactfuzz.scan.keys.public.seed_pairs import SeedPairs


def noise(size: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(size)


def pair(seed: int) -> bytes:
    secret = noise(32, seed)
    return secret + ed25519.Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


CORE = b"\x7fELF\2\1\1" + bytes(9) + b"\4\0" + bytes(6)


def find(data: bytes) -> Findings:
    return SeedPairs().find(Image("core", CORE + data), KnownKeys())


def test_other_files_are_not_looked_through_unless_somebody_asks_for_keys() -> None:
    data = bytes(40) + pair(1) + bytes(40)
    for file in (data, b"MDMP" + data, b"\x7fELF\2\1\1" + bytes(9) + b"\3\0" + bytes(6) + data):
        assert list(SeedPairs().find(Image("file", file), KnownKeys())) == []
    other = point_of("Ed25519", pair(2)[32:], "other")
    assert other is not None
    assert len(list(SeedPairs().find(Image("file", data), KnownKeys(points=(other,))))) == 1
    met = KnownKeys(points=(attrs.evolve(other, asked=False),))
    assert list(SeedPairs().find(Image("file", data), met)) == []


@pytest.mark.parametrize("number", range(40))
def test_a_seed_is_found_by_the_public_key_behind_it(number: int) -> None:
    before = bytes(8 * number) if number % 2 else noise(8 * (number % 9), 1000 + number)
    (found,) = find(before + pair(number) + bytes(40))
    assert found.what == "Ed25519 private key, seed and public key"
    assert found.severity is Severity.TOTAL
    assert [(where.offset, where.length) for where in found.where] == [(len(CORE) + len(before), 32)]


@pytest.mark.parametrize("number", range(40))
def test_what_is_not_its_public_key_is_none(number: int) -> None:
    secret, public = pair(number)[:32], pair(number)[32:]
    others = (pair(number + 100)[32:], noise(32, number), public[::-1], bytes([public[0] ^ 1]) + public[1:])
    for other in others:
        assert list(find(bytes(40) + secret + other + bytes(40))) == []
    assert list(find(bytes(40) + public + secret + bytes(40))) == []


def test_in_a_core_memory_is_aligned() -> None:
    for offset in range(40, 56):
        found = list(find(bytes(offset) + pair(1) + bytes(16)))
        assert len(found) == (offset % 8 == 0)


@pytest.mark.parametrize("order", [b"\1", b"\2"])
def test_cores_of_either_byte_order_are_looked_through(order: bytes) -> None:
    kind = b"\4\0" if order == b"\1" else b"\0\4"
    core = b"\x7fELF\2" + order + bytes(10) + kind + bytes(46) + pair(1) + bytes(40)
    assert len(list(SeedPairs().find(Image("core", core), KnownKeys()))) == 1


def test_a_dozen_side_by_side_are_found() -> None:
    """Go puts what has one size and no pointers into one span."""
    assert len(list(find(bytes(40) + b"".join(map(pair, range(12))) + bytes(40)))) == 12


def test_each_key_is_told_with_its_places_and_shows_nothing() -> None:
    data = bytes(64).join([pair(1), pair(2), pair(1), b""])
    found = list(find(data))
    assert [len(one.where) for one in found] == [2, 1]
    assert not any(pair(1)[at : at + 4].hex() in repr(found) for at in range(32))


@pytest.mark.parametrize("asked", [False, True])
def test_more_windows_than_are_tried_are_a_gap_where_somebody_asked(
    asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seed_pairs, "_MOST", 512)
    monkeypatch.setattr(seed_pairs, "_UNASKED", 512)
    other = point_of("Ed25519", pair(2)[32:], "other")
    assert other is not None
    known = KnownKeys(points=(other,)) if asked else KnownKeys()
    data = CORE + b"".join(noise(128, seed) + bytes(64) for seed in range(200))
    findings = SeedPairs().find(Image("core", data), known)
    assert len(findings.gaps) == asked


def test_a_long_stretch_that_looks_random_is_passed_over_where_nobody_asked() -> None:
    """It is compressed, or a table: keys.md says so."""
    findings = find(noise(1 << 16, 5) + pair(1))
    assert (list(findings), findings.gaps) == ([], [])
