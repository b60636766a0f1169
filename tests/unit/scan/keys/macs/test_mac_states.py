"""The inner and the outer state of HMAC by a message and its MAC, which Python's ``hmac`` made."""

from __future__ import annotations

import struct

import pytest
from mac_cases import BY_NAME, CORE, SHA256, jwt, known, line, noise, pair, states

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.macs import states as searched
from redactfuzz.scan.keys.macs.states import HmacStates

ORDERS = {False: "words of a little-endian machine", True: "big-endian bytes"}
COUNT = (1).to_bytes(8, "little")
"""What libraries keep behind a state: how many blocks led to it."""


def find(data: bytes, keys: KnownKeys) -> list[KeyFinding]:
    return list(HmacStates().find(Image("memory", data), keys))


def places(found: list[KeyFinding]) -> list[list[int]]:
    return [[where.offset for where in one.where] for one in found]


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("big", ORDERS)
@pytest.mark.parametrize("before", [b"", bytes(33), noise(101), CORE + bytes(4)])
@pytest.mark.parametrize("between", [b"", bytes(8), COUNT + noise(96, 4), COUNT + bytes(15_000)])
def test_states_are_found_by_a_mac_and_those_of_another_key_are_not(
    name: str, big: bool, before: bytes, between: bytes
) -> None:
    hash_, key = BY_NAME[name], noise(20)
    inner, outer = states(hash_, key, big=big)
    other = states(hash_, noise(20, 1), big=big)
    behind = COUNT + bytes(40)
    (found,) = find(before + inner + between + outer + behind, pair(hash_, key))
    assert found.what == f"HMAC states of macs.txt: line 1 ({name}), {ORDERS[big]}"
    assert (found.severity, {where.length for where in found.where}) == (Severity.TOTAL, {len(inner)})
    assert places([found]) == [[len(before), len(before + inner + between)]]
    (found,) = find(before + outer + between + inner + behind, pair(hash_, key))
    assert places([found]) == [[len(before + inner + between), len(before)]]
    for twin in (inner + between + other[1], other[0] + between + outer, inner + between + inner):
        assert find(before + twin + behind, pair(hash_, key)) == []


def test_the_states_of_another_hash_or_order_are_none() -> None:
    key = noise(32)
    for name in set(BY_NAME) - {"SHA-256"}:
        for big in ORDERS:
            assert find(b"".join(states(BY_NAME[name], key, big=big)), pair(SHA256, key)) == []
    (little, _), (_, big_outer) = states(SHA256, key), states(SHA256, key, big=True)
    assert find(little + big_outer, pair(SHA256, key)) == []


@pytest.mark.parametrize(
    ("between", "there"),
    [
        (noise(8, 1), True),
        (noise(12, 1), False),
        (bytes(4064), True),
        (bytes(4068), False),
        (noise(56, 1) + bytes(4000) + noise(8, 2), True),
        (noise(64, 1) + bytes(4000), False),
    ],
)
def test_without_a_count_they_lie_side_by_side_or_near_with_the_same_around_them(between: bytes, there: bool) -> None:
    """What is further apart is a limit that keys.md states."""
    key = noise(32)
    inner, outer = states(SHA256, key)
    for one, other in ((inner, outer), (outer, inner)):
        data = noise(8, 2) + one + between + other + bytes(64)
        assert bool(find(data, pair(SHA256, key))) is there


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("order", ["<Q", "<II", ">Q"])
def test_with_a_count_of_one_block_behind_both_they_lie_anywhere(name: str, order: str) -> None:
    """Of blocks (Nettle), bytes (NSS) or bits (OpenSSL), in words of 64 or 32 bits."""
    hash_, key = BY_NAME[name], noise(32)
    inner, outer = states(hash_, key)
    for count in (1, hash_.block, 8 * hash_.block):
        behind = struct.pack(order, *((count,) if "Q" in order else (0, count)))
        data = inner + behind + bytes(300_000) + noise(64, 2) + bytes(300_000) + outer + behind
        there = order != ">Q"  # of a machine of the other byte order: those are found in one structure alone
        assert len(find(data, pair(hash_, key))) == there
        other = inner + behind + bytes(300_000) + outer + struct.pack("<Q", count + 1)
        assert find(other, pair(hash_, key)) == []


def test_more_counted_windows_than_are_kept_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searched, "_COUNTED", 8)
    data = bytes(300).join(noise(32, seed) + COUNT for seed in range(12))
    assert len(HmacStates().find(Image("memory", data), pair(SHA256, noise(32))).gaps) == 1
    assert HmacStates().find(Image("memory", data[: 8 * 340]), pair(SHA256, noise(32))).gaps == []


def test_one_of_the_two_alone_is_none() -> None:
    key = noise(32)
    inner, outer = (bytes(64) + state + COUNT + bytes(64) + noise(64) + bytes(64) for state in states(SHA256, key))
    assert find(inner, pair(SHA256, key)) == []
    assert find(outer, pair(SHA256, key)) == []


def test_states_of_a_key_longer_than_a_block_are_found() -> None:
    key = noise(100)
    assert len(find(b"".join(states(SHA256, key)), pair(SHA256, key))) == 1


def test_many_copies_are_one_finding_and_of_several_pairs_of_one_key_too() -> None:
    key = noise(32)
    both = b"".join(one + COUNT for one in states(SHA256, key))
    (found,) = find(bytes(64).join([both] * 12), known(jwt(key), line(SHA256, key), jwt(key, "HS512")))
    assert found.what == "HMAC states of macs.txt: lines 1, 2 (SHA-256), words of a little-endian machine"
    assert len(found.where) + found.more == 24


def test_in_a_core_they_are_looked_at_where_memory_is_aligned() -> None:
    key = noise(32)
    for offset in range(64, 72):
        data = CORE.ljust(offset, b"\0") + b"".join(states(SHA256, key)) + bytes(16)
        assert len(find(data, pair(SHA256, key))) == (offset % 4 == 0)


def test_more_windows_than_are_tried_are_a_gap_and_states_that_lie_alone_are_found_before_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searched, "_MOST", 50_000)
    key = noise(32)
    both = bytes(64) + b"".join(states(SHA256, key)) + bytes(64)
    findings = HmacStates().find(Image("memory", noise(1 << 15) + both), pair(SHA256, key))
    assert [gap.harmless for gap in findings.gaps] == [False]
    assert len(list(findings)) == 1
    assert HmacStates().find(Image("memory", both), pair(SHA256, key)).gaps == []


def test_a_finding_shows_nothing_of_the_states_and_without_a_pair_nothing_is_looked_for() -> None:
    key = noise(32)
    both = states(SHA256, key)
    said = repr(find(b"".join(both), pair(SHA256, key)))
    assert "SHA-256" in said
    assert not any(one[at : at + 4].hex() in said for one in both for at in range(28))
    assert find(b"".join(both), KnownKeys()) == []
