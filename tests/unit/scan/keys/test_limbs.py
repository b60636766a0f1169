from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.canary.rsa_key import make_key
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys, Modulus, limbs
from redactfuzz.scan.keys.limbs import Limbs, chance
from redactfuzz.scan.matcher_set import MatcherSet

KEY = make_key(7, "tests", 1024, 0)
LOW = (1 << 64) - 1


def n0(prime: int) -> int:
    return -pow(prime, -1, 1 << 64) & LOW


def image(*words: int, seed: int = 1, name: str = "core") -> Image:
    data = random.Random(seed).randbytes(1 << 15)
    return Image(name, data + b"".join(struct.pack("<Q", word) + bytes(120) for word in words))


def find(one: Image) -> list[KeyFinding]:
    return list(Limbs().find(one, KnownKeys((Modulus(KEY.n, KEY.e, "signing"),))))


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ((KEY.p & LOW, KEY.q & LOW), "lowest 64 bits of both primes of signing (RSA-1024)"),
        ((n0(KEY.q), n0(KEY.p)), "Montgomery constants n0 of both primes of signing (RSA-1024)"),
        (
            (pow(KEY.p, -1, 1 << 64), pow(KEY.q, -1, 1 << 64)),
            "Montgomery constants n0 of both primes of signing (RSA-1024)",
        ),
    ],
)
def test_the_words_of_both_primes_are_found_and_neither_alone(words: tuple[int, int], what: str) -> None:
    (found,) = find(image(*words))
    assert found.what == what
    assert [where.offset for where in found.where] == [1 << 15, (1 << 15) + 128]
    assert not find(image(words[0]))
    assert not find(image(words[1]))


def test_words_alone_are_evidence_and_not_the_key() -> None:
    (found,) = find(image(KEY.p & LOW, KEY.q & LOW))
    assert found.severity is Severity.LOW
    assert "do not suffice to factor" in found.reason
    assert "10^" in found.reason


@pytest.mark.parametrize("offset", range(8))
def test_words_are_found_at_any_offset_save_in_a_core_where_memory_is_aligned(offset: int) -> None:
    words = bytes(offset) + struct.pack("<Q", KEY.p & LOW) + b"xyz" + struct.pack("<Q", KEY.q & LOW) + bytes(8)
    assert not find(Image("core", b"\x7fELF" + bytes(4) + words))
    assert find(Image("dump", b"MDMP" + bytes(4) + words))
    assert find(Image("memory", bytes(8) + words))


def test_what_is_public_is_no_finding() -> None:
    """The modulus, its n0, its inverse and 1, -1 lie in every process that verifies."""
    public = [KEY.n >> shift & LOW for shift in range(0, 1024, 64)]
    public += [pow(2, 2048, KEY.n) >> shift & LOW for shift in range(0, 1024, 64)]
    assert not find(image(*public, n0(KEY.n), pow(KEY.n, -1, 1 << 64), 1, LOW, KEY.e, 3, 5, 17))


def test_constant_memory_is_no_finding() -> None:
    assert not find(Image("core", bytes(1 << 16)))
    assert not find(Image("core", b"\xff" * (1 << 16)))
    assert not find(Image("core", struct.pack("<Q", KEY.p & LOW) * 4096))


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9])
def test_tiny_images_are_read(size: int) -> None:
    assert not find(Image("core", b"MDMPxxxxx"[:size]))


def test_pairs_are_found_when_the_list_of_candidates_is_too_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dense memory: words without a partner are left out, round after round."""
    monkeypatch.setattr(limbs, "_PAIRS", 4)
    monkeypatch.setattr(limbs, "_LARGEST_MAP", 14)
    monkeypatch.setattr(limbs, "_SMALLEST_MAP", 14)
    (found,) = find(image(KEY.p & LOW, KEY.q & LOW))
    assert [where.offset for where in found.where] == [1 << 15, (1 << 15) + 128]
    assert not find(image(KEY.p & LOW))


def test_more_pairs_than_there_is_room_for_are_found_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limbs, "_PAIRS", 4)
    words = struct.pack("<QQ", KEY.p & LOW, KEY.q & LOW) * 10
    findings = Limbs().find(Image("core", words), KnownKeys((Modulus(KEY.n, KEY.e, "signing"),)))
    assert [found.severity for found in findings] == [Severity.LOW]
    assert [gap.harmless for gap in findings.gaps] == [False]


def test_words_far_apart_and_at_unlike_offsets_are_found_in_a_dump(tmp_path: Path) -> None:
    """Further apart than a window that other detectors are given, and than a step of a pass."""
    low = struct.pack("<Q", KEY.p & LOW), struct.pack("<Q", KEY.q & LOW)
    path = tmp_path / "memory"
    with path.open("wb") as file:
        file.truncate(200 << 20)
        for offset, word in zip(((16 << 20) - 3, (190 << 20) + 2), low, strict=True):
            file.seek(offset)
            file.write(word)
    matcher_set = MatcherSet()
    matcher_set.plant((), [])
    known = KnownKeys((Modulus(KEY.n, KEY.e, "signing"),))
    (found,) = scan_dump(path, ScanRequest(matcher_set, known)).keys
    assert [where.offset for where in found.where] == [(16 << 20) - 3, (190 << 20) + 2]


def test_no_pair_is_met_by_chance_in_random_memory_for_20_moduli() -> None:
    data = Image("core", random.Random(3).randbytes(1 << 20))
    generator = random.Random(4)
    moduli = tuple(Modulus(generator.getrandbits(1024) | 1 << 1023 | 1, name=f"{index}") for index in range(20))
    assert not list(Limbs().find(data, KnownKeys(moduli)))


def test_the_stated_chance_is_that_of_uniform_words() -> None:
    """2^20 bytes hold 2^17 words, half of them odd: 2^31 pairs, two relations, 2^63 odd products."""
    assert chance(1 << 20) == pytest.approx(2**31 * 2 / 2**63)
