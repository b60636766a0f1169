"""What elimination solves: found where the changes add up, and nowhere else."""

from __future__ import annotations

import hashlib
import random

from redactfuzz.scan.compare.dependence import Dependence, Relation, Stretch
from redactfuzz.scan.compare.linear import Change, Together, rank, solved

BITS, SIZE = 128, 20
BEFORE = Dependence(Relation.DIGEST, (Stretch(0, SIZE, Relation.DIGEST),), positions=BITS)


def _parities(secret: int, rows: int = 8 * SIZE) -> bytes:
    masks = random.Random(7)
    bits = sum(((secret & masks.getrandbits(BITS)).bit_count() & 1) << at for at in range(rows))
    return bits.to_bytes(SIZE, "little")


def _digest(secret: int) -> bytes:
    return hashlib.sha1(secret.to_bytes(BITS // 8, "little")).digest()


def _asked(kept: object) -> Dependence:
    assert callable(kept)
    secret = random.Random(1).getrandbits(BITS)

    def did(change: int) -> Change:
        pairs = zip(kept(secret), kept(secret ^ change), strict=True)
        return {at: one ^ other for at, (one, other) in enumerate(pairs) if one != other}

    alone = [did(1 << index) for index in range(BITS)]
    groups = [frozenset(range(0, BITS, step)) for step in (2, 3, 5)]
    together = [Together(some, did(sum(1 << index for index in some))) for some in groups]
    return solved(BEFORE, alone, together, BITS)


def test_parities_tell_as_many_bits_as_they_are_independent() -> None:
    told = _asked(_parities)
    assert told.kind is Relation.ENCODING
    assert told.bits == BITS
    assert [(one.start, one.end) for one in told.stretches] == [(0, SIZE)]


def test_a_digest_adds_up_nowhere() -> None:
    assert _asked(_digest) is BEFORE


def test_a_checksum_that_leaves_half_of_the_secret_open_is_no_encoding() -> None:
    assert _asked(lambda secret: _parities(secret, BITS // 2)) is BEFORE


def test_the_rank_counts_what_is_no_sum_of_the_others() -> None:
    assert rank([{0: 1}, {0: 2}, {0: 3}, {1: 1}], {0, 1}) == 3
    assert rank([{0: 1}, {1: 1}], {1}) == 1


def test_a_sample_of_changes_stands_for_all_of_them_as_far_as_there_is_room() -> None:
    alone = [{index // 8: 1 << index % 8} for index in range(30)] + [{0: 3}, {1: 3}]  # two are sums of others
    together = [Together(frozenset({0, 1}), {0: 3})]
    assert solved(BEFORE, alone, together, 60) is BEFORE  # 30 bits is all the room that there is
    wide = [*alone[:30], {7: 255, 8: 255}, {9: 255, 10: 255}]
    assert solved(BEFORE, wide, together, 60).bits == 60
