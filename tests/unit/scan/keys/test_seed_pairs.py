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


def find(data: bytes) -> Findings:
    return SeedPairs().find(Image("memory", b"MDMP" + bytes(12) + data), KnownKeys())


def test_other_files_are_not_looked_through_unless_somebody_asks_for_keys() -> None:
    data = bytes(40) + pair(1) + bytes(40)
    assert list(SeedPairs().find(Image("file", data), KnownKeys())) == []
    other = point_of("Ed25519", pair(2)[32:], "other")
    assert other is not None
    assert len(list(SeedPairs().find(Image("file", data), KnownKeys(points=(other,))))) == 1
    met = KnownKeys(points=(attrs.evolve(other, asked=False),))
    assert list(SeedPairs().find(Image("file", data), met)) == []


@pytest.mark.parametrize("number", range(40))
def test_a_seed_is_found_by_the_public_key_behind_it(number: int) -> None:
    before = bytes(number) if number % 2 else noise(2 * number, 1000 + number)
    (found,) = find(before + pair(number) + bytes(40))
    assert found.what == "Ed25519 private key, seed and public key"
    assert found.severity is Severity.TOTAL
    assert [(where.offset, where.length) for where in found.where] == [(16 + len(before), 32)]


@pytest.mark.parametrize("number", range(40))
def test_what_is_not_its_public_key_is_none(number: int) -> None:
    secret, public = pair(number)[:32], pair(number)[32:]
    others = (pair(number + 100)[32:], noise(32, number), public[::-1], bytes([public[0] ^ 1]) + public[1:])
    for other in others:
        assert list(find(bytes(40) + secret + other + bytes(40))) == []
    assert list(find(bytes(40) + public + secret + bytes(40))) == []


def test_in_a_core_memory_is_aligned() -> None:
    for offset in range(64, 80):
        data = b"\x7fELF".ljust(offset, b"\0") + pair(1) + bytes(16)
        found = list(SeedPairs().find(Image("core", data), KnownKeys()))
        assert len(found) == (offset % 8 == 0)


def test_each_key_is_told_with_its_places_and_shows_nothing() -> None:
    data = bytes(64).join([pair(1), pair(2), pair(1), b""])
    found = list(find(data))
    assert [len(one.where) for one in found] == [2, 1]
    assert not any(pair(1)[at : at + 4].hex() in repr(found) for at in range(32))


def test_more_windows_than_are_tried_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seed_pairs, "_MOST", 512)
    findings = find(b"".join(noise(128, seed) + bytes(64) for seed in range(100)))
    assert [gap.harmless for gap in findings.gaps] == [False]


def test_a_long_stretch_that_looks_random_is_passed_over() -> None:
    """It is compressed, or a table."""
    findings = find(noise(1 << 16, 5) + pair(1))
    assert (list(findings), findings.gaps) == ([], [])
