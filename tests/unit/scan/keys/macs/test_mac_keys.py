"""Keys of HMAC by a message and its MAC: as bytes, and as blocks with a pad. The MACs are made by Python's ``hmac``."""

from __future__ import annotations

import pytest
from mac_cases import BY_NAME, CORE, SHA256, jwt, known, line, noise, pair

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.macs import key_bytes, pads
from redactfuzz.scan.keys.macs.key_bytes import HmacKeys
from redactfuzz.scan.keys.macs.pads import HmacPads
from redactfuzz.scan.keys.macs.pair import MacPair

SIZES = [size for sizes in key_bytes.SIZES for size in sizes]


def find(data: bytes, keys: KnownKeys) -> list[KeyFinding]:
    return list(HmacKeys().find(Image("memory", data), keys))


def places(found: list[KeyFinding]) -> list[list[int]]:
    return [[where.offset for where in one.where] for one in found]


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("size", SIZES)
def test_a_key_is_found_by_a_mac_and_another_is_not(name: str, size: int) -> None:
    hash_, key = BY_NAME[name], noise(size, size)
    for before in (b"", bytes(33), noise(101), b"text and text, ", CORE):
        data = before + key + before
        (found,) = find(data, pair(hash_, key))
        assert found.what == f"HMAC key of macs.txt: line 1 ({name}), {size} bytes"
        assert (found.severity, places([found])) == (Severity.TOTAL, [[len(before)]])
        assert found.where[0].length == size
        assert find(data, pair(hash_, noise(size, size + 1))) == []
        changed = bytearray(data)
        changed[len(before) + size // 2] ^= 1
        assert find(bytes(changed), pair(hash_, key)) == []


def test_in_a_core_keys_are_looked_at_where_memory_is_aligned_and_wherever_they_lie_alone() -> None:
    key = noise(32)
    for offset in range(64, 80):
        alone = CORE.ljust(offset, b"\0") + key + bytes(32)
        assert places(find(alone, pair(SHA256, key))) == [[offset]]
        among = CORE + noise(400, 1)[: 192 + offset] + key + noise(400, 2)
        assert len(find(among, pair(SHA256, key))) == (offset % 4 == 0)


@pytest.mark.parametrize("size", SIZES)
def test_hardly_any_key_is_lost_among_zeros(size: int) -> None:
    """At any offset in raw memory, and aligned in a core."""
    lost = 0
    for trial in range(100):
        key = noise(size, trial)
        for data in (bytes(trial % 16) + key + bytes(40), CORE + bytes(4 * (trial % 8)) + key + bytes(40)):
            lost += not find(data, pair(SHA256, key))
    assert lost <= 2


def test_a_key_with_zeros_behind_it_is_one_key() -> None:
    key = noise(16)
    (found,) = find(bytes(32) + key + bytes(64), pair(SHA256, key))
    assert (found.what.endswith("16 bytes"), places([found])) == (True, [[32]])


def test_of_several_pairs_of_one_key_there_is_one_finding_that_names_them() -> None:
    key, other = noise(64), noise(64, 1)
    lines = [jwt(other), jwt(key), "", jwt(key, "HS512"), line(SHA256, key), jwt(other, subject="else")]
    found = find(bytes(16) + key + bytes(48) + key, known(*lines))
    assert [one.what for one in found] == ["HMAC key of macs.txt: lines 2, 4, 5 (SHA-256, SHA-512), 64 bytes"]
    assert places(found) == [[16, 128]]
    assert found[0].identity == known(*lines).macs[1].identity


def test_several_keys_are_told_apart() -> None:
    keys = [noise(32, seed) for seed in range(8)]
    found = find(bytes(32).join(keys), known(*map(jwt, keys)))
    assert [one.what.split(" (")[0] for one in found] == [f"HMAC key of macs.txt: line {at}" for at in range(1, 9)]
    assert len({one.identity for one in found}) == 8


def test_text_code_and_constants_cost_no_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_bytes, "_MOST", 1)
    text = b"".join(b"the quick brown fox %d jumps over the lazy dog; " % number for number in range(2000))
    for data in (text, bytes(100_000), b"\xff" * 100_000, bytes(range(16)) * 5000):
        findings = HmacKeys().find(Image("memory", data), pair(SHA256, noise(32)))
        assert (list(findings), findings.gaps) == ([], [])


def test_more_windows_than_are_tried_are_a_gap_and_a_key_that_lies_alone_is_found_before_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_bytes, "_MOST", 20_000)
    key = noise(32, 1)
    findings = HmacKeys().find(Image("memory", noise(1 << 16) + bytes(64) + key + bytes(64)), pair(SHA256, key))
    assert [gap.harmless for gap in findings.gaps] == [False]
    assert places(list(findings)) == [[(1 << 16) + 64]]


def test_without_a_pair_nothing_is_looked_for() -> None:
    for detector in (HmacKeys(), HmacPads()):
        assert list(detector.find(Image("memory", noise(4096)), KnownKeys())) == []


def block(key: bytes, size: int, pad: int) -> bytes:
    return bytes(byte ^ pad for byte in key.ljust(size, b"\0"))


def find_pads(data: bytes, keys: KnownKeys) -> Findings:
    return HmacPads().find(Image("memory", data), keys)


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize(("side", "pad"), [("inner", 0x36), ("outer", 0x5C)])
@pytest.mark.parametrize("size", [3, 20, 32, 56])
def test_a_key_with_a_pad_is_found_and_another_is_not(name: str, side: str, pad: int, size: int) -> None:
    hash_, key = BY_NAME[name], noise(size, size)
    for before in (b"", bytes(33), noise(301), b"66666666"):
        held = before + block(key, hash_.block, pad)
        (found,) = find_pads(held + bytes(30), pair(hash_, key))
        assert found.what == f"HMAC key of macs.txt: line 1 ({name}), XORed with the {side} pad"
        assert [(where.offset, where.length) for where in found.where] == [(len(before), hash_.block)]
        assert list(find_pads(held + bytes(30), pair(hash_, noise(size, 1)))) == []
        assert list(find_pads(before + block(key, hash_.block, 0x35) + bytes(30), pair(hash_, key))) == []


def test_more_pads_than_are_tried_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pads, "_MOST", 8 * 80)
    data = b"".join(b"%d" % number + b"\\" * 20 for number in range(40))
    assert len(find_pads(data, pair(SHA256, noise(32))).gaps) == 1
    assert find_pads(data[:100], pair(SHA256, noise(32))).gaps == []


def test_a_block_of_a_pad_that_comes_again_is_not_hashed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of a Windows machine is full of backslashes, which are the outer pad."""
    asked: list[bytes] = []
    real = MacPair.of_key
    monkeypatch.setattr(MacPair, "of_key", lambda self, key: asked.append(key) or real(self, key))
    row = rb"""{"msg":"C:\\\\\\\\windows\\\\\\\\system32"}""" + b"\n"
    key = noise(32)
    assert list(find_pads(1000 * row + block(key, 64, 0x5C) + bytes(30), pair(SHA256, key)))
    assert 1 <= len(asked) == len(set(asked)) < 20


def test_a_finding_shows_nothing_of_the_key() -> None:
    key = noise(32)
    keys = pair(SHA256, key)
    said = repr(find(key, keys)) + repr(list(find_pads(block(key, 64, 0x36), keys))) + repr(keys)
    assert len(find(key, keys)) == 1
    assert not any(key[at : at + 4].hex() in said for at in range(28))
